"""What is kept for a while and then removed, in bounded batches.

An app says in `<app>/retention.py` which of its rows grow old, by which setting.
What is kept for ever (the record and its history) stands in none of them. Nor is
anything removed that is about somebody who is kept whole, however old it is.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from config.chores import chore

logger = logging.getLogger(__name__)

BATCH = 1_000  # rows; each batch is a transaction of its own
SECONDS_AT_A_TIME = 5.0  # of each kind, in a chore; the rest is for the next time

OLD = """
FROM {table} AS old WHERE {age} < %(before)s AND {only}
"""
REMOVE = """
WITH going AS MATERIALIZED (
    SELECT {pk} AS pk {old} ORDER BY {age} LIMIT %(batch)s FOR UPDATE SKIP LOCKED
) {removing}
"""


@dataclass(frozen=True)
class Kept:
    """One kind of row: what makes it old, and how a batch of it goes.

    `days` is how many it is kept, or the setting that says so (None: for ever);
    without them, rows say themselves when they end. `only` and `removing` are SQL:
    the first speaks of the row as `old` and of `%(people)s`, the second of `going`.
    """

    name: str
    table: str
    age: str  # a column with an index
    days: int | str = 0
    pk: str = "id"
    only: str = "true"
    removing: str = "DELETE FROM {table} WHERE {pk} IN (SELECT pk FROM going)"
    # What goes with the rows, in the same transaction; `removing` returns their keys.
    along: Callable[[list[str]], None] | None = None

    def since(self) -> datetime | None:
        """What is older than this may go; None: nothing may."""
        days = self.days
        if isinstance(days, str):
            days = getattr(settings, days)
        return None if days is None else timezone.now() - timedelta(days=days)

    def count(self, before: datetime) -> int:
        """How many rows would be removed."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql(f"SELECT count(*) {OLD}"), _parameters(before))
            return cursor.fetchone()[0]

    def batches(self, before: datetime) -> Iterator[int]:
        """Remove them batch by batch; yield the size of each that is gone."""
        while True:
            removed = self._remove_some(before)
            yield removed
            if removed < BATCH:
                return

    @transaction.atomic
    def _remove_some(self, before: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute(self._sql(REMOVE), _parameters(before))
            if self.along:
                self.along([key for (key,) in cursor.fetchall()])
            return cursor.rowcount

    def _sql(self, template: str) -> str:
        names = {name: getattr(self, name) for name in ("table", "age", "pk", "only")}
        removing = self.removing.format(**names)
        return template.format(old=OLD.format(**names), removing=removing, **names)


kept: dict[str, Kept] = {}
_people: list[Callable[[], Iterable[str]]] = []


def keep(*kinds: Kept) -> None:
    """Register kinds of rows that grow old."""
    kept.update({kind.name: kind for kind in kinds})


def keeps_whole(people: Callable[[], Iterable[str]]) -> Callable[[], Iterable[str]]:
    """Register what gives the ids of people about whom nothing is removed."""
    _people.append(people)
    return people


def people_kept_whole() -> list[str]:
    return sorted({each for people in _people for each in people()})


@chore(every=timedelta(minutes=2))
def prune() -> None:
    """Remove some of what is no longer kept, of each kind."""
    for kind in kept.values():
        removed = _prune(kind)
        if removed:
            logger.info("pruned", extra={"kind": kind.name, "rows": removed})


def _prune(kind: Kept) -> int:
    before = kind.since()
    ends, removed = time.monotonic() + SECONDS_AT_A_TIME, 0
    for batch in kind.batches(before) if before else ():
        removed += batch
        if time.monotonic() > ends:
            break
    return removed


def _parameters(before: datetime) -> dict[str, Any]:
    # Asked for each batch anew: a hold that is placed meanwhile counts at once.
    return {"before": before, "batch": BATCH, "people": people_kept_whole()}


keep(
    Kept("sessions", "django_session", "expire_date", pk="session_key"),
    Kept(
        "found_sets",
        "config_foundset",
        "expires_at",
        pk="key",
        removing="""
        , chunks AS (
            DELETE FROM config_foundsetchunk
            WHERE found_set_id IN (SELECT pk FROM going)
        )
        DELETE FROM config_foundset WHERE key IN (SELECT pk FROM going)
        """,
    ),
)
