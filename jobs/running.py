"""Running a job: one lock, one transaction, one commit.

The lock is an advisory lock of the transaction that does the work. It is free
as soon as that transaction is over or its process dead, so nothing needs a
lease, a heartbeat or a clock, and two runners of one job cannot both commit.
What others must see meanwhile is written over a second connection.
"""

import logging
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from config.errors import DomainError
from config.history import recorded
from jobs.errors import Cancelled
from jobs.models import Job
from jobs.progress import Progress, side_connection
from jobs.registry import Work, find
from jobs.rights import check_asker

logger = logging.getLogger(__name__)

LOCK_CLASS = 0x6A6F6273  # "jobs": the first half of every lock taken here
MOST_ATTEMPTS = 3
LOST = (
    f"It was begun {MOST_ATTEMPTS} times and its worker was lost each time. "
    "The log says more."
)
BROKEN = "Something went wrong, and nothing was changed. The log says more."

# A job takes as long as it takes, whatever limits the process gives its session.
SESSION = """
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '60s';
SET LOCAL idle_in_transaction_session_timeout = '10min'
"""
CLAIM = """
UPDATE jobs_job SET state = 'running', attempts = attempts + 1, done = 0, total = 0,
    started_at = coalesce(started_at, clock_timestamp())
WHERE id = %s AND state IN ('queued', 'running') AND attempts < %s
RETURNING attempts
"""
END = """
UPDATE jobs_job SET state = %s, error = %s, finished_at = clock_timestamp()
WHERE id = %s AND state IN ('queued', 'running')
"""


def run(job_id: str) -> None:
    """Run the job unless it has ended or somebody else runs it just now."""
    job = Job.objects.get(pk=job_id)
    work = find(job.kind)
    if work is None:
        return
    with side_connection() as side, transaction.atomic():
        if take_lock(job):
            _run_alone(job, work, side)


def take_lock(job: Job) -> bool:
    """Hold the job until the transaction ends; False where another does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_CLASS, job.lock_number]
        )
        return cursor.fetchone()[0]


def _run_alone(job: Job, work: Work, side: BaseDatabaseWrapper) -> None:
    attempt = _claim(job, side)
    if attempt is None:
        _end(side, job, Job.State.FAILED, LOST)
        return
    # Failures are written while the lock is held: nobody starts it in between.
    try:
        with transaction.atomic():
            _set_limits()
            job.attempts = attempt
            result = _work(job, work, Progress(side, job.pk, attempt))
            _finish(job, result)
    except Cancelled as error:
        _end(side, job, Job.State.CANCELLED, error.message)
    except DomainError as error:
        _end(side, job, Job.State.FAILED, error.message)
    except OperationalError:
        raise  # the database is away, or a deadlock: it is begun again
    except Exception:
        logger.exception("job_failed", extra={"job": job.pk, "kind": job.kind})
        _end(side, job, Job.State.FAILED, BROKEN)


def _work(job: Job, work: Work, progress: Progress) -> dict[str, Any] | None:
    context = recorded(
        actor=job.actor,
        door=job.door,
        request_id=job.request_id or None,
        reason=job.reason or None,
        job_id=job.pk,
    )
    with context:
        check_asker(job)
        return work(job, progress)


def _set_limits() -> None:
    with connection.cursor() as cursor:
        cursor.execute(SESSION)


def _claim(job: Job, side: BaseDatabaseWrapper) -> int | None:
    with side.cursor() as cursor:
        cursor.execute(CLAIM, [job.pk, MOST_ATTEMPTS])
        claimed = cursor.fetchone()
    return claimed and claimed[0]


def _finish(job: Job, result: dict[str, Any] | None) -> None:
    """End it in the transaction of the work itself, all of it or nothing."""
    connection.check_constraints()  # those that would else speak at the commit
    mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    ended = mine.update(state=Job.State.DONE, result=result, finished_at=timezone.now())
    if not ended:
        raise Cancelled("It was ended while it ran.")


def _end(side: BaseDatabaseWrapper, job: Job, state: str, error: str) -> None:
    with side.cursor() as cursor:
        cursor.execute(END, [state, error, job.pk])
