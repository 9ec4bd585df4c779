"""Whose records a plan would write, or an export shows."""

from collections.abc import Iterator

from django.db import connection

from transfer.kind import Kind
from transfer.staging import Tables

AT_ONCE = 10_000

WRITTEN = """
SELECT DISTINCT {person} FROM {plan} WHERE _action IN ('new', 'changed')
"""


def people_of_plan(kind: Kind, tables: Tables) -> Iterator[list[str]]:
    """Yield the profile ids of the people whose records the plan writes."""
    if not kind.person:
        return
    with connection.chunked_cursor() as cursor:
        cursor.execute(WRITTEN.format(person=kind.person, plan=tables.plan))
        while people := cursor.fetchmany(AT_ONCE):
            yield [person for (person,) in people]
