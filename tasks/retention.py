"""Tasks that ended long ago are removed, and their payloads before them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

BATCH = 1_000

# A lane's numbers above the applied one stay whole, for the audit.
REMOVE = """
DELETE FROM tasks_task WHERE id IN (
    SELECT task.id FROM tasks_task AS task
    JOIN tasks_lane AS lane ON lane.key = task.lane_id
    WHERE task.finished_at < %s AND task.number <= lane.applied_number
    ORDER BY task.finished_at LIMIT %s
    FOR UPDATE OF task SKIP LOCKED
)
"""

EMPTY = """
UPDATE tasks_task SET payload = '' WHERE id IN (
    SELECT id FROM tasks_task WHERE finished_at < %s AND payload <> ''
    ORDER BY finished_at LIMIT %s
    FOR UPDATE SKIP LOCKED
)
"""


def remove_old_tasks(*, before: datetime, most_batches: int = 1 << 31) -> int:
    """Remove the tasks that ended before that, in batches; return how many."""
    return _in_batches(REMOVE, before, most_batches)


def empty_old_payloads(*, before: datetime, most_batches: int = 1 << 31) -> int:
    """Empty the payloads of tasks that ended before that; return how many."""
    return _in_batches(EMPTY, before, most_batches)


def tasks_kept_since() -> datetime:
    return timezone.now() - timedelta(days=settings.TASKS_KEPT_DAYS)


def payloads_kept_since() -> datetime:
    return timezone.now() - timedelta(days=settings.TASKS_PAYLOAD_KEPT_DAYS)


def _in_batches(statement: str, before: datetime, most_batches: int) -> int:
    changed = 0
    for _ in range(most_batches):
        with connection.cursor() as cursor:
            cursor.execute(statement, [before, BATCH])
            changed += cursor.rowcount
            if cursor.rowcount < BATCH:
                break
    return changed
