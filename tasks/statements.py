"""The worker's statements, planned once for many tasks.

Planning them takes longer than running them. A plan that was made while a table
was small may be bad once it is large, so plans are made anew every few seconds.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

PLANS_LAST = 10  # seconds

# For the session of a process that works lanes.
SESSION = """
SET statement_timeout = '20s';
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '30s'
"""


def prepare_session() -> None:
    """Bound what one task may take, once for each connection; forget old plans."""
    connection.ensure_connection()
    raw = connection.connection
    now = time.monotonic()
    if not hasattr(raw, "plans_end"):
        raw.execute(SESSION)
        raw.prepare_threshold = 0
        raw.plans_end = now + PLANS_LAST
    elif now > raw.plans_end:
        with psycopg.Cursor(raw) as cursor:  # Django's own would not notice
            cursor.execute("DEALLOCATE ALL")
        raw.plans_end = now + PLANS_LAST


def first_row(
    statement: str, parameters: Sequence[Any] | Mapping[str, Any]
) -> tuple | None:
    """Run it, within the transaction if there is one; return its first row."""
    with (
        connection.wrap_database_errors,
        psycopg.Cursor(connection.connection) as cursor,
    ):
        cursor.execute(statement, parameters, prepare=True)
        return cursor.fetchone()
