"""The worker's statements, planned once for many tasks.

Planning them takes longer than running them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import connection

from config.prepared import renew_plans

# What a commit waits for: as the server is set, but at least for its own disk.
LASTING = "coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on')"

# For the session of a process that works lanes. (The keep-alives end it where the
# process's whole machine is gone: it may hold a lane.)
SESSION = f"""
SET plan_cache_mode = auto;
SET statement_timeout = '20s';
SET lock_timeout = '5s';
SET idle_in_transaction_session_timeout = '30s';
SET tcp_keepalives_idle = 15;
SET tcp_keepalives_interval = 5;
SET tcp_keepalives_count = 3;
SELECT set_config('synchronous_commit', {LASTING}, false)
"""


def prepare_session() -> None:
    """Bound what one task may take, once for each connection; forget old plans."""
    connection.ensure_connection()
    raw = connection.connection
    if not hasattr(raw, "is_bounded"):
        raw.execute(SESSION)
        raw.prepare_threshold = 0
        raw.is_bounded = True
    renew_plans(raw)


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


def first_row_of_first(statements: str, parameters: Sequence[Any]) -> tuple | None:
    """Run several in one round trip, unprepared; return the first row of the first."""
    with connection.cursor() as cursor:
        cursor.execute(statements, parameters)
        return cursor.fetchone()
