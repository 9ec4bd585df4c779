"""Asking for a job, and asking that it stop."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from jobs.errors import HasEnded, NotAllowed
from jobs.models import Job
from jobs.rights import may_ask_for


def start_job(
    kind: str,
    arguments: dict[str, Any],
    *,
    actor: dict[str, str],
    door: str,
    reason: str = "",
    request_id: str = "",
) -> Job:
    """Accept a job; a worker begins it within seconds of the commit.

    `actor` and `door` are those of the history: its changes are recorded as if
    who asked had made them. No broker is asked: the workers look for new jobs.
    """
    return Job.objects.create(
        kind=kind,
        arguments=arguments,
        actor=actor,
        door=door,
        reason=reason,
        request_id=request_id,
    )


@transaction.atomic
def cancel_job(job_id: str) -> Job:
    """End a job that waits; ask one that runs to stop where it next reports."""
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.has_ended:
        raise HasEnded("The job has ended already.")
    job.cancel_requested_at = timezone.now()
    fields = ["cancel_requested_at"]
    if job.state == Job.State.QUEUED:
        job.state, job.finished_at = Job.State.CANCELLED, timezone.now()
        fields += ["state", "finished_at"]
    job.save(update_fields=fields)
    return job


def run_again(job_id: str, *, by: AbstractUser) -> bool:
    """Queue a failed job anew; False where it has not failed.

    It stays the job of who asked for it. Raises NotAllowed where whoever has it
    begun again could not ask for it themselves.
    """
    if not may_ask_for(by, Job.objects.get(pk=job_id)):
        raise NotAllowed("You may not ask for this job, and so not begin it again.")
    failed = Job.objects.filter(pk=job_id, state=Job.State.FAILED)
    return bool(
        failed.update(
            state=Job.State.QUEUED,
            attempts=0,
            error="",
            finished_at=None,
            cancel_requested_at=None,
            hinted_at=None,
            accepted_at=Now(),
        )
    )
