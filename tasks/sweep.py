"""The sweep: what finds lanes whose hint was lost, and needs no broker.

It runs as a thread of every worker's main process. Several sweeps share the work
by marking a lane as told in the statement that finds it.
"""

import logging
import os
import random
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from django.db import connection

from config import chores
from tasks import dispatch, failpoints
from tasks.lanes import run_turn
from tasks.tallies import INLINE_RUNS, tally

logger = logging.getLogger(__name__)

PAUSE = 1.0  # seconds between two rounds, about
MOST_LANES = 500  # in one look
SECONDS_BETWEEN_CHORES = 30
SECONDS_HERE = 5.0  # of working lanes in this process, before looking again
DEAF_AFTER = 60  # seconds without any hint, while lanes are overdue
STILL_OVERDUE = 15  # seconds between two findings that are one trouble
STUCK_AFTER = 60  # seconds that the helper may take
LAST_GRACE = 15  # seconds to end in order

# Not those that are being worked (SKIP LOCKED) or were claimed a moment ago.
FIND = """
UPDATE tasks_lane SET hinted_at = clock_timestamp() WHERE key IN (
    SELECT key FROM tasks_lane
    WHERE ready_at <= clock_timestamp() AND NOT is_held
        AND (lease_until IS NULL OR lease_until <= clock_timestamp())
        AND (hinted_at IS NULL
            OR hinted_at < clock_timestamp() - interval '2 s')
    ORDER BY ready_at LIMIT %s
    FOR UPDATE SKIP LOCKED
)
RETURNING key, ready_at < clock_timestamp() - interval '10 s'
"""

# No pause and no lease is that long: the clock was set back meanwhile, and the lane
# would sleep until it has caught up.
RECALL = """
UPDATE tasks_lane SET
    ready_at = least(ready_at, clock_timestamp()),
    lease_until = least(lease_until, clock_timestamp()),
    hinted_at = least(hinted_at, clock_timestamp())
WHERE key IN (
    SELECT key FROM tasks_lane
    WHERE ready_at IS NOT NULL
        AND greatest(ready_at, lease_until, hinted_at)
            > clock_timestamp() + interval '1 min'
    FOR UPDATE SKIP LOCKED
)
"""

# One that was taken in the future was taken before the clock was set back.
TAKE_CHORE = """
INSERT INTO tasks_turn AS turn (chore, taken_at) VALUES (%s, clock_timestamp())
ON CONFLICT (chore) DO UPDATE SET taken_at = clock_timestamp()
WHERE turn.taken_at <= clock_timestamp() - %s OR turn.taken_at > clock_timestamp()
"""


def find() -> list[tuple[str, bool]]:
    """Find lanes that wait though nobody may have been told; mark them as told.

    Each comes with whether it is overdue: it was told of before, in vain.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIND, [MOST_LANES])
        return cursor.fetchall()


def recall() -> int:
    """Have lanes be due that a clock which was set back has left in the future."""
    with connection.cursor() as cursor:
        cursor.execute(RECALL)
        return cursor.rowcount


def tell(found: list[tuple[str, bool]]) -> list[str]:
    """Hint at each lane; return those that this process had better work itself."""
    is_long = bool(found) and dispatch.queue_is_long()
    told = {lane for lane, _ in found if is_long or dispatch.hint(lane)}
    return [lane for lane, is_overdue in found if is_overdue or lane not in told]


def work_here(lanes: list[str]) -> int:
    """Work lanes in this process, turn by turn; return how many turns it took.

    What is not done when the time is over is found again by the next sweep.
    """
    ends = time.monotonic() + SECONDS_HERE
    waiting, turns = deque(lanes), 0
    while waiting and time.monotonic() < ends:
        lane = waiting.popleft()
        if run_turn(lane) and not dispatch.hint(lane):
            waiting.append(lane)
        turns += 1
    tally(INLINE_RUNS, turns)
    return turns


def do_chores() -> None:
    """Do each chore that is due and that no other worker has taken."""
    for chore in chores.registered.values():
        if _take(chore):
            chore.run()


def _take(chore: chores.Chore) -> bool:
    with connection.cursor() as cursor:
        asked: list[Any] = [chore.name, chore.every]
        cursor.execute(TAKE_CHORE, asked)
        return cursor.rowcount == 1


def guarded(job: Callable[[], object]) -> None:
    """Do it; log what it raises, and leave no broken connection behind."""
    try:
        job()
    except Exception:
        logger.exception("sweep_failed")
        connection.close()


class Helper:
    """A thread that does one thing at a time beside the sweep.

    A lane that is worked here may hang; the sweep must not hang with it.
    """

    def __init__(self) -> None:
        self.busy_since: float | None = None

    @property
    def is_stuck(self) -> bool:
        began = self.busy_since
        return began is not None and time.monotonic() - began > STUCK_AFTER

    def offer(self, job: Callable[[], object]) -> None:
        """Do it now, unless something is being done."""
        if self.busy_since is None:
            self.busy_since = time.monotonic()
            threading.Thread(target=self._run, args=[job], daemon=True).start()

    def _run(self, job: Callable[[], object]) -> None:
        try:
            guarded(job)
        finally:
            connection.close()
            self.busy_since = None


class Sweeper:
    """Sweeps until it is stopped, and ends a worker that has gone deaf."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.helper = Helper()
        self.ears = Ears()
        self.chores_at = 0.0

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="sweep").start()

    def stop(self) -> None:
        self.stopping.set()

    def _run(self) -> None:
        while not self.stopping.wait(PAUSE * random.uniform(0.7, 1.3)):
            guarded(self.round)
            if self.ears.are_deaf or self.helper.is_stuck:
                leave()
        connection.close()

    def round(self) -> None:
        failpoints.reach(failpoints.IN_SWEEP)
        found = find()
        if any(is_overdue for _, is_overdue in found):
            self.ears.missed()
        if lanes := tell(found):
            self.helper.offer(lambda: work_here(lanes))
        elif time.monotonic() > self.chores_at:
            self.chores_at = time.monotonic() + SECONDS_BETWEEN_CHORES
            self.helper.offer(do_chores)


class Ears:
    """Whether a worker is still told of anything while lanes are overdue.

    A worker of Celery may outlive its broker and never consume again.
    """

    def __init__(self) -> None:
        self.heard_at = self.missed_since = self.missed_at = time.monotonic()

    def heard(self, **kwargs) -> None:
        """A hint came in."""
        self.heard_at = time.monotonic()

    def missed(self) -> None:
        """A lane was found overdue."""
        now = time.monotonic()
        if now - self.missed_at > STILL_OVERDUE:
            self.missed_since = now
        self.missed_at = now

    @property
    def are_deaf(self) -> bool:
        """With the broker away nobody is told, and a new worker would be no better."""
        quiet_since = max(self.heard_at, self.missed_since)
        is_quiet = self.missed_at - quiet_since > DEAF_AFTER
        return is_quiet and not dispatch.breaker.is_open


def leave() -> None:
    """End this worker; whatever supervises it starts another."""
    logger.error("worker_leaves")
    threading.Timer(LAST_GRACE, os._exit, [70]).start()
    os.kill(os.getpid(), signal.SIGTERM)
