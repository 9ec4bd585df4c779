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
from transfer.kind import Column, Kind, default_of
from transfer.mapping import Mapped
from transfer.names import NEW_ID
from transfer.staging import Tables

AT_ONCE = 1_000  # rows with errors

# A few joins of whole tables: better in memory than in files beside it.
SESSION = "SET LOCAL work_mem = '128MB'; SET LOCAL jit = off"

PLAN = """
CREATE UNLOGGED TABLE {plan} AS
SELECT _row, _seen, {fresh_id} AS {pk}, {names}, _errors,
    CASE WHEN _errors IS NOT NULL THEN 'error' WHEN _is_same THEN 'same'
        WHEN _seen IS NULL THEN 'new' ELSE 'changed' END AS _action
FROM (
    SELECT s._row, old.xmin AS _seen, new.{pk}, {values},
        CASE WHEN old.xmin IS NULL THEN {nothing}
            ELSE ({olds}) IS NOT DISTINCT FROM ({news}) END AS _is_same,
        CASE WHEN s._errors IS NOT NULL OR {is_wrong}
            THEN concat_ws(E'\n', s._errors, {faults}) END AS _errors
    FROM {rows} AS s
    CROSS JOIN (SELECT %(now)s::timestamptz AS now, %(is_late)s AS is_late) AS around
    CROSS JOIN (SELECT {given}) AS given
    {references}
    CROSS JOIN LATERAL (SELECT {resolved}) AS r
    {before}
    {found}
    {joins}
    CROSS JOIN LATERAL (SELECT {id} AS {pk}, {computed}) AS new
    {context}
) AS judged
"""


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
        cursor.execute(Select(kind, set(mapped.values())).sql(tables), parameters)
        cursor.execute(f"ALTER TABLE {tables.plan} ADD PRIMARY KEY (_row)")
        cursor.execute(f"ANALYZE {tables.plan} (_row, _action)")
        cursor.execute(f"DROP TABLE {tables.rows}")
    _refuse_repeated(kind, set(mapped.values()), tables)
    if kind.judge:
        kind.judge(tables.plan)


class Select:
    """Writes the statement that makes the plan of a kind and a file's columns."""

    def __init__(self, kind: Kind, given: set[str]) -> None:
        self.kind = kind
        self.given = given
        self.by_attname = {column.attname: column for column in kind.stored}
        self.has_id = kind.has_ids and kind.pk in given

    def sql(self, tables: Tables) -> str:
        kind = self.kind
        faults = [*self.faults()]
        news = [f'new."{name}"' for name in kind.attnames]
        notes = [f"{sql} AS {name}" for name, sql in kind.notes.items()]
        return PLAN.format(
            plan=tables.plan,
            rows=tables.rows,
            pk=kind.pk,
            fresh_id=self.fresh_id(),
            id=self.id(),
            names=", ".join([*(f'"{name}"' for name in kind.attnames), *kind.notes]),
            values=", ".join([*news, *notes]),
            olds=", ".join(f'old."{name}"' for name in kind.attnames),
            news=", ".join(news),
            is_wrong=" OR ".join(f"({fault.condition})" for fault in faults),
            faults=", ".join(fault.sql for fault in faults),
            given=", ".join(
                f'{str(name in self.given).lower()} AS "{name}"' for name in kind.names
            ),
            references="".join(self.references()),
            resolved=", ".join(self.resolved()) or "1",
            before=kind.before,
            found=self.found(),
            joins=kind.joins,
            nothing=kind.nothing,
            computed=", ".join(
                f'{self.value(name)} AS "{name}"' for name in kind.attnames
            ),
            context=kind.context,
        )

    # --- What the row refers to -----------------------------------------------

    def references(self) -> Iterator[str]:
        for column in self._referring():
            naming = column.naming
            yield (
                f"\n    LEFT JOIN {column.its_table} AS {column.name}_by_id"
                f' ON {column.name}_by_id.{column.its_pk} = s."{column.name}"'
            )
            if naming.names:
                yield (
                    f"\n    LEFT JOIN ({naming.names}) AS {column.name}_by_name"
                    f' ON {column.name}_by_name.name = s."{column.name}"'
                )

    def resolved(self) -> Iterator[str]:
        for column in self.kind.columns:
            if column.references:
                yield f"{self._reference(column)} AS {column.name}_id"

    def _reference(self, column: Column) -> str:
        if column.name not in self.given:
            return "NULL::varchar"
        pk = column.its_pk
        if column.naming.names:
            return f"coalesce({column.name}_by_id.{pk}, {column.name}_by_name.id)"
        return f"{column.name}_by_id.{pk}"

    def _referring(self) -> Iterator[Column]:
        for column in self.kind.columns:
            if column.references and column.name in self.given:
                yield column

    # --- Which row of the record it stands for --------------------------------

    def found(self) -> str:
        kind, match = self.kind, self.match()
        if not self.has_id:
            return f"LEFT JOIN {kind.table} AS old ON {match.format(row='old')}"
        by_key = (
            f"LEFT JOIN {kind.table} AS k ON {match.format(row='k')}"
            if match and kind.key != (kind.pk,)
            else f"CROSS JOIN (SELECT NULL::varchar AS {kind.pk}) AS k"
        )
        return (
            f"{by_key}\n    LEFT JOIN {kind.table} AS old"
            f" ON old.{kind.pk} = coalesce(s.{kind.pk}, k.{kind.pk})"
        )

    def match(self) -> str:
        if self.kind.match:
            return self.kind.match
        if not set(self.kind.key) <= self.given:
            return ""
        columns = map(self.kind.column, self.kind.key)
        return " AND ".join(
            f'{{row}}."{column.attname}" = {self._said(column)}' for column in columns
        )

    def id(self) -> str:
        """The id that the row has, or has to have."""
        if not self.kind.has_ids:
            return f"old.{self.kind.pk}"
        derived = self.kind.derived_id or "NULL"
        return f"coalesce(old.{self.kind.pk}, s.{self.kind.pk}, {derived})"

    def fresh_id(self) -> str:
        # Outside of the joins: the planner moves nothing that is random.
        if not self.kind.has_ids or self.kind.derived_id:
            return self.kind.pk
        fresh = self.kind.fresh_id or NEW_ID.format(row="_row")
        return f"coalesce({self.kind.pk}, {fresh})"

    # --- What the row would become --------------------------------------------

    def value(self, attname: str) -> str:
        if attname in self.kind.values:
            return self.kind.values[attname]
        column = self.by_attname[attname]
        its = column.field
        assert its is not None
        default = default_of(its)
        was = f'old."{attname}"'
        kept = f"coalesce({was}, {default})" if default else was
        if column.name not in self.given:
            return kept
        said = self._said(column)
        if not its.null:
            is_text = default == "''"
            return f"coalesce({said}, '')" if is_text else f"coalesce({said}, {kept})"
        if column.cell.sql == "text" and not column.references:
            # An empty text and none are the same empty cell.
            return f"coalesce({said}, CASE WHEN {was} = '' THEN '' END)"
        return said

    def _said(self, column: Column) -> str:
        return f"r.{column.name}_id" if column.references else f's."{column.name}"'

    # --- What is wrong with it ------------------------------------------------

    def faults(self) -> Iterator["Fault"]:
        for column in self._referring():
            yield from self._faults_of_reference(column)
        for column in self.kind.stored:
            if column.is_required:
                yield Fault(
                    f's._errors IS NULL AND s."{column.name}" IS NULL'
                    f" AND coalesce(new.\"{column.attname}\"::text, '') = ''",
                    f"{column.name} is needed.",
                )
        if self.has_id and self.kind.key != (self.kind.pk,):
            pk, key = self.kind.pk, " and ".join(self.kind.key)
            yield Fault(f"s.{pk} <> k.{pk}", f"Another row has this {key}: ", f"k.{pk}")
        for rule in self.kind.rules:
            yield Fault(rule.condition, rule.sentence)

    def _faults_of_reference(self, column: Column) -> Iterator["Fault"]:
        said, name = f's."{column.name}"', column.name
        yield Fault(
            f"{said} IS NOT NULL AND r.{name}_id IS NULL",
            f"{name} names none that there is: ",
            said,
        )
        if column.naming.names:
            yield Fault(
                f"{name}_by_id.{column.its_pk} <> {name}_by_name.id",
                f"{name} is the id of one and the code of another: ",
                said,
            )


@dataclass(frozen=True)
class Fault:
    """What may be wrong with a row, as SQL."""

    condition: str
    sentence: str
    shown: str = ""  # SQL of a value that ends the sentence

    @property
    def sql(self) -> str:
        text = "'" + self.sentence.replace("'", "''") + "'"
        said = f"{text} || {self.shown} || '.'" if self.shown else text
        return f"CASE WHEN {self.condition} THEN {said} END"


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
