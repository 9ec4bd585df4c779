"""Offerings as JSON, from rows. The odd casing of `Code` is as published."""

from collections.abc import Iterable, Iterator
from typing import Any

from access.callers import Caller
from config.rest.fields import timestamp
from offerings.errors import OfferingNotFound
from offerings.models import UnitOffering

Row = dict[str, Any]

COLUMNS = (
    "id",
    "code",
    "unit_version_id",
    "course_intake_id",
    "lecturer_id",
    "semester_id",
    "personalized_outline",
    "student_groupings_enabled",
    "created_at",
    "updated_at",
)
DETAILS = (
    "lecturer__first_name",
    "lecturer__last_name",
    "semester__name",
    "semester__starts_on",
    "semester__ends_on",
    "unit_version__title",
    "unit_version__version_number",
    "course_intake__name",
    "course_intake__course__name",
)


def detailed_row(offering_id: str, caller: Caller) -> Row:
    """All that a look at one offering shows, and its version.

    Raises OfferingNotFound.
    """
    offerings = UnitOffering.objects.filter(pk=offering_id)
    row = offerings.values(*COLUMNS, *DETAILS, "version").first()
    if row is None:
        raise OfferingNotFound
    return next(with_counts([row], caller))


def with_counts(rows: Iterable[Row], caller: Caller) -> Iterator[Row]:
    """Put on each row of a page how many students are on the offering."""
    rows = [*rows]
    offerings = UnitOffering.objects.filter(pk__in=[row["id"] for row in rows])
    counted = offerings.with_students_count(caller)
    counts = dict(counted.values_list("pk", "students_count"))
    # One that was deleted since the page was read has none.
    return ({**row, "students_count": counts.get(row["id"], 0)} for row in rows)


def whole(row: Row) -> dict[str, Any]:
    """The object as lists and writes show it."""
    return {
        "id": row["id"],
        "Code": row["code"],
        "unitVersionId": row["unit_version_id"],
        "courseIntakeId": row["course_intake_id"],
        "lecturerId": row["lecturer_id"],
        "semesterId": row["semester_id"],
        "personalizedOutline": row["personalized_outline"],
        "studentGroupingsEnabled": row["student_groupings_enabled"],
        "createdAt": timestamp(row["created_at"]),
        "updatedAt": timestamp(row["updated_at"]),
        "studentsCount": row["students_count"],
    }


def found(row: Row) -> dict[str, Any]:
    """The answer to a look at one offering: the object and what it points to."""
    return {
        "message": "Unit offering found successfully",
        "offering": {**whole(row), **_related(row)},
    }


def _related(row: Row) -> dict[str, Any]:
    return {
        "lecturer": {
            "user": {
                "firstname": row["lecturer__first_name"],
                "lastname": row["lecturer__last_name"],
            }
        },
        "semester": {
            "name": row["semester__name"],
            "startDate": row["semester__starts_on"].isoformat(),
            "endDate": row["semester__ends_on"].isoformat(),
        },
        "unitVersion": {
            "title": row["unit_version__title"],
            "versionNumber": row["unit_version__version_number"],
        },
        "courseIntake": {
            "name": row["course_intake__name"],
            "course": {"name": row["course_intake__course__name"]},
        },
    }
