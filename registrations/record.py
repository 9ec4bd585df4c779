"""The record as rows: how it is locked, read and written, in one statement each.

Many values go in as one parameter (an array's text, or JSON) and come out as one
column of JSON, at a fraction of what adapting thousands of values costs.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from msgspec import Struct

from config.history import attached_by_hand
from config.prepared import fetch_all, write_all
from registrations.changes import Target
from registrations.rows import (
    GradeRow,
    GradeStateRow,
    OfferingRow,
    Row,
    State,
    UnitRow,
)
from registrations.statements import (
    BEGIN_ATTEMPT,
    CHECK_AT_ONCE,
    KEEP_OFFERINGS,
    LOCK,
    OPENINGS,
    READ,
    UNDO_ATTEMPT,
    WRITE,
    WRITE_NEW,
)
from students.models import Viewer


class MadeMeanwhile(Exception):
    """Somebody else made one of the registrations in question first."""


class Attempt(Struct, frozen=True, array_like=True):
    """What tells one registration from others of the profile and unit."""

    profile_id: str
    unit_id: str
    course_id: str
    intake_id: str | None
    attempt: int


class StoredRow(Struct, frozen=True, array_like=True):
    """A registration as its table holds it."""

    id: str
    profile_id: str
    unit_id: str
    course_id: str
    intake_id: str | None
    attempt: int
    offering_id: str | None
    state: State
    grade_state_id: str | None
    awarded: bool | None
    notes: str
    feedback: str
    grader_id: str | None
    began_at: datetime | None
    last_active_at: datetime | None
    ended_at: datetime | None
    ejected_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class StoredGrade(Struct, frozen=True, array_like=True):
    registration_id: str
    column_id: str
    value: str | None
    published: bool
    comment: str | None
    resit_value: str | None
    resit_justification: str | None


class Stored(Struct, frozen=True):
    """The registrations that were asked for, and what is known around them."""

    registrations: list[StoredRow]
    grades: list[StoredGrade]
    others: list[Attempt]  # not asked for, of the same profiles and units
    offerings: list[OfferingRow]
    units: list[UnitRow]
    grade_states: list[GradeStateRow]
    intakes: dict[str, str]  # of the contexts: intake to course
    courses: list[str]  # of the contexts


class Record(Struct, frozen=True):
    """Registrations as rows, and what is known around them."""

    registrations: list[Row]
    units: list[UnitRow]
    grade_states: list[GradeStateRow]
    intakes: dict[str, str]
    courses: list[str]


class OwnIntake(Struct, frozen=True):
    profile_id: str
    intake_id: str
    course_id: str


class Taught(Struct, frozen=True):
    unit_id: str
    intake_id: str
    offering: OfferingRow


class Openings(Struct, frozen=True):
    """Where new registrations can go."""

    own: list[OwnIntake] = []
    only_offerings: list[Taught] = []  # of the units and intakes that have just one


STORED = msgspec.json.Decoder(Stored)
OPENED = msgspec.json.Decoder(Openings)


def has_unit(unit_id: str) -> bool:
    return bool(fetch_all("SELECT 1 FROM offerings_unit WHERE id = %s", [unit_id]))


# --- Reading ------------------------------------------------------------------


def read(ids: Iterable[str], viewer: Viewer) -> Record:
    """Read registrations, as far as they exist for the viewer, in no order.

    A grader who does not is left out.
    """
    names_graders = viewer.sees_held
    return _record(_read({"ids": _array(ids)}, viewer, names_graders=names_graders))


def read_locked(targets: Sequence[Target], viewer: Viewer) -> Record:
    """Lock what the targets may mean, in the order of the ids, then read it.

    Two statements, so that the grades are read as the lock's former holder left
    them. Raises MadeMeanwhile for what came into being between the two.
    """
    pairs = {
        (target.profile_id or "", target.unit_id or "")
        for target in targets
        if target.registration_id is None
    }
    locked = _lock(targets, pairs, viewer)
    named = [target.unit_id for target in targets if target.unit_id]
    stored = _read(
        {
            "ids": _array(id for id, _, _ in locked),
            "profiles": _array(
                {profile_id for _, profile_id, _ in locked} | {p for p, _ in pairs}
            ),
            "units": _array({*named, *(unit_id for _, _, unit_id in locked)}),
            "contexts": _array({t.context_id for t in targets if t.context_id}),
        },
        viewer,
        names_graders=True,
    )
    if any((other.profile_id, other.unit_id) in pairs for other in stored.others):
        raise MadeMeanwhile
    return _record(stored)


def read_openings(targets: Iterable[Target]) -> Openings:
    """Read what registrations of these profiles, units and contexts need.

    The offerings that they may take stay where they are; see also
    offerings.operations.keep_in_place.
    """
    parameters = {
        "profiles": _array({t.profile_id for t in targets if t.profile_id}),
        "units": _array({t.unit_id for t in targets if t.unit_id}),
        "contexts": _array({t.context_id for t in targets if t.context_id}),
    }
    fetch_all(KEEP_OFFERINGS, parameters)
    ((openings,),) = fetch_all(OPENINGS, parameters)
    return OPENED.decode(openings)


def _lock(
    targets: Iterable[Target], pairs: Iterable[tuple[str, str]], viewer: Viewer
) -> list[tuple[str, str, str]]:
    """Return the id, profile and unit of each registration that is locked."""
    pairs = [*pairs]
    parameters: dict[str, Any] = {
        "ids": _array(t.registration_id for t in targets if t.registration_id),
        "pair_profiles": _array(profile_id for profile_id, _ in pairs),
        "pair_units": _array(unit_id for _, unit_id in pairs),
        "sees_held": viewer.sees_held,
    }
    return fetch_all(LOCK, parameters)


def _read(
    parameters: Mapping[str, str], viewer: Viewer, *, names_graders: bool
) -> Stored:
    nothing = dict.fromkeys(("profiles", "units", "contexts"), "{}")
    sees = {"sees_held": viewer.sees_held, "names_graders": names_graders}
    ((stored,),) = fetch_all(READ, {**nothing, **parameters, **sees})
    return STORED.decode(stored)


def _record(stored: Stored) -> Record:
    return Record(
        registrations=_rows(stored),
        units=stored.units,
        grade_states=stored.grade_states,
        intakes=stored.intakes,
        courses=stored.courses,
    )


def _rows(stored: Stored) -> list[Row]:
    grades: dict[str, dict[str, GradeRow]] = {}
    for grade in stored.grades:
        grades.setdefault(grade.registration_id, {})[grade.column_id] = GradeRow(
            value=grade.value,
            published=grade.published,
            comment=grade.comment,
            resit_value=grade.resit_value,
            resit_justification=grade.resit_justification,
        )
    offerings = {offering.id: offering for offering in stored.offerings}
    outcomes = {state.name: state.outcome for state in stored.grade_states}
    latest = _latest([*stored.registrations, *stored.others])
    return [
        Row(
            id=row.id,
            profile_id=row.profile_id,
            unit_id=row.unit_id,
            course_id=row.course_id,
            intake_id=row.intake_id,
            attempt=row.attempt,
            is_latest=row.attempt == latest[_place(row)],
            offering=offerings[row.offering_id] if row.offering_id else None,
            state=row.state,
            grade_state=row.grade_state_id,
            outcome=outcomes[row.grade_state_id] if row.grade_state_id else None,
            awarded=row.awarded,
            notes=row.notes,
            feedback=row.feedback,
            grader_id=row.grader_id,
            began_at=row.began_at,
            last_active_at=row.last_active_at,
            ended_at=row.ended_at,
            ejected_at=row.ejected_at,
            version=row.version,
            created_at=row.created_at,
            updated_at=row.updated_at,
            grades=grades.get(row.id, {}),
        )
        for row in stored.registrations
    ]


def _latest(attempts: Iterable[Attempt | StoredRow]) -> dict[tuple, int]:
    latest: dict[tuple, int] = {}
    for row in attempts:
        place = _place(row)
        if row.attempt > latest.get(place, 0):
            latest[place] = row.attempt
    return latest


def _place(row: Attempt | StoredRow) -> tuple[str, str, str, str | None]:
    return row.profile_id, row.unit_id, row.course_id, row.intake_id


# --- Writing ------------------------------------------------------------------


def begin_attempt() -> None:
    """Begin what `undo_attempt` undoes. Keys that went meanwhile are found at once."""
    _execute(BEGIN_ATTEMPT)


def undo_attempt() -> None:
    _execute(UNDO_ATTEMPT)


def check_at_once() -> None:
    """Have keys that went meanwhile found by `write`, and not at the commit."""
    _execute(CHECK_AT_ONCE)


def _execute(statement: str) -> None:
    # Nothing that a history would be kept of.
    with attached_by_hand(), connection.cursor() as cursor:
        cursor.execute(statement)


def write(
    rows: Sequence[Row],
    grades: Iterable[tuple[Row, str, GradeRow]],
    *,
    new: Collection[str],
) -> None:
    """Store rows, those whose ids are `new` for the first time, and grades.

    Raises MadeMeanwhile where one of the new ones was made by somebody else: its
    grades must not stay either, so roll back and begin again. Raises IntegrityError
    for what a constraint refuses, foreign keys included.
    """
    parameters = {
        "rows": _json([_columns(row) for row in rows if row.id not in new]),
        "grades": _json([_grade_columns(*grade) for grade in grades]),
    }
    if not new:
        write_all(WRITE, parameters)
        return
    parameters["new"] = _json([_columns(row) for row in rows if row.id in new])
    ((made,),) = write_all(WRITE_NEW, parameters)
    if made < len(new):
        raise MadeMeanwhile


def _columns(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "profile_id": row.profile_id,
        "unit_id": row.unit_id,
        "course_id": row.course_id,
        "intake_id": row.intake_id,
        "attempt": row.attempt,
        "offering_id": row.offering.id if row.offering else None,
        "state": row.state,
        "grade_state_id": row.grade_state,
        "awarded": row.awarded,
        "notes": row.notes,
        "feedback": row.feedback,
        "grader_id": row.grader_id,
        "ended_at": row.ended_at,
        "ejected_at": row.ejected_at,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _grade_columns(row: Row, column_id: str, grade: GradeRow) -> dict[str, Any]:
    return {
        "registration_id": row.id,
        "column_id": column_id,
        "value": grade.value,
        "published": grade.published,
        "comment": grade.comment,
        "resit_value": grade.resit_value,
        "resit_justification": grade.resit_justification,
        "updated_at": row.updated_at,
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _array(texts: Iterable[str]) -> str:
    """Return the text of a PostgreSQL array."""
    return "{" + ",".join(map(_quoted, texts)) + "}"


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
