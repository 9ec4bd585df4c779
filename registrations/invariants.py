"""What must hold of registrations and grades."""

from collections.abc import Iterator

from django.db import connection

from config.invariants import holds, ids, invariant
from offerings.models import GradeColumn, Scale
from registrations.grading import is_on_scale
from registrations.rows import ColumnRow

AT_ONCE = 10_000

VALUES = """
SELECT column_id, value FROM registrations_grade WHERE value IS NOT NULL
UNION
SELECT column_id, resit_value FROM registrations_grade WHERE resit_value IS NOT NULL
"""
WITH_VALUE = """
SELECT id FROM registrations_grade WHERE column_id = %s AND %s IN (value, resit_value)
"""

holds(
    "courses of registrations",
    "The intake of a registration is of its course.",
    """
    SELECT registration.id FROM registrations_registration AS registration
    JOIN offerings_courseintake AS intake ON intake.id = registration.intake_id
    WHERE intake.course_id <> registration.course_id
    """,
)
holds(
    "offerings of registrations",
    "The offering of a registration is of its unit.",
    """
    SELECT registration.id FROM registrations_registration AS registration
    JOIN offerings_unitoffering AS offering ON offering.id = registration.offering_id
    JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
    WHERE version.unit_id <> registration.unit_id
    """,
)
holds(
    "ends of registrations",
    "A registration with an outcome, or ejected, has ended.",
    """
    SELECT registration.id FROM registrations_registration AS registration
    LEFT JOIN registrations_gradestate AS stands
        ON stands.name = registration.grade_state_id
    WHERE registration.ended_at IS NULL
        AND (stands.outcome IN ('passed', 'failed') OR registration.state = 'rejected')
    """,
)
holds(
    "columns of grades",
    "A grade is in a column of the unit that it is for.",
    """
    SELECT grade.id FROM registrations_grade AS grade
    JOIN registrations_registration AS registration
        ON registration.id = grade.registration_id
    JOIN offerings_gradecolumn AS its ON its.id = grade.column_id
    WHERE its.unit_id <> registration.unit_id
    """,
)


@invariant("scales of grades", "Every grade is on the scale of its column.")
def grades_off_their_scale() -> Iterator[str]:
    # What is on a scale is said once, in Python; many grades share a few values.
    for column_id, value in [*_values_off_scale()]:
        yield from ids(WITH_VALUE, column_id, value)


def _values_off_scale() -> Iterator[tuple[str, str]]:
    columns = {column.pk: _row(column) for column in GradeColumn.objects.iterator()}
    with connection.chunked_cursor() as cursor:
        cursor.execute(VALUES)
        while pairs := cursor.fetchmany(AT_ONCE):
            for column_id, value in pairs:
                if not is_on_scale(value, columns[column_id]):
                    yield column_id, value


def _row(column: GradeColumn) -> ColumnRow:
    return ColumnRow(
        id=column.pk,
        name=column.name,
        label=column.label,
        scale=Scale(column.scale),
        maximum=column.maximum,
        allowed=column.allowed,
    )
