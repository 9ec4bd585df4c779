"""The sweep: what finds jobs that nobody runs, and has them run.

It is how every job begins, and how one whose worker died begins again. It runs
as a thread of the main process of each worker that serves the queue of jobs.
"""

import logging
import random
import threading

from django.db import connection

from config.celery import app
from jobs import registry
from jobs.running import LOCK_CLASS, run

logger = logging.getLogger(__name__)

QUEUE = "jobs"
RUN_JOB = "jobs.run"  # the name of the Celery task; stable for ever
PAUSE = 1.0  # seconds between two rounds, about

# A job that runs is locked by its runner. One that was hinted at a moment ago may
# wait behind another; one that is said to run and is not locked has died.
FIND = """
UPDATE jobs_job SET hinted_at = clock_timestamp() WHERE id IN (
    SELECT id FROM jobs_job AS job
    WHERE state IN ('queued', 'running') AND kind = ANY(%s)
        AND (hinted_at IS NULL OR hinted_at < clock_timestamp()
            - CASE state WHEN 'queued' THEN interval '10 s' ELSE interval '2 s' END)
        AND NOT EXISTS (
            SELECT FROM pg_locks
            WHERE locktype = 'advisory' AND granted
                AND database = (
                    SELECT oid FROM pg_database WHERE datname = current_database()
                )
                AND classid = %s AND objid = job.lock_number
        )
    ORDER BY accepted_at LIMIT 100
    FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def find() -> list[str]:
    """Find jobs that nobody runs; mark them as told of."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, [registry.known_kinds(), LOCK_CLASS])
        return [job_id for (job_id,) in cursor.fetchall()]


def hint(job_id: str) -> bool:
    """Tell the workers of a job; return whether the broker took the message."""
    try:
        app.send_task(RUN_JOB, [job_id], queue=QUEUE, retry=False)
    except Exception as error:  # whatever the transport raises: it is away
        logger.warning("job_hint_failed", extra={"error": str(error)})
        return False
    return True


def sweep() -> None:
    """Have each job that nobody runs begun; without the broker, begin one here."""
    untold = [job_id for job_id in find() if not hint(job_id)]
    if untold:
        run(untold[0])


class Sweeper:
    """Sweeps until it is stopped."""

    def __init__(self) -> None:
        self.stopping = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="jobs").start()

    def stop(self) -> None:
        self.stopping.set()

    def _run(self) -> None:
        while not self.stopping.wait(PAUSE * random.uniform(0.7, 1.3)):
            try:
                sweep()
            except Exception:
                logger.exception("job_sweep_failed")
                connection.close()
