"""What must hold of the record and no constraint can say: `manage.py verifydata`.

An app says in `<app>/invariants.py` what must hold of its rows. Each is asked of
the database in one statement, so of one moment, and answers with ids alone.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connection, models
from msgspec import Struct

MOST_COUNTED = 1_000
MOST_NAMED = 10

Find = Callable[[], Iterable[str]]


class Invariant(Struct, frozen=True):
    """What must hold, in words, and what finds where it does not."""

    name: str
    says: str
    find: Find


class Verdict(Struct, frozen=True):
    """Whether it holds; `violations` counts no further than MOST_COUNTED."""

    name: str
    says: str
    violations: int
    among: list[str]

    @property
    def holds(self) -> bool:
        return not self.violations


_invariants: list[Invariant] = []


def holds(name: str, says: str, statement: str, *parameters: Any) -> None:
    """Register what holds where a statement finds no ids."""
    _invariants.append(Invariant(name, says, partial(ids, statement, *parameters)))


def invariant(name: str, says: str) -> Callable[[Find], Find]:
    """Register what holds where the decorated function finds no ids."""

    def register(find: Find) -> Find:
        _invariants.append(Invariant(name, says, find))
        return find

    return register


def invariants() -> list[Invariant]:
    """All of them: those of the apps, and those that hold of every table."""
    return [*_invariants, *_of_histories(), *_of_counters()]


def verify(each: Invariant) -> Verdict:
    found = [*islice(each.find(), MOST_COUNTED)]
    return Verdict(each.name, each.says, len(found), found[:MOST_NAMED])


def ids(statement: str, *parameters: Any) -> Iterator[str]:
    """The first ids that a statement finds."""
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} LIMIT {MOST_COUNTED}", [*parameters] or None)
        yield from (str(found) for (found,) in cursor.fetchall())


# --- Of every table with a history ----------------------------------------------

# The number of an event is given under the lock of its row, so it tells the order.
AS_ITS_HISTORY = """
WITH last AS (SELECT max(pgh_id) AS pgh_id FROM {events} GROUP BY pgh_obj_id)
SELECT coalesce(now.{pk}::text, event.pgh_obj_id::text)
FROM (
    SELECT told.* FROM {events} AS told JOIN last USING (pgh_id)
    WHERE told.pgh_label <> 'delete'
) AS event
FULL JOIN {rows} AS now ON now.{pk} = event.pgh_obj_id
WHERE now.{pk} IS NULL OR event.pgh_obj_id IS NULL
    OR ({of_now}) IS DISTINCT FROM ({of_event})
"""

ONLY_FORWARD = """
SELECT pgh_obj_id FROM (
    SELECT pgh_obj_id, pgh_label, version, lag(version) OVER (
        PARTITION BY pgh_obj_id ORDER BY pgh_id
    ) AS before FROM {events}
) AS told
WHERE pgh_label = 'update' AND version < before
"""


def _of_histories() -> Iterator[Invariant]:
    for events in apps.get_models():
        if hasattr(events, "pgh_tracked_model"):
            yield from _of_history(events)


def _of_history(events: Any) -> Iterator[Invariant]:
    rows = events.pgh_tracked_model
    columns = [
        f'"{field.column}"'
        for field in events._meta.concrete_fields
        if not field.name.startswith("pgh_")
    ]
    names = {
        "events": events._meta.db_table,
        "rows": rows._meta.db_table,
        "pk": rows._meta.pk.column,
        "of_now": ", ".join(f"now.{column}" for column in columns),
        "of_event": ", ".join(f"event.{column}" for column in columns),
    }
    of_what = rows._meta.verbose_name_plural
    yield Invariant(
        f"history of {of_what}",
        "Each row is as the last event of its history, and none lacks one.",
        partial(ids, AS_ITS_HISTORY.format(**names)),
    )
    if '"version"' in columns:
        yield Invariant(
            f"versions of {of_what}",
            "A version only ever grows.",
            partial(ids, ONLY_FORWARD.format(**names)),
        )


# --- Of every table with a counter ----------------------------------------------

# What no counter has yet given out, a row must not have.
AHEAD_OF_ITS_COUNTER = """
SELECT max({pk}) FROM {rows}
HAVING max({pk}) > coalesce(pg_sequence_last_value(
    pg_get_serial_sequence('{rows}', '{pk}')::regclass
), 0)
"""


def _of_counters() -> Iterator[Invariant]:
    for model in apps.get_models(include_auto_created=True):
        key = model._meta.pk
        if isinstance(key, models.AutoField | models.BigAutoField):
            names = {"rows": model._meta.db_table, "pk": key.column}
            yield Invariant(
                f"counter of {model._meta.db_table}",
                "Its next number is higher than any that a row has.",
                partial(ids, AHEAD_OF_ITS_COUNTER.format(**names)),
            )


# --- Of the schema --------------------------------------------------------------

holds(
    "constraints",
    "Every constraint was checked for the rows that were there before it.",
    """
    SELECT conname FROM pg_constraint
    WHERE NOT convalidated AND connamespace = current_schema()::regnamespace
    """,
)
holds(
    "indexes",
    "Every index was built to its end.",
    "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid",
)
