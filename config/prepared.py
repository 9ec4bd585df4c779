"""Statements that a connection plans once and runs many times.

For those of every request: planning one takes longer than finding a row by its
key. Django's own cursors put the values into the text of each statement, so that
it is planned anew.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from config.history import attached_by_hand

Parameters = Sequence[Any] | Mapping[str, Any]

PLANS_LAST = 10  # seconds
# It would think a plan for the very values cheaper each time, planning aside.
KEEP_PLANS = "SET plan_cache_mode = force_generic_plan"


class PreparingCursor(psycopg.Cursor):
    """Sends the values beside the statement, which the connection has prepared."""

    def execute(self, query, params=None, **options):
        raw = self.connection
        before = raw.prepare_threshold
        # For this statement alone: of others psycopg would keep the whole text, to
        # count how often they come.
        raw.prepare_threshold = 0
        try:
            return super().execute(query, params, prepare=settings.PREPARED_STATEMENTS)
        except psycopg.errors.FeatureNotSupported:
            raw.plans_end = 0.0  # a migration may have changed what one is of
            raise
        finally:
            raw.prepare_threshold = before


@contextmanager
def prepared_cursor() -> Iterator[Any]:
    """A cursor whose statements are counted and wrapped like any of Django's.

    Within a history context it may only read; see also `write_all`.
    """
    database: Any = connection
    database.ensure_connection()
    with database.wrap_database_errors:
        renew_plans(database.connection)
        raw = PreparingCursor(database.connection)
    with database._prepare_cursor(raw) as cursor:
        yield cursor


def keep_plans(connection: Any, **kwargs: Any) -> None:
    """Have a new connection plan what is prepared for any values, and once."""
    if settings.PREPARED_STATEMENTS:
        connection.connection.execute(KEEP_PLANS)


def renew_plans(raw: Any) -> None:
    """Have a connection make its plans anew every few seconds.

    One that was made while a table was small may be bad once it is large.
    """
    now = time.monotonic()
    if now < getattr(raw, "plans_end", 0.0):
        return
    if hasattr(raw, "plans_end"):
        with PreparingCursor(raw) as cursor:  # psycopg notices it, and forgets too
            cursor.execute("DEALLOCATE ALL")
    raw.plans_end = now + PLANS_LAST


def lines(ids: Iterable[str]) -> str:
    """Return ids as one text, for `string_to_array(%(ids)s, E'\\n')`.

    An array of a hundred costs ten times that here, and no id has a line's end.
    """
    return "\n".join(ids)


def fetch_all(statement: str, parameters: Parameters) -> list[tuple]:
    """Run a statement that begins with SELECT, and return all its rows."""
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def write_all(statement: str, parameters: Mapping[str, Any]) -> list[tuple]:
    """Run a statement that writes, and return all its rows.

    Where the history is kept of what it writes, it holds config.history.ATTACH.
    """
    with attached_by_hand() as context, prepared_cursor() as cursor:
        cursor.execute(statement, {**parameters, **context})
        return cursor.fetchall()
