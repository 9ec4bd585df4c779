"""Doing what a plan says: one transaction, a few statements a chunk of rows."""

import time
from collections.abc import Callable

from django.db import IntegrityError, connection, models
from django.db.models import AutoField

from config.ids import NANOSECONDS
from transfer.errors import RecordMoved
from transfer.kind import Kind, default_of
from transfer.plans import Counts
from transfer.staging import Tables

CHUNK = 25_000  # rows in a statement; bounds what triggers hold in memory
ONE_AT_A_TIME = 0x696D7074  # an advisory lock: "impt"

MOVED = RecordMoved(
    "The record has changed since the file was checked: check it again."
)

LOCK = """
SELECT count(*) FROM (
    SELECT FROM {table} WHERE {pk} IN (
        SELECT {attname} FROM {plan} WHERE _action IN ('new', 'changed')
    )
    ORDER BY {pk} FOR NO KEY UPDATE
) AS locked
"""

# Rows that stay as they are must also be those that the plan saw.
MOVED_SAME = """
SELECT EXISTS (
    SELECT FROM {plan} AS planned
    LEFT JOIN {table} AS old ON old.{pk} = planned.{pk}
    WHERE planned._action = 'same' AND old.xmin IS DISTINCT FROM planned._seen
)
"""

INSERT = """
INSERT INTO {table} ({names})
SELECT {values} FROM {plan} AS planned
WHERE _row BETWEEN %(first)s AND %(last)s AND _action = 'new' ORDER BY _row
"""

UPDATE = """
UPDATE {table} AS old SET {changes}
FROM {plan} AS planned
WHERE planned._row BETWEEN %(first)s AND %(last)s AND planned._action = 'changed'
    AND old.{pk} = planned.{pk} AND old.xmin = planned._seen
"""


def hold(kind: Kind, tables: Tables) -> None:
    """Keep what the plan rests on as it is, until the transaction has ended."""
    if kind.holds:
        with connection.cursor() as cursor:
            cursor.execute(kind.holds.format(plan=tables.plan))


def apply_plan(
    kind: Kind, tables: Tables, counts: Counts, advance: Callable[[int, int], None]
) -> None:
    """Write what is new and changed; nothing else, and all of it or nothing.

    Raises RecordMoved where a row is not what the plan saw. Call it inside a
    transaction and a history context.
    """
    try:
        _apply(kind, tables, counts, advance)
    except IntegrityError as error:
        raise RecordMoved(_constraint(error)) from error


def _apply(
    kind: Kind, tables: Tables, counts: Counts, advance: Callable[[int, int], None]
) -> None:
    with connection.cursor() as cursor:
        # Keys that wait for the commit would queue in memory, one by one.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        _lock(cursor, kind, tables)
        _check_same(cursor, kind, tables)
        written = _write(cursor, kind, tables, counts, advance)
        if written != counts.new + counts.changed:
            raise MOVED
        for statement in kind.after:
            cursor.execute(statement.format(plan=tables.plan), _first_id())


def _lock(cursor, kind: Kind, tables: Tables) -> None:
    """Lock what changes in the order of the ids, as every writer does."""
    table, attname = kind.locks or (kind.table, kind.pk)
    statement = LOCK.format(
        table=table, pk="id" if kind.locks else kind.pk, attname=attname,
        plan=tables.plan,
    )  # fmt: skip
    cursor.execute(statement)


def _check_same(cursor, kind: Kind, tables: Tables) -> None:
    cursor.execute(MOVED_SAME.format(plan=tables.plan, table=kind.table, pk=kind.pk))
    if cursor.fetchone()[0]:
        raise MOVED


def _write(
    cursor, kind: Kind, tables: Tables, counts: Counts, advance: Callable
) -> int:
    """Change first, then add: new rows would mislead the planner about the old."""
    cursor.execute(f"SELECT min(_row), max(_row) FROM {tables.plan}")
    first, last = cursor.fetchone()
    written = 0
    statements = [_update(kind, tables)] * bool(counts.changed)
    statements += [_insert(kind, tables)] * bool(counts.new)
    for statement in statements:
        for start in range(first, last + 1, CHUNK):
            cursor.execute(statement, {"first": start, "last": start + CHUNK - 1})
            written += cursor.rowcount
            advance(written, counts.new + counts.changed)
    return written


def _insert(kind: Kind, tables: Tables) -> str:
    planned = kind.attnames + ([kind.pk] if kind.has_ids else [])
    values = {name: f'planned."{name}"' for name in planned}
    for field in kind.model._meta.concrete_fields:
        if field.attname not in values and not isinstance(field, AutoField):
            values[field.attname] = _default(field)
    return INSERT.format(
        table=kind.table,
        names=", ".join(f'"{name}"' for name in values),
        values=", ".join(values.values()),
        plan=tables.plan,
    )


def _default(field: models.Field) -> str:
    return default_of(field).replace("around.now", "statement_timestamp()") or "NULL"


def _update(kind: Kind, tables: Tables) -> str:
    changes = [f'"{name}" = planned."{name}"' for name in kind.attnames]
    if kind.has_field("version"):
        changes.append("version = old.version + 1")
    if kind.has_field("updated_at"):
        changes.append("updated_at = statement_timestamp()")
    return UPDATE.format(
        table=kind.table, pk=kind.pk, plan=tables.plan, changes=", ".join(changes)
    )


def _first_id() -> dict[str, int]:
    return {"first_id": (time.time_ns() << 24) // NANOSECONDS}


def _constraint(error: IntegrityError) -> str:
    diagnosis = getattr(error.__cause__, "diag", None)
    name = diagnosis.constraint_name if diagnosis else "unknown"
    return (
        f"The database refused a row (constraint {name}). The record may have changed "
        "since the file was checked: check it again."
    )


# --- Whether what the rules read is as it was -----------------------------------

FINGERPRINT = """
SELECT coalesce(md5(string_agg({pk}::text || ' ' || xmin::text, ',' ORDER BY {pk})), '')
FROM {table}
"""


def fingerprint(kind: Kind) -> str:
    """Return what changes when any row changes that the kind's rules rest on."""
    parts = []
    with connection.cursor() as cursor:
        for model in kind.rests_on:
            meta = model._meta
            cursor.execute(FINGERPRINT.format(pk=meta.pk.column, table=meta.db_table))
            parts.append(cursor.fetchone()[0])
    return "-".join(parts)


def rows_of_record(kind: Kind) -> int:
    """Return how many rows of the kind there are."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {kind.table}")
        return cursor.fetchone()[0]
