"""What others may see of a job while its own transaction is still open."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs.errors import Cancelled

SECONDS = 1.0  # between two reports of one stage

REPORT = """
UPDATE jobs_job SET done = %s, total = %s, stage = %s
WHERE id = %s AND state = 'running' AND attempts = %s
RETURNING cancel_requested_at IS NOT NULL
"""


@contextmanager
def side_connection() -> Iterator[BaseDatabaseWrapper]:
    """A second connection of this thread, which commits as it goes."""
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        yield connection
    finally:
        connection.close()


class Progress:
    """Call it with how much is done, as often as you like.

    It writes at most once a second and raises Cancelled where somebody asked
    that the job stop.
    """

    def __init__(self, connection: BaseDatabaseWrapper, job_id: str, attempt: int):
        self.connection = connection
        self.key = (job_id, attempt)
        self.stage = ""
        self.next_at = 0.0

    def begin(self, stage: str) -> None:
        """Say in a word or two what the job does from here on."""
        self.stage, self.next_at = stage, 0.0
        self(0)

    def __call__(self, done: int, total: int = 0) -> None:
        now = time.monotonic()
        if now < self.next_at:
            return
        self.next_at = now + SECONDS
        with self.connection.cursor() as cursor:
            cursor.execute(REPORT, [done, total, self.stage, *self.key])
            if (True,) in cursor.fetchall():
                raise Cancelled("It was cancelled.")
