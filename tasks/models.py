"""The promise that a 202 is: tasks, and the lanes that keep them in order."""

from datetime import timedelta

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from config.columns import code_field, id_field


class LaneQuerySet(models.QuerySet):
    def waiting(self):
        """Lanes with something left to do. See also Lane.is_waiting."""
        return self.exclude(ready_at=None)

    def head_ids(self):
        """The id of the first unfinished task of each; None where there is none."""
        tasks = Task.objects.unfinished().filter(lane=OuterRef("pk"))
        head = tasks.order_by("number").values("pk")[:1]
        return self.annotate(head=Subquery(head)).values_list("head", flat=True)

    def held(self):
        """Lanes that staff hold."""
        return self.filter(is_held=True)

    def due(self):
        """Lanes whose next task may begin now, longest due first."""
        return self.filter(ready_at__lte=Now(), is_held=False).order_by("ready_at")


class Lane(models.Model):
    """One ordered resource, such as `students:f0027k4`.

    Numbers are taken under this row's lock, so they are the order in which
    acceptances committed. It is a hot row: only what sends it to another page
    of the index when the lane fills or empties stands in an index.
    """

    key = code_field(primary_key=True, max_length=200)
    next_number = models.BigIntegerField(default=0)  # the last that was given out
    applied_number = models.BigIntegerField(default=0)  # up to here all have ended
    ready_at = models.DateTimeField(null=True)  # when the next may begin
    fence = models.BigIntegerField(default=0)  # the number of the last attempt
    lease_until = models.DateTimeField(null=True)  # claimed, and not yet locked
    hinted_at = models.DateTimeField(null=True)  # workers were last told
    is_held = models.BooleanField(default=False)  # by staff

    objects = LaneQuerySet.as_manager()

    class Meta:
        permissions = [("operate", "Can retry, hold, resume and end tasks")]
        constraints = [
            models.CheckConstraint(
                name="lane_applies_what_it_gave",
                condition=Q(applied_number__lte=F("next_number")),
            ),
            models.CheckConstraint(
                name="lane_is_ready_where_it_waits",
                condition=Q(ready_at=None, applied_number=F("next_number"))
                | Q(ready_at__isnull=False, applied_number__lt=F("next_number")),
            ),
        ]
        indexes = [
            # The sweep, the metric of the oldest runnable task, the backlog.
            models.Index(
                name="lane_due",
                fields=["ready_at"],
                condition=Q(ready_at__isnull=False),
            ),
            models.Index(name="lane_held", fields=["key"], condition=Q(is_held=True)),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def waiting(self) -> int:
        """How many wait, those included that were cancelled and not yet passed."""
        return self.next_number - self.applied_number

    @property
    def is_waiting(self) -> bool:
        """Whether something is left to do. See also LaneQuerySet.waiting."""
        return self.ready_at is not None


class TaskQuerySet(models.QuerySet):
    def unfinished(self):
        """Tasks that are still to end. See also Task.has_ended."""
        return self.filter(state__in=Task.UNFINISHED)

    def ended(self):
        """Tasks whose status will never change. See also Task.has_ended."""
        return self.filter(state__in=Task.ENDED)

    def of_status(self, status: str):
        """Tasks as their requesters are told of them. See also Task.status."""
        if status == "accepted":
            return self.unfinished()
        return self.filter(state=status)

    def failed(self):
        """Tasks that ended in error and were not tried again since."""
        again = Task.objects.exclude(retry_of="").filter(retry_of=OuterRef("pk"))
        return self.filter(~Exists(again), state=Task.State.ERROR)

    def alike(self, task):
        """Those that were asked for and told the same as this one."""
        same = ("resource", "action", "code", "message")
        return self.filter(**{name: getattr(task, name) for name in same})

    def sized(self):
        """Instead of what each was sent its `size`: 0 where it is no longer kept."""
        size = Func(
            "payload", function="octet_length", output_field=models.IntegerField()
        )
        return self.defer("payload").annotate(size=size)

    def locked(self):
        """Rows locked in the order of their ids, as every writer locks them."""
        return self.order_by("pk").select_for_update(of=("self",))

    def about_records(self, resource_ids):
        """The newest first of those on any of these records."""
        return self.filter(resource_id__in=resource_ids).newest_first()

    def newest_first(self):
        return self.order_by("-accepted_at", "-pk")

    def requested_by(self, caller):
        """The tasks of one requester. See also Task.is_requested_by."""
        return self.filter(client_id=caller.client_id, sub=caller.sub)


class Task(models.Model):
    """One accepted change: what was asked, by whom, and how it ended."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        COMPLETE = "complete", "Complete"
        ERROR = "error", "Error"

    UNFINISHED = (State.QUEUED, State.RUNNING)
    ENDED = (State.COMPLETE, State.ERROR)

    id = id_field()
    # Its index is that of the unique number.
    lane = models.ForeignKey(Lane, models.PROTECT, related_name="tasks", db_index=False)
    number = models.BigIntegerField()
    resource = code_field(max_length=32)
    action = code_field(max_length=16)
    resource_id = code_field(max_length=128)
    payload = models.TextField()  # JSON as it was sent; emptied after a while
    about = code_field(default="")  # the profile it concerns

    client_id = code_field()  # empty: `sub` is a member of staff
    sub = code_field(max_length=254)
    name = models.TextField()
    email = models.TextField()
    scope = models.TextField()  # comma-joined, as a token says it
    issued_at = models.BigIntegerField(null=True)
    expires_at = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=64, default="")
    reason = models.CharField(max_length=500, default="")
    retry_of = code_field(default="")

    state = code_field(
        max_length=8, choices=State.choices, default=State.QUEUED, db_default="queued"
    )
    code = models.CharField(max_length=64, default="", db_default="")
    message = models.TextField(null=True)  # noqa: DJ001 - null until it ended
    worker_data = models.JSONField(null=True)
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    crashes = models.PositiveIntegerField(default=0, db_default=0)
    fence = models.BigIntegerField(default=0, db_default=0)
    accepted_at = models.DateTimeField(default=timezone.now, db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    asked_by: str  # by tasks.requesters, for who looks

    objects = TaskQuerySet.as_manager()

    class Meta:
        permissions = [("view_payload", "Can see what a task was sent")]
        constraints = [
            models.UniqueConstraint(
                name="task_number_in_lane", fields=["lane", "number"]
            ),
            models.UniqueConstraint(
                name="task_one_runs_in_lane",
                fields=["lane"],
                condition=Q(state="running"),
            ),
            models.CheckConstraint(
                name="task_dates_fit_state",
                condition=Q(state="queued", finished_at=None)
                | Q(state="running", started_at__isnull=False, finished_at=None)
                | Q(
                    state__in=["complete", "error"],
                    finished_at__isnull=False,
                    message__isnull=False,
                ),
            ),
        ]
        indexes = [
            # The head of a lane, the backlog.
            models.Index(
                name="task_unfinished",
                fields=["lane", "number"],
                condition=Q(state__in=["queued", "running"]),
            ),
            # Retention, and what ended lately.
            models.Index(name="task_finished", fields=["finished_at"]),
            models.Index(
                name="task_payload_kept",
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False) & ~Q(payload=""),
            ),
            # The board: what failed, what was tried again, a client's last success.
            models.Index(
                name="task_failed", fields=["finished_at"], condition=Q(state="error")
            ),
            models.Index(
                name="task_retried",
                fields=["retry_of"],
                condition=~Q(retry_of=""),
            ),
            models.Index(
                name="task_client",
                fields=["client_id", "finished_at"],
                condition=Q(state="complete"),
            ),
            # The lists: a requester's own, a resource's, one record's.
            models.Index(
                name="task_requester",
                fields=["client_id", "sub", "-accepted_at", "-id"],
            ),
            models.Index(
                name="task_resource", fields=["resource", "-accepted_at", "-id"]
            ),
            models.Index(
                name="task_resource_id",
                fields=["resource_id", "-accepted_at", "-id"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.lane_id} #{self.number}"

    @property
    def has_ended(self) -> bool:
        """Whether its status will never change.

        See also TaskQuerySet.ended and unfinished.
        """
        return self.state in self.ENDED

    @property
    def status(self) -> str:
        """What its requester is told: accepted, then complete or error."""
        return self.state if self.has_ended else "accepted"

    @property
    def version(self) -> int:
        """Raised when what is shown changes: a task only ever ends."""
        return 2 if self.has_ended else 1

    @property
    def place(self) -> int:
        """How many are before it in its lane, itself included."""
        return max(1, self.number - self.lane.applied_number)

    @property
    def age(self) -> timedelta:
        return timezone.now() - self.accepted_at

    @property
    def actor(self) -> dict[str, str]:
        """Its requester, as the actor of the changes it makes."""
        if self.is_of_staff:
            return {"staff": self.sub}
        return {"client": self.client_id, "sub": self.sub}

    @property
    def door(self) -> str:
        """By which it was asked for, as the history names it."""
        return "admin" if self.is_of_staff else self.resource

    @property
    def is_of_staff(self) -> bool:
        """Whether a member of staff asked for it, who is no client's."""
        return not self.client_id

    def is_requested_by(self, caller) -> bool:
        """Whether the caller is who asked for it.

        See also TaskQuerySet.requested_by.
        """
        return (self.client_id, self.sub) == (caller.client_id, caller.sub)


class InterventionQuerySet(models.QuerySet):
    def of_lane(self, lane):
        """What was done to a lane and its tasks, the newest first."""
        return self.filter(lane_id=lane.pk).order_by("-at", "-pk")


class Intervention(models.Model):
    """What a person, or a command, did to a lane or a task, and why."""

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.JSONField(editable=False)
    operation = models.CharField(max_length=32, editable=False)
    lane_id = code_field(max_length=200, editable=False)
    task_id = code_field(default="", editable=False)
    reason = models.CharField(max_length=500, editable=False)

    objects = InterventionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="intervention_age", fields=["-at"]),
            models.Index(name="intervention_lane", fields=["lane_id", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.task_id or self.lane_id}"

    @property
    def who(self) -> str:
        """Who did it, for a person to read."""
        return self.actor.get("staff") or self.actor.get("command") or "somebody"


class Tally(models.Model):
    """How often something rare happened to the engine, in whatever process."""

    name = code_field(primary_key=True)
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class Turn(models.Model):
    """When a worker last took a chore (config.chores), so that only one does."""

    chore = code_field(primary_key=True, max_length=200)
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.chore
