"""What a change makes of a registration: about values only, without a database.

Files are judged by the same rules, said in SQL: see also transfer.kinds.registrations
and transfer.kinds.grades, which a test holds to what is said here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from config.errors import StaleVersion
from config.unset import UNSET, Unset
from offerings.models.catalogue import FINAL
from registrations import grading
from registrations.changes import Change, GradeChange, Writer
from registrations.errors import (
    NoDefaultState,
    NoPercentage,
    NothingToComplete,
    NothingToPublish,
    NotTheirs,
    ReasonRequired,
    TermClosed,
    UnknownGrade,
    UnknownGradeState,
    UnknownState,
    WrongStatus,
    shown,
)
from registrations.models import Outcome
from registrations.rows import (
    NO_GRADE,
    ColumnRow,
    GradeRow,
    GradeStateRow,
    Row,
    State,
    UnitRow,
)


class Circumstances(Struct, frozen=True):
    """What a decision rests on, besides the registration and the change."""

    unit: UnitRow
    grade_states: Mapping[str, GradeStateRow]
    writer: Writer
    moment: datetime


def decide(row: Row, change: Change, around: Circumstances) -> Row:
    """Return the registration as the change makes it, or raise the refusal.

    The same row comes back where nothing changes.
    """
    _check_expectations(row, change)
    check_writer(row, around.writer)
    decided = _stated(row, change)
    if change.touches_grades:
        decided = _graded(decided, change, around)
        _check_window(row, around.writer)
    if change.touches_grades or change.registration_state is not UNSET:
        decided = _settled(decided, around.moment)
    if decided == row:
        return row
    return replace(decided, version=row.version + 1, updated_at=around.moment)


# --- What has to hold ---------------------------------------------------------


def _check_expectations(row: Row, change: Change) -> None:
    expected, only_from = change.expected_versions, change.only_from
    if expected is not None and row.version not in expected:
        raise StaleVersion(
            f"The registration is at version {row.version}, not at the one that was "
            "named; read it again."
        )
    if only_from is not None and row.status not in only_from:
        raise WrongStatus(
            f"This cannot be done to a registration that is {row.status}.",
            field="status",
        )


def check_writer(row: Row, writer: Writer) -> None:
    if writer.lecturer_id is None:
        return
    if row.offering is None or row.offering.lecturer_id != writer.lecturer_id:
        raise NotTheirs("The registration is of no offering of this lecturer's.")


def _check_window(row: Row, writer: Writer) -> None:
    if row.offering is None or not row.offering.is_closed:
        return
    if not writer.may_grade_late:
        raise TermClosed
    if not writer.reason:
        raise ReasonRequired(
            "The term is closed for grades: a late change needs a reason."
        )


# --- State and notes ----------------------------------------------------------


def _stated(row: Row, change: Change) -> Row:
    given = {
        "state": _state(change),
        "notes": change.grade_notes,
        "feedback": change.grade_feedback,
    }
    return replace(row, **{name: it for name, it in given.items() if it is not UNSET})


def _state(change: Change) -> State | Unset:
    if change.registration_state is UNSET:
        return UNSET
    if change.registration_state not in State.values:
        raise UnknownState(
            f"registration_state must be one of {', '.join(State.values)}.",
            field="registration_state",
        )
    return State(change.registration_state)


def _settled(row: Row, moment: datetime) -> Row:
    """Date what has ended, when it first did; undate what has not."""
    ejected_at = (row.ejected_at or moment) if row.state == State.REJECTED else None
    ended_at = (row.ended_at or moment) if row.is_finished else None
    return replace(row, ejected_at=ejected_at, ended_at=ended_at)


# --- Grades, outcome and award ------------------------------------------------


def _graded(row: Row, change: Change, around: Circumstances) -> Row:
    graded = replace(row, grades=_grades(row, change, around.unit))
    grade_state = _grade_state(graded, change, around)
    outcome = around.grade_states[grade_state].outcome if grade_state else None
    return replace(
        graded,
        grade_state=grade_state,
        outcome=outcome,
        awarded=_awarded(row, change, grade_state),
        grader_id=_grader(row, graded, change, grade_state, around),
    )


def _grades(row: Row, change: Change, unit: UnitRow) -> dict[str, GradeRow]:
    grades = dict(row.grades)
    for column, given, field in _entries(change, unit):
        before = grades.get(column.id, NO_GRADE)
        after = _entered(before, given, column, field)
        if after != before:
            grades[column.id] = after
    return grades


def _entries(
    change: Change, unit: UnitRow
) -> Iterator[tuple[ColumnRow, GradeChange, str]]:
    """Yield each grade with its column, and the path that errors name it by."""
    for position, given in enumerate(change.grades):
        yield _column(unit, given.name, position), given, f"grades[{position}]."
    if change.percentage is not UNSET:
        final = _final(unit)
        value = grading.from_percentage(change.percentage, final)
        yield final, GradeChange(FINAL, value), ""


def _column(unit: UnitRow, name: str, position: int) -> ColumnRow:
    column = unit.column(name)
    if column is None:
        raise UnknownGrade(
            f"The unit has no grade named {shown(name)}.",
            field=f"grades[{position}].name",
        )
    return column


def _final(unit: UnitRow) -> ColumnRow:
    if unit.final is None:
        raise NoPercentage("The unit has no final grade.", field="percentage")
    return unit.final


def _entered(
    grade: GradeRow, given: GradeChange, column: ColumnRow, field: str
) -> GradeRow:
    value = _value(grade.value, given.value, column, f"{field}value")
    resit = _value(grade.resit_value, given.resit_value, column, f"{field}resit_value")
    published = grade.published and value is not None
    if given.published is not UNSET:
        published = given.published
    if published and value is None:
        raise NothingToPublish(field=f"{field}published")
    return GradeRow(
        value=value,
        published=published,
        comment=_given(given.comment, grade.comment),
        resit_value=resit,
        resit_justification=_given(
            given.resit_justification, grade.resit_justification
        ),
    )


def _value(before: str | None, given: Any, column: ColumnRow, field: str) -> str | None:
    if given is UNSET:
        return before
    return None if given is None else grading.read_value(given, column, field)


def _given(given: Any, before: Any) -> Any:
    return before if given is UNSET else given


def _grade_state(row: Row, change: Change, around: Circumstances) -> str | None:
    if change.completes or change.percentage is not UNSET:
        return _default_state(_outcome(row, around.unit), around.grade_states)
    name = _given(change.grade_state_name, row.grade_state)
    if name is not None and name not in around.grade_states:
        raise UnknownGradeState(
            f"There is no grade state named {shown(name)}.", field="grade_state_name"
        )
    return name


def _outcome(row: Row, unit: UnitRow) -> Outcome:
    """Apply the passing grade to the final grade of record."""
    final = _final(unit)
    value = row.grade(final).of_record
    if value is None:
        raise NothingToComplete("There is no final grade yet.", field="status")
    return grading.outcome_of(value, final, row.passing_grade(unit))


def _default_state(outcome: Outcome, grade_states: Mapping[str, GradeStateRow]) -> str:
    for state in grade_states.values():
        if state.is_default and state.outcome == outcome:
            return state.name
    raise NoDefaultState(f"No grade state is marked as the default of {outcome}.")


def _awarded(row: Row, change: Change, grade_state: str | None) -> bool | None:
    """What is set in the same change holds; a changed state returns to the rule."""
    if change.awarded is not UNSET:
        return change.awarded
    return row.awarded if grade_state == row.grade_state else None


def _grader(
    row: Row,
    graded: Row,
    change: Change,
    grade_state: str | None,
    around: Circumstances,
) -> str | None:
    """Who gave the final grade of record, or the outcome, last."""
    final = around.unit.final
    is_given = (
        change.percentage is not UNSET
        or change.completes
        or grade_state != row.grade_state
        or graded.grade(final).of_record != row.grade(final).of_record
    )
    return around.writer.grader_id if is_given else row.grader_id
