"""Registrations as course delivery reads them. What has no value is left out."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from access.callers import Caller
from config.rest.fields import timestamp
from registrations import record
from registrations.grading import percentage
from registrations.rows import Row, Status, UnitRow


def shown_by_id(ids: Iterable[str], caller: Caller) -> dict[str, tuple[Row, UnitRow]]:
    """Read these registrations, as far as this interface shows them to the caller.

    A conditional one is not shown until it is registered.
    """
    ids = [*ids]
    if not ids:
        return {}
    found = record.read(ids, caller)
    units = {unit.id: unit for unit in found.units}
    return {
        row.id: (row, units[row.unit_id])
        for row in found.registrations
        if row.status != Status.CONDITIONAL
    }


def shown(row: Row, unit: UnitRow) -> dict[str, Any]:
    """Return one registration as JSON."""
    values = {
        "id": row.id,
        "userId": row.profile_id,
        "offeringId": row.offering.id if row.offering else None,
        "title": row.offering.title if row.offering else None,
        "status": row.status,
        **({} if row.status == Status.ACTIVE else _ended(row, unit)),
        "createdDate": timestamp(row.created_at),
        "beginDate": timestamp(row.began_at),
        "lastActiveDate": timestamp(row.last_active_at),
    }
    return {name: value for name, value in values.items() if value is not None}


def _ended(row: Row, unit: UnitRow) -> dict[str, Any]:
    final = unit.final
    grade = row.grade(final)
    return {
        "grade": _number(percentage(grade.of_record, final)) if final else None,
        "graderId": row.grader_id,
        "graderComment": grade.comment,
        "endDate": timestamp(row.ended_at),
    }


def _number(percent: Decimal | None) -> float | int | None:
    if percent is None:
        return None
    is_whole = percent == percent.to_integral_value()
    return int(percent) if is_whole else float(percent)
