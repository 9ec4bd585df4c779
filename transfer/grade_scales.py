"""Grades that their column's scale does not hold.

What is on a scale is said once, in registrations.grading. It is asked for each
value that differs, not for each row: a thousand students share a few values. What
stands already is not asked about, as the scale may have changed since.
"""

from collections.abc import Iterator

from django.db import connection

from offerings.models import GradeColumn, Scale
from registrations.errors import OffScale
from registrations.grading import read_value
from registrations.rows import ColumnRow

AT_ONCE = 10_000

VALUES = """
SELECT column_id, value FROM {plan} WHERE value IS NOT NULL
    AND column_id IS NOT NULL AND _is_new_value
UNION
SELECT column_id, resit_value FROM {plan} WHERE resit_value IS NOT NULL
    AND column_id IS NOT NULL AND _is_new_resit_value
"""

REFUSE = """
UPDATE {plan} AS planned
SET _action = 'error',
    _errors = concat_ws(E'\\n', _errors, '{attribute}: ' || off_scale.fault)
FROM off_scale
WHERE planned.column_id = off_scale.column_id
    AND planned.{attribute} = off_scale.value AND planned._is_new_{attribute}
"""


def judge_grades(plan: str) -> None:
    """Make the rows of a plan errors whose grades are off their scale."""
    off_scale = [*_off_scale(plan)]  # the connection is busy while COPY is open
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE off_scale"
            " (column_id varchar, value text, fault text) ON COMMIT DROP"
        )
        with cursor.copy("COPY off_scale FROM STDIN") as copy:
            for row in off_scale:
                copy.write_row(row)
        for attribute in ("value", "resit_value"):
            cursor.execute(REFUSE.format(plan=plan, attribute=attribute))
        cursor.execute("DROP TABLE off_scale")


def _off_scale(plan: str) -> Iterator[tuple[str, str, str]]:
    columns = {column.pk: _row(column) for column in GradeColumn.objects.iterator()}
    with connection.chunked_cursor() as cursor:
        cursor.execute(VALUES.format(plan=plan))
        while pairs := cursor.fetchmany(AT_ONCE):
            for column_id, value in pairs:
                fault = _fault(value, columns[column_id])
                if fault:
                    yield column_id, value, fault


def _fault(value: str, column: ColumnRow) -> str:
    """Why the scale does not hold the value; "" where it does."""
    try:
        read_value(value, column, "value")
    except OffScale as refusal:
        return refusal.message
    return ""


def _row(column: GradeColumn) -> ColumnRow:
    return ColumnRow(
        id=column.pk,
        name=column.name,
        label=column.label,
        scale=Scale(column.scale),
        maximum=column.maximum,
        allowed=column.allowed,
    )
