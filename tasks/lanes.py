"""Working a lane: claim its head, do it, end it; and on to the next.

A claim is committed before the work begins, so that a task which kills its
worker is seen. The work and the ending are one transaction under the lane's
lock, fenced by the attempt's number: whoever was overtaken changes nothing.
"""

import logging
import time

from django.db import InterfaceError, OperationalError, connection, transaction

from tasks import registry
from tasks.attempts import attempt
from tasks.models import Task
from tasks.statements import first_row, prepare_session
from tasks.tallies import CRASHES_RECOVERED, tally

logger = logging.getLogger(__name__)

TASKS_PER_TURN = 10
SECONDS_PER_TURN = 0.5

# One statement, so that a claim costs one round trip. Its snapshot may be older
# than the lane row that it locks; it is safe because whatever sees number n also
# sees every lower number, `applied_number` is read from the locked row, and the
# update looks at the task's state again.
# (The head is looked up within a LATERAL: a plain join would sort all that waits.
# The update hides the state from the planner: by statistics from before a flood it
# would read the index of all that is unfinished, in whatever lane, for each claim.)
# It need not survive a crash of the database: a claim that is lost leaves the
# task queued, and the ending asks for the state `running`.
# The lease covers the gap until the work locks the lane, and never the work, so
# that it needs no heartbeat and taking over is always safe.
CLAIM = """
WITH setting AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
), lane AS MATERIALIZED (
    SELECT key, applied_number, fence FROM tasks_lane, setting
    WHERE key = %(lane)s AND NOT is_held AND ready_at <= clock_timestamp()
        AND (lease_until IS NULL OR lease_until <= clock_timestamp())
    FOR UPDATE OF tasks_lane SKIP LOCKED
), head AS MATERIALIZED (
    SELECT task.id, task.resource || ' ' || task.action AS name, task.state,
        lane.fence + 1 AS fence
    FROM lane CROSS JOIN LATERAL (
        SELECT id, resource, action, state FROM tasks_task
        WHERE lane_id = lane.key AND number > lane.applied_number
            AND state IN ('queued', 'running')
        ORDER BY number LIMIT 1
    ) AS task
), claimed AS (
    UPDATE tasks_task AS task SET
        state = 'running', fence = head.fence, attempts = task.attempts + 1,
        crashes = task.crashes + (task.state = 'running')::int,
        started_at = coalesce(task.started_at, clock_timestamp())
    FROM head
    WHERE task.id = head.id AND head.name = ANY(%(known)s)
        AND task.state || '' IN ('queued', 'running')
    RETURNING task.*
), leased AS (
    UPDATE tasks_lane AS lane
    SET fence = claimed.fence, lease_until = clock_timestamp() + interval '5 s'
    FROM claimed WHERE lane.key = claimed.lane_id
)
SELECT head.name, head.state = 'running', {columns}
FROM lane LEFT JOIN head ON true LEFT JOIN claimed ON true
"""
FIELDS = [field.attname for field in Task._meta.local_concrete_fields]
CLAIM = CLAIM.format(columns=", ".join(f"claimed.{name}" for name in FIELDS))

LOCK = "SELECT FROM tasks_lane WHERE key = %s FOR UPDATE SKIP LOCKED"

SETTLE = """
UPDATE tasks_lane AS lane SET applied_number = next_number, ready_at = NULL
WHERE key = %s AND NOT EXISTS (
    SELECT FROM tasks_task AS task
    WHERE task.lane_id = lane.key AND task.number > lane.applied_number
        AND task.state IN ('queued', 'running')
)
"""

LEAVE_TO_NEWER = """
UPDATE tasks_lane SET ready_at = clock_timestamp() + interval '5 s'
WHERE key = %s AND ready_at <= clock_timestamp()
"""

HAND_ON = """
UPDATE tasks_lane SET ready_at = clock_timestamp(), hinted_at = clock_timestamp()
WHERE key = %s AND ready_at <= clock_timestamp() AND NOT is_held
"""


def run_turn(lane: str) -> bool:
    """Work the lane for a while; return whether workers are to be told again.

    What is left goes to the back of the queue, so that no lane keeps others
    waiting.
    """
    try:
        return _run_turn(lane)
    except (OperationalError, InterfaceError) as error:
        # The database was restarted since the last turn, say: nothing has begun
        # that another turn, on another connection, may not look at again.
        logger.warning("turn_begun_again", extra={"lane": lane}, exc_info=error)
        connection.close()
        return _run_turn(lane)


def _run_turn(lane: str) -> bool:
    prepare_session()
    ends = time.monotonic() + SECONDS_PER_TURN
    for _ in range(TASKS_PER_TURN):
        if not run_next(lane):
            return False
        if time.monotonic() > ends:
            break
    return _changes(HAND_ON, lane)


def run_next(lane: str) -> bool:
    """Do the lane's next task; return whether another may begin at once."""
    task = claim(lane)
    return attempt(task) if task else False


def claim(lane: str) -> Task | None:
    """Claim the lane's first unfinished task, if this process may do it now."""
    while (row := _claimed_row(lane)) is not None:
        name, was_running, *values = row
        if values[0] is not None:
            return _claimed_task(values, was_running)
        if name is None and settle(lane):
            return None
        if name is not None and name not in registry.known_names():
            _leave_to_newer(lane, name)
            return None
        # It was cancelled, or another was accepted, while the claim looked.
    return None


def _claimed_row(lane: str) -> tuple | None:
    return first_row(CLAIM, {"lane": lane, "known": registry.known_names()})


def _claimed_task(values: list, was_running: bool) -> Task:
    task = Task.from_db(connection.alias, FIELDS, values)
    if was_running:
        logger.warning("task_taken_over", extra={"task": task.pk})
        tally(CRASHES_RECOVERED)
    return task


def _leave_to_newer(lane: str, name: str) -> None:
    logger.warning("task_unknown", extra={"lane": lane, "task_name": name})
    _changes(LEAVE_TO_NEWER, lane)


def settle(lane: str) -> bool:
    """Close a lane that has nothing left but tasks that were cancelled.

    The lane is locked in a statement of its own: only one that begins under the
    lock sees what was accepted last.
    """
    with transaction.atomic():
        return not _changes(LOCK, lane) or _changes(SETTLE, lane)


def _changes(statement: str, lane: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [lane])
        return cursor.rowcount == 1
