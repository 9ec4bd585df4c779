"""Registrations as JSON, from rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from config.rest.fields import timestamp, unix_seconds
from registrations import record
from registrations.api.profile_registrations.errors import PROFILE_REGISTRATIONS
from registrations.changes import Result
from registrations.history import Entry
from registrations.rows import ColumnRow, GradeRow, Row, UnitRow
from students.models import Viewer


def registration(row: Row, unit: UnitRow) -> dict[str, Any]:
    """The object as every call shows it, in the published order."""
    final = row.grade(unit.final)
    return {
        "id": row.id,
        "unit_id": row.unit_id,
        "course_id": row.context_id,  # a legacy name
        "transcript_subject_id": row.context_id,
        "profile_id": row.profile_id,
        "registration_state": row.state,
        "state_name": row.grade_state,
        "grade_state_name": row.grade_state,
        "awarded": row.is_awarded,
        "published": final.published and final.value is not None,
        "grade_notes": row.notes,
        "grade_feedback": row.feedback,
        "grades": [_grade(column, row.grade(column)) for column in unit.columns],
        "created_at": unix_seconds(row.created_at),
        "updated_at": unix_seconds(row.updated_at),
    }


def with_course(shown: dict[str, Any], unit: UnitRow) -> dict[str, Any]:
    course = unit.course
    return {
        **shown,
        "course": {"id": course.id, "code": course.code, "name": course.name},
    }


def _grade(column: ColumnRow, grade: GradeRow) -> dict[str, Any]:
    return {
        "id": column.id,
        "label": column.label,
        "name": column.name,
        "value": grade.value,
        "published": grade.published,
        "comment": grade.comment,
        "resit_value": grade.resit_value,
        "resit_justification": grade.resit_justification,
    }


def outcomes(results: Iterable[Result]) -> list[dict[str, Any]]:
    """What came of each item, in the order of the request."""
    return [_outcome(result) for result in results]


def _outcome(result: Result) -> dict[str, Any]:
    if result.registration and result.unit:
        return {"status": 200, "json": registration(result.registration, result.unit)}
    assert result.error is not None
    return PROFILE_REGISTRATIONS.item(result.error)


def listed(
    ids: Sequence[str], viewer: Viewer, *, courses: bool = False
) -> list[dict[str, Any]]:
    """Read these registrations and show them in this order."""
    if not ids:
        return []
    found = record.read(ids, viewer)
    units = {unit.id: unit for unit in found.units}
    rows = {row.id: row for row in found.registrations}
    return [
        _listed(rows[id], units[rows[id].unit_id], courses) for id in ids if id in rows
    ]


def _listed(row: Row, unit: UnitRow, courses: bool) -> dict[str, Any]:
    shown = registration(row, unit)
    return with_course(shown, unit) if courses else shown


def entry(entry: Entry) -> dict[str, Any]:
    """One write in the history of a registration."""
    told = ("actor", "door", "request_id", "task_id", "reason")
    return {
        "at": timestamp(entry.at),
        **{name: entry.context.get(name) for name in told},
        "changes": entry.changes,
    }
