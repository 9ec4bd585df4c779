"""One piece of long work: what was asked, by whom, how far it is, how it ended."""

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.columns import code_field, id_field


def new_lock_number() -> int:
    return secrets.randbits(31)


class JobQuerySet(models.QuerySet):
    def unfinished(self):
        """Jobs that are still to end. See also Job.has_ended."""
        return self.filter(state__in=Job.UNFINISHED)

    def failed_since(self, moment):
        return self.filter(state=Job.State.FAILED, finished_at__gte=moment)


class Job(models.Model):
    """Work that may take minutes and takes effect all at once, at its end.

    Its runner holds an advisory lock for as long as it lives, so a job that is
    `running` while nobody holds that lock has died and is started again.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    UNFINISHED = (State.QUEUED, State.RUNNING)

    id = id_field()
    kind = code_field(editable=False)
    arguments = models.JSONField(default=dict, editable=False)
    actor = models.JSONField(editable=False)  # as the history names it
    door = models.CharField(max_length=64, editable=False)
    reason = models.CharField(max_length=500, blank=True, editable=False)
    request_id = models.CharField(max_length=64, blank=True, editable=False)

    state = models.CharField(
        max_length=16, choices=State.choices, default=State.QUEUED, editable=False
    )
    done = models.BigIntegerField(default=0, editable=False)
    total = models.BigIntegerField(default=0, editable=False)  # 0: not known
    stage = models.CharField(max_length=100, blank=True, editable=False)
    result = models.JSONField(null=True, editable=False)
    error = models.TextField(blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    lock_number = models.PositiveIntegerField(default=new_lock_number, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, editable=False)
    hinted_at = models.DateTimeField(null=True, editable=False)  # workers were told
    accepted_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="job_accepted", fields=["-accepted_at"]),
            # What the sweep looks for every second.
            models.Index(
                name="job_unfinished",
                fields=["accepted_at"],
                condition=Q(state__in=["queued", "running"]),
            ),
            models.Index(name="job_finished", fields=["finished_at"]),  # retention
        ]
        constraints = [
            models.CheckConstraint(
                name="job_dates_fit_state",
                condition=Q(state__in=["queued", "running"], finished_at=None)
                | Q(
                    state__in=["done", "failed", "cancelled"],
                    finished_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def has_ended(self) -> bool:
        """Whether its state will not change. See also JobQuerySet.unfinished."""
        return self.state not in self.UNFINISHED

    @property
    def percent(self) -> int | None:
        """How far it is; None while that cannot be told."""
        return min(100, self.done * 100 // self.total) if self.total else None
