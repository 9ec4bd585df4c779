"""One attempt at a claimed task: its work and its ending, in one transaction."""

import json
import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from structlog.contextvars import bound_contextvars

from config.history import recorded
from tasks import failpoints, registry
from tasks.models import Task
from tasks.statements import first_row, first_row_of_first
from tasks.tallies import FENCES_LOST, tally

logger = logging.getLogger(__name__)

MOST_CRASHES = 3  # workers that a task may take with it
MOST_ATTEMPTS = 5
MOST_LOST_CONNECTIONS = 10  # attempts, where the database is what fails
MOST_SECONDS = 120  # between the first attempt and the last
MOST_TRIES_IN_PLACE = 5
FIRST_PAUSE = 2  # seconds; doubles with each attempt

# Deadlock, serialization failure, lock time-out: the next try may well succeed.
PASSING = {"40P01", "40001", "55P03"}

GAVE_UP = "The task could not be completed. Nothing was changed."

# The savepoint comes with the lock, in one round trip: what fails after it is undone
# while the lane stays locked. It needs no release, as the commit is not far.
LOCK = """
SELECT 1 FROM tasks_lane WHERE key = %s AND fence = %s FOR UPDATE;
SAVEPOINT effect
"""
UNDO = "ROLLBACK TO SAVEPOINT effect"

# All or nothing: who finds no row rolls back. (The state is hidden from the planner,
# who would else read an index of all that is unfinished instead of this one row.)
END = """
WITH ended AS (
    UPDATE tasks_task SET
        state = %(state)s, code = %(code)s, message = %(message)s,
        worker_data = %(worker_data)s, finished_at = clock_timestamp()
    WHERE id = %(id)s AND state || '' = 'running' AND fence = %(fence)s
    RETURNING lane_id, number
)
UPDATE tasks_lane AS lane SET
    applied_number = ended.number, lease_until = NULL,
    ready_at = CASE WHEN ended.number < lane.next_number THEN lane.ready_at END
FROM ended
WHERE lane.key = ended.lane_id AND lane.fence = %(fence)s
RETURNING lane.ready_at IS NOT NULL
"""

PUT_OFF = """
WITH paused AS (
    UPDATE tasks_task SET state = 'queued'
    WHERE id = %(id)s AND state || '' = 'running' AND fence = %(fence)s
    RETURNING lane_id
)
UPDATE tasks_lane AS lane SET
    lease_until = NULL,
    ready_at = clock_timestamp() + %(pause)s * interval '1 s'
FROM paused
WHERE lane.key = paused.lane_id AND lane.fence = %(fence)s
RETURNING false
"""


class Overtaken(Exception):
    """Another worker has taken the lane over: what was done here is void."""


@dataclass(frozen=True)
class Ending:
    """How a task ends for good."""

    state: str
    message: str
    code: str = ""
    worker_data: str | None = None  # as JSON

    def write(self, task: Task) -> bool:
        values = {
            "state": self.state,
            "code": self.code,
            "message": self.message,
            "worker_data": self.worker_data,
        }
        return _write(END, task, values)


@dataclass(frozen=True)
class Pause:
    """That a task is tried again later."""

    seconds: float

    def write(self, task: Task) -> bool:
        return _write(PUT_OFF, task, {"pause": self.seconds})


def attempt(task: Task) -> bool:
    """Do a claimed task; return whether the lane's next may begin at once."""
    with bound_contextvars(task_id=task.pk, request_id=task.request_id):
        return _attempt(task)


def _attempt(task: Task) -> bool:
    failpoints.reach(failpoints.AFTER_CLAIM_COMMIT)
    try:
        more = _in_one_transaction(task)
    except Overtaken:
        logger.warning("task_overtaken")
        tally(FENCES_LOST)
        return False
    except (DatabaseError, InterfaceError) as error:
        return _leave(task, error)
    failpoints.reach(failpoints.AFTER_EFFECT_COMMIT)
    return more


def _in_one_transaction(task: Task) -> bool:
    with transaction.atomic():
        _lock_lane(task)
        return decide(task).write(task)


def _lock_lane(task: Task) -> None:
    if first_row_of_first(LOCK, [task.lane_id, task.fence]) is None:
        raise Overtaken


def _write(statement: str, task: Task, values: dict[str, Any]) -> bool:
    row = first_row(statement, {**values, "id": task.pk, "fence": task.fence})
    if row is None:
        raise Overtaken
    return row[0]


def decide(task: Task) -> Ending | Pause:
    """Work the task and say how it goes on; what failed is undone by then."""
    if task.crashes >= MOST_CRASHES:
        logger.error("task_kills_workers")
        return Ending(Task.State.ERROR, GAVE_UP, code="worker_lost")
    try:
        return work(task)
    except Exception as error:
        if not connection.is_usable():
            raise
        logger.exception("task_failed")
        return _after_failure(task, MOST_ATTEMPTS, type(error).__name__)


def work(task: Task) -> Ending:
    """Run the task's handler, and run it again after what passes by itself."""
    handler = registry.handler_of(task)
    tries = 0
    while True:
        try:
            return _run(handler, task)
        except handler.refusals as refusal:
            return refused(handler, refusal)
        except OperationalError as error:
            tries += 1
            if tries == MOST_TRIES_IN_PLACE or not is_passing(error):
                raise
            time.sleep(random.uniform(0, 0.05 * 2**tries))


def _run(handler: registry.Handler, task: Task) -> Ending:
    failpoints.reach(failpoints.BEFORE_EFFECT)
    # Nothing that can fail may stand between its end and the writing of the ending.
    with _undone_where_it_fails(), history_of(task):
        ending = completed(handler, task)
        failpoints.reach(failpoints.AFTER_EFFECT)
    return ending


@contextmanager
def _undone_where_it_fails() -> Iterator[None]:
    """As a nested `atomic` undoes, down to what waits for the commit."""
    waiting = [*connection.run_on_commit]
    try:
        yield
    except Exception:
        connection.run_on_commit = waiting
        transaction.set_rollback(False)
        with connection.cursor() as cursor:
            cursor.execute(UNDO)
        raise


def completed(handler: registry.Handler, task: Task) -> Ending:
    """Do the work; return how a task ends whose handler was content."""
    done = handler.work(task)
    told = None if done.worker_data is None else json.dumps(done.worker_data)
    return Ending(Task.State.COMPLETE, done.message, worker_data=told)


def refused(handler: registry.Handler, refusal: Exception) -> Ending:
    """How a task ends that its requester caused to fail."""
    code = getattr(refusal, "code", "") or "refused"
    return Ending(Task.State.ERROR, handler.refusal(refusal), code=code)


def history_of(task: Task):
    """The history context of what the task changes."""
    return recorded(
        actor=task.actor,
        door=task.door,
        request_id=task.request_id or None,
        task_id=task.pk,
        reason=task.reason or None,
    )


def is_passing(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in PASSING


def _after_failure(task: Task, most: int, code: str) -> Ending | Pause:
    if task.attempts >= most or _seconds_since_start(task) > MOST_SECONDS:
        return Ending(Task.State.ERROR, GAVE_UP, code=f"failed_{code}"[:64])
    return Pause(FIRST_PAUSE ** min(task.attempts, 5))


def _seconds_since_start(task: Task) -> float:
    """By the database's clock: that of a worker may be wrong."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM clock_timestamp() - %s)", [task.started_at]
        )
        return cursor.fetchone()[0]


def _leave(task: Task, error: Exception) -> bool:
    """Put a task off that could not be ended, or ended without our hearing it.

    Where that fails too, the lease runs out and another worker comes.
    """
    logger.warning("task_left", exc_info=error)
    connection.close()
    for _ in range(3):
        try:
            return _put_off(task, error)
        except Overtaken:
            return False
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.5)
    return False


def _put_off(task: Task, error: Exception) -> bool:
    with transaction.atomic():
        _lock_lane(task)
        after = _after_failure(task, MOST_LOST_CONNECTIONS, type(error).__name__)
        return after.write(task)
