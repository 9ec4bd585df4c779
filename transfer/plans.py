"""The plan of an import: what becomes of each row, worked out by SQL.

A plan is a table with a row for each row of the file: whether it is new,
changed, the same or an error, with every fault, and the whole row of the record
as the import would leave it. It holds the version of the row that it saw (its
`xmin`), so that a plan that the record has left behind is known.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from config.ids import NANOSECONDS
from transfer.judging import Judgement
from transfer.kind import Kind
from transfer.mapping import Mapped
from transfer.staging import Tables

AT_ONCE = 1_000  # rows with errors

# A few joins of whole tables: better in memory than in files beside it.
SESSION = "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"


@dataclass(frozen=True)
class Counts:
    """How many rows of a plan are what."""

    new: int = 0
    changed: int = 0
    same: int = 0
    error: int = 0

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.same + self.error


def make_plan(kind: Kind, mapped: Mapped, tables: Tables, *, is_late: bool) -> None:
    """Work out what to do with each staged row; the staged rows are dropped.

    `is_late` allows grades of terms that are closed for them.
    """
    now = timezone.now()
    parameters: dict[str, Any] = {
        "now": now,
        "is_late": is_late,
        "first_id": (time.time_ns() << 24) // NANOSECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(SESSION)
        cursor.execute(f"DROP TABLE IF EXISTS {tables.plan}")
        cursor.execute(Judgement(kind, set(mapped.values())).sql(tables), parameters)
        cursor.execute(f"ALTER TABLE {tables.plan} ADD PRIMARY KEY (_row)")
        cursor.execute(f"ANALYZE {tables.plan} (_row, _action)")
        cursor.execute(f"DROP TABLE {tables.rows}")
    _refuse_repeated(kind, set(mapped.values()), tables)
    if kind.judge:
        kind.judge(tables.plan)


# --- Rows that the file has twice -----------------------------------------------

REPEATED = """
UPDATE {plan} AS planned
SET _action = 'error',
    _errors = concat_ws(E'\\n', _errors, 'Row ' || twice._first
        || ' of the file {says}.')
FROM (
    SELECT {keys}, min(_row) AS _first FROM {plan}
    WHERE {first} IS NOT NULL AND {which} AND {where}
    GROUP BY {keys} HAVING count(*) > 1
) AS twice
WHERE planned._row > twice._first AND planned.{first} = twice.{first}{others}
    AND {where}
"""
SAME = "is about the same record"


def _refuse_repeated(kind: Kind, given: set[str], tables: Tables) -> None:
    """Make every further row about one record an error."""
    if kind.has_ids:
        _refuse_twice(tables, [kind.pk], SAME)
    if kind.key_is_unique or kind.pk not in given:
        # What the record holds already has been found by its key.
        written = "_action IN ('new', 'changed')"
        _refuse_twice(tables, kind.key_attnames, SAME, which=written)
    for once in kind.once:
        # Of a row that is wrong already enough is said.
        where = f"({once.where}) AND _action <> 'error'"
        _refuse_twice(tables, [once.attname], once.says, where=where)


def _refuse_twice(
    tables: Tables,
    names: list[str],
    says: str,
    which: str = "true",
    where: str = "true",
) -> None:
    others = (
        f" AND planned.{name} IS NOT DISTINCT FROM twice.{name}" for name in names[1:]
    )
    statement = REPEATED.format(
        plan=tables.plan,
        says=says,
        which=which,
        where=where,
        keys=", ".join(names),
        first=names[0],
        others="".join(others),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)


# --- What a plan says -----------------------------------------------------------


def counts_of(tables: Tables) -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT _action, count(*) FROM {tables.plan} GROUP BY _action")
        return Counts(**dict(cursor.fetchall()))


REASONED = """
SELECT EXISTS (
    SELECT FROM {plan} AS planned JOIN {table} AS old ON old.{pk} = planned.{pk}
    WHERE planned._action = 'changed' AND ({condition})
)
"""


def asks_for_reason(kind: Kind, tables: Tables) -> bool:
    """Whether any change of the plan is one that nobody makes without a reason."""
    if not kind.reasoned:
        return False
    statement = REASONED.format(
        plan=tables.plan, table=kind.table, pk=kind.pk, condition=kind.reasoned
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def errors_of(
    tables: Tables, limit: int | None = None, after: int = 0
) -> Iterator[tuple[int, str]]:
    """Yield each fault with its row, in the order of the file, from a row on.

    `limit` counts rows. Nothing is held open between two rows.
    """
    left = AT_ONCE if limit is None else limit
    while found := _rows_with_errors(tables, after, min(left, AT_ONCE)):
        for row, errors in found:
            for sentence in errors.splitlines():
                yield row, sentence
        after = found[-1][0]
        left -= 0 if limit is None else len(found)


def _rows_with_errors(tables: Tables, after: int, limit: int) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT _row, _errors FROM {tables.plan}"
            " WHERE _action = 'error' AND _row > %s ORDER BY _row LIMIT %s",
            [after, limit],
        )
        return cursor.fetchall()


@dataclass(frozen=True)
class Difference:
    """What an import would do with one row: what is, and what would be."""

    row: int
    id: Any
    person: str | None  # whose record it is
    changes: dict[str, tuple[Any, Any]]


DIFFERENCES = """
SELECT planned._row, planned.{pk}, {person}, {olds}, {news}
FROM {plan} AS planned
LEFT JOIN {table} AS old ON old.{pk} = planned.{pk}
WHERE planned._action = %s AND planned._row > %s ORDER BY planned._row LIMIT %s
"""


def differences_of(
    kind: Kind, tables: Tables, limit: int, *, action: str = "changed", after: int = 0
) -> list[Difference]:
    """Return the first rows after one that would change, or would be new."""
    names = kind.attnames
    statement = DIFFERENCES.format(
        plan=tables.plan,
        table=kind.table,
        pk=kind.pk,
        person=f"planned.{kind.person}" if kind.person else "NULL",
        olds=", ".join(f'old."{name}"' for name in names),
        news=", ".join(f'planned."{name}"' for name in names),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [action, after, limit])
        found = cursor.fetchall()
    return [
        Difference(
            *(row, pk, person),
            _changes(names, values[: len(names)], values[len(names) :]),
        )
        for row, pk, person, *values in found
    ]


def _changes(names: list[str], before: list, after: list) -> dict[str, tuple[Any, Any]]:
    return {
        name: (was, becomes)
        for name, was, becomes in zip(names, before, after, strict=True)
        if was != becomes
    }
