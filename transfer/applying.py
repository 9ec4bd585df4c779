"""Doing what a plan says: one transaction, a few statements a chunk of rows."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import IntegrityError, OperationalError, connection, models
from django.db.models import AutoField

from config.ids import NANOSECONDS
from transfer.errors import RecordMoved
from transfer.kind import Kind, default_of
from transfer.plans import Counts
from transfer.staging import Tables

CHUNK = 25_000  # rows in a statement; bounds what triggers hold in memory
ONE_AT_A_TIME = 0x696D7074  # an advisory lock: "impt"
SECONDS_BETWEEN_TRIES = 0.3  # to get it

MOVED = RecordMoved(
    "The record has changed since the file was checked: check it again."
)
BUSY = RecordMoved("Others are changing the same records just now: try it again.")
WAITED_IN_VAIN = ("40P01", "55P03")  # a deadlock, a lock time-out

LOCK = """
SELECT count(*) FROM (
    SELECT FROM {table} WHERE {pk} IN (
        SELECT {attname} FROM {plan} WHERE _action IN ('new', 'changed')
    )
    ORDER BY {pk} FOR {strength}
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

# Others may have come to point to what the plan changes.
MOVED_OTHERS = """
SELECT EXISTS (
    SELECT FROM {plan} AS new
    JOIN {table} AS old ON old.{pk} = new.{pk}
    {joins}
    {context}
    WHERE new._action = 'changed' AND ({conditions})
)
"""

# What a row names need not be what it named when it was planned. Counted: a planner
# that is asked for the first expects it at once, and looks up row by row.
MOVED_NAMES = "SELECT count(*) FROM ({moved}) AS moved"

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


@contextmanager
def told_as_moved() -> Iterator[None]:
    """Say of what the database refuses, or others hold, that the record moved."""
    try:
        yield
    except IntegrityError as error:
        raise RecordMoved(_constraint(error)) from error
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) in WAITED_IN_VAIN:
            raise BUSY from error
        raise


def wait_for_turn(advance: Callable[[int, int], None]) -> None:
    """Wait for another import, however long it takes; a job may be stopped here.

    Call it before anything is locked: who waits here is waited for by nobody.
    """
    while not _has_turn():
        advance(0, 0)
        time.sleep(SECONDS_BETWEEN_TRIES)


def _has_turn() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        return cursor.fetchone()[0]


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
    transaction, a history context and `told_as_moved`.
    """
    with connection.cursor() as cursor:
        # Keys that wait for the commit would queue in memory, one by one.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _lock(cursor, kind, tables)
        _check_same(cursor, kind, tables)
        _check_others(cursor, kind, tables)
        _check_names(cursor, kind, tables)
        written = _write(cursor, kind, tables, counts, advance)
        if written != counts.new + counts.changed:
            raise MOVED
        for statement in kind.after:
            cursor.execute(statement.format(plan=tables.plan), _first_id())


def _lock(cursor, kind: Kind, tables: Tables) -> None:
    """Lock what changes in the order of the ids, as every writer does.

    Where rules rest on rows that point here, nothing may begin to do so either.
    """
    table, attname = kind.locks or (kind.table, kind.pk)
    statement = LOCK.format(
        table=table,
        pk="id" if kind.locks else kind.pk,
        attname=attname,
        plan=tables.plan,
        strength="UPDATE" if kind.rules_of_others else "NO KEY UPDATE",
    )
    cursor.execute(statement)


def _check_same(cursor, kind: Kind, tables: Tables) -> None:
    cursor.execute(MOVED_SAME.format(plan=tables.plan, table=kind.table, pk=kind.pk))
    if cursor.fetchone()[0]:
        raise MOVED


def _check_others(cursor, kind: Kind, tables: Tables) -> None:
    conditions = [f"({rule.condition})" for rule in kind.rules_of_others]
    if not conditions:
        return
    statement = MOVED_OTHERS.format(
        plan=tables.plan,
        table=kind.table,
        pk=kind.pk,
        joins=kind.joins,
        context=kind.context,
        conditions=" OR ".join(conditions),
    )
    cursor.execute(statement)
    if cursor.fetchone()[0]:
        raise MOVED


def _check_names(cursor, kind: Kind, tables: Tables) -> None:
    if not kind.moved:
        return
    cursor.execute(MOVED_NAMES.format(moved=kind.moved.format(plan=tables.plan)))
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
