"""The Celery side: one task for all lanes, and the sweep beside it."""

import time

from celery import bootsteps, shared_task
from celery.signals import task_received
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from config.celery import app
from tasks.dispatch import RUN_LANE, hint, next_lane
from tasks.lanes import run_turn
from tasks.sweep import Sweeper

TURNS_WITHOUT_BROKER = 10
SECONDS_AT_ONCE = 0.5
TIME_LIMIT = 60  # seconds; ends a process that a handler never leaves


@shared_task(name=RUN_LANE, ignore_result=True, time_limit=TIME_LIMIT)
def run_lane(lane: str) -> None:
    """Work a lane for one turn, and then those that wait longest, for a while.

    Celery takes as long to hand a process the next hint as a task takes, so the
    process takes it from the queue itself.
    """
    ends = time.monotonic() + SECONDS_AT_ONCE
    next_in_line: str | None = lane
    while next_in_line:
        _work(next_in_line)
        next_in_line = next_lane() if time.monotonic() < ends else None


def _work(lane: str) -> None:
    """Work a lane for one turn; what is left goes to the back of the queue.

    With the broker away there is no queue: then it is worked some turns more.
    """
    try:
        for _ in range(TURNS_WITHOUT_BROKER):
            if not run_turn(lane) or hint(lane):
                break
    except (OperationalError, InterfaceError):
        connection.close()  # else this process would keep one that is broken
        raise


class Sweeping(bootsteps.StartStopStep):
    """Runs the sweep in the worker's main process.

    A step and not a signal: `worker_ready` waits for the broker, which the
    sweep must be able to do without.
    """

    requires = ("celery.worker.components:Pool",)

    def __init__(self, worker, **options):
        self.sweeper = Sweeper()
        super().__init__(worker, **options)

    def include_if(self, worker):
        # One that serves another queue hears of no lane and would think itself deaf.
        return settings.CELERY_TASK_DEFAULT_QUEUE in worker.app.amqp.queues.consume_from

    def start(self, worker):
        task_received.connect(self.sweeper.ears.heard)
        self.sweeper.start()

    def stop(self, worker):
        self.sweeper.stop()

    terminate = stop


app.steps["worker"].add(Sweeping)
