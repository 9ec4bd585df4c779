"""Taking a task on: the one statement that makes the promise."""

import threading
import time
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import OperationalError, connection

from tasks.errors import EngineFull, LaneBusy, LaneFull
from tasks.models import Task
from tasks.statements import LASTING

LOCK_NOT_AVAILABLE = "55P03"
PATIENCE = "1s"  # for the lane's lock, which a long handler may hold

# The lane's row lock is held from here to the commit: that alone makes numbers
# the order of acceptance. It is taken last, so that nothing is waited for
# behind it. A lane without anything waiting is hinted at, and one whose last
# hint is old, as that may be lost.
# The commit waits for the disk, whatever the server is set to: else its crash
# would break the promise.
ACCEPT = f"""
WITH setting AS MATERIALIZED (
    SELECT set_config('lock_timeout', %(patience)s, true),
        set_config('synchronous_commit', {LASTING}, true)
), lane AS (
    INSERT INTO tasks_lane AS lane
        (key, next_number, applied_number, ready_at, fence, hinted_at, is_held)
    SELECT %(lane)s, 1, 0, statement_timestamp(), 0, statement_timestamp(), false
    FROM setting
    ON CONFLICT (key) DO UPDATE SET
        next_number = lane.next_number + 1,
        ready_at = coalesce(lane.ready_at, statement_timestamp()),
        hinted_at = CASE
            WHEN lane.is_held THEN lane.hinted_at
            WHEN lane.ready_at IS NULL
                OR lane.hinted_at IS NULL
                OR (lane.ready_at <= statement_timestamp()
                    AND lane.hinted_at < statement_timestamp() - interval '2 s')
            THEN statement_timestamp()
            ELSE lane.hinted_at
        END
    WHERE lane.next_number - lane.applied_number < %(most)s
    RETURNING key, next_number, applied_number,
        hinted_at = statement_timestamp() AS is_to_be_hinted
), task AS (
    INSERT INTO tasks_task
        (id, lane_id, number, resource, action, resource_id, payload, about,
         client_id, sub, name, email, scope, issued_at, expires_at,
         request_id, reason, retry_of)
    SELECT %(id)s, key, next_number, %(resource)s, %(action)s, %(resource_id)s,
           %(payload)s, %(about)s, %(client_id)s, %(sub)s, %(name)s, %(email)s,
           %(scope)s, %(issued_at)s, %(expires_at)s, %(request_id)s, %(reason)s,
           %(retry_of)s
    FROM lane
)
SELECT next_number, applied_number, is_to_be_hinted, statement_timestamp() FROM lane
"""

COLUMNS = (
    *("id", "resource", "action", "resource_id", "payload", "about"),
    *("client_id", "sub", "name", "email", "scope", "issued_at", "expires_at"),
    *("request_id", "reason", "retry_of"),
)

UNFINISHED_IN_LANE = """
SELECT count(*) FROM tasks_task
WHERE lane_id = %s AND state IN ('queued', 'running')
"""

# By lanes: there are fewer of them, however deep they are.
WAITING = """
SELECT coalesce(sum(next_number - applied_number), 0)::bigint FROM (
    SELECT next_number, applied_number FROM tasks_lane
    WHERE ready_at IS NOT NULL LIMIT %s
) AS lane
"""


@dataclass(frozen=True)
class Accepted:
    """What the lane said."""

    number: int
    applied_number: int
    is_to_be_hinted: bool
    at: datetime


def accept(task: Task) -> Accepted:
    """Insert the task at the end of its lane; needs a transaction around it.

    Raises LaneFull, EngineFull or LaneBusy, and nothing is accepted then.
    """
    refuse_where_full()
    most = settings.TASKS_WAITING_PER_RESOURCE
    accepted = _insert(task, most) or _insert(task, _most_with_gaps(task, most))
    if accepted is None:
        raise LaneFull
    _backlog.grew()
    return accepted


def _insert(task: Task, most: int) -> Accepted | None:
    columns = {name: getattr(task, name) for name in COLUMNS}
    parameters = {**columns, "lane": task.lane_id, "most": most, "patience": PATIENCE}
    try:
        with connection.cursor() as cursor:
            cursor.execute(ACCEPT, parameters)
            row = cursor.fetchone()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise LaneBusy from error
        raise
    return row and Accepted(*row)


def _most_with_gaps(task: Task, most: int) -> int:
    """Widen the limit by those that were cancelled and that the lane still counts.

    The lane is locked by now, by the statement that found it full.
    """
    with connection.cursor() as cursor:
        cursor.execute(UNFINISHED_IN_LANE, [task.lane_id])
        (unfinished,) = cursor.fetchone()
    if unfinished >= most:
        raise LaneFull
    return 1 << 62


class Backlog:
    """About how many tasks wait in all, counted at most once a second.

    Counting a million lanes takes a moment, so the count is kept for twenty times
    as long as it took, and what this process accepted since is added to it.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self.known = 0
        self.fresh_until = 0.0

    def grew(self) -> None:
        self.known += 1

    def size(self, most: int) -> int:
        if time.monotonic() > self.fresh_until and self.lock.acquire(blocking=False):
            try:
                self._count(most)
            finally:
                self.lock.release()
        return self.known

    def _count(self, most: int) -> None:
        began = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(WAITING, [most])
            (self.known,) = cursor.fetchone()
        took = time.monotonic() - began
        self.fresh_until = began + took + max(1.0, 20 * took)


_backlog = Backlog()


def refuse_where_full() -> None:
    most = settings.TASKS_WAITING_IN_ALL
    if _backlog.size(most) >= most:
        raise EngineFull


def forget_backlog() -> None:
    """Count afresh at the next acceptance."""
    _backlog.forget()
