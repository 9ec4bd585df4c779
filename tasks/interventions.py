"""What staff may do to tasks and lanes; each with who and why, and kept."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from config.errors import DomainError, Invalid
from config.ids import new_id
from tasks.attempts import is_passing
from tasks.dispatch import hint
from tasks.errors import (
    AlreadyRetried,
    AnotherIsFirst,
    LaneBusy,
    LaneNotFound,
    NothingWaits,
    NotToBeRetried,
    TaskNotFound,
)
from tasks.models import Intervention, Lane, Task
from tasks.operations import cancel, enter

ENDED_BY_STAFF = "Ended by the registry's staff. Nothing was changed."
CANCELLED_BY_STAFF = "Cancelled by the registry's staff. Nothing was changed."
PATIENCE = "5s"  # for a lane's lock, which a long handler may hold
LONGEST_REASON = 500

# Of a task, what makes it the same request again.
ASKED = (
    *("lane_id", "resource", "action", "resource_id", "payload", "about"),
    *("client_id", "sub", "name", "email", "scope", "issued_at", "expires_at"),
    *("request_id", "reason"),
)


@dataclass(frozen=True)
class Retried:
    """What came of trying one failed task again: the new one, or the refusal."""

    task_id: str
    task: Task | None = None
    error: DomainError | None = None


def retry_task(*, task_id: str, actor: dict[str, str], reason: str) -> Task:
    """Accept once more, as a new task, what ended in error; return the new one.

    Raises TaskNotFound, NotToBeRetried, and what accepting raises.
    """
    failed = Task.objects.filter(pk=task_id).first()
    if failed is None:
        raise TaskNotFound("There is no such task.")
    if failed.state != Task.State.ERROR or not failed.payload:
        raise NotToBeRetried
    asked = {name: getattr(failed, name) for name in ASKED}
    with intervention("retry", failed.lane_id, actor, reason, task_id=failed.pk):
        return enter(Task(pk=new_id(), retry_of=failed.pk, **asked))


@transaction.atomic
def retry_failed(
    *, task_ids: Sequence[str], actor: dict[str, str], reason: str
) -> list[Retried]:
    """Accept failed tasks once more, those that nobody had tried again before.

    What is refused stops no other; the answer says of each what came of it.
    """
    failed = Task.objects.locked().filter(pk__in=task_ids)
    lanes = {task.pk: task.lane_id for task in failed}
    again = {
        *Task.objects.filter(retry_of__in=lanes).values_list("retry_of", flat=True)
    }
    in_order = sorted(task_ids, key=lambda pk: (lanes.get(pk, ""), pk))
    return [_retried(pk, pk in again, actor, reason) for pk in in_order]


def _retried(pk: str, is_done: bool, actor: dict[str, str], reason: str) -> Retried:
    try:
        if is_done:
            raise AlreadyRetried
        return Retried(pk, task=retry_task(task_id=pk, actor=actor, reason=reason))
    except DomainError as refusal:
        return Retried(pk, error=refusal)


def cancel_task(*, task_id: str, actor: dict[str, str], reason: str) -> Task:
    """End a task that no worker has begun; raises AlreadyBegun otherwise."""
    task = Task.objects.filter(pk=task_id).first()
    if task is None:
        raise TaskNotFound("There is no such task.")
    with intervention("cancel", task.lane_id, actor, reason, task_id=task.pk):
        return cancel(task, CANCELLED_BY_STAFF)


def hold_lane(*, lane: str, actor: dict[str, str], reason: str) -> Lane:
    """Let no further task of the lane begin; what runs is finished."""
    with intervention("hold", lane, actor, reason):
        return _change(lane, is_held=True)


def resume_lane(*, lane: str, actor: dict[str, str], reason: str) -> Lane:
    """Let the lane's tasks begin again."""
    with intervention("resume", lane, actor, reason):
        return _change(lane, is_held=False, hinted_at=Now())


def hint_again(*, lane: str, actor: dict[str, str], reason: str) -> Lane:
    """Tell the workers of the lane now, whatever pause its task is in."""
    with intervention("hint", lane, actor, reason):
        if not _locked(lane).is_waiting:
            raise NothingWaits("Nothing waits in this lane.")
        return _change(lane, ready_at=Now(), hinted_at=Now())


def end_head(
    *, lane: str, actor: dict[str, str], reason: str, task_id: str | None = None
) -> Task:
    """End the lane's first unfinished task in error, so that the next may begin.

    A worker that has claimed it changes nothing any more. Give `task_id` to end
    that task only: raises AnotherIsFirst where the lane has moved on.
    """
    with intervention("end", lane, actor, reason) as kept:
        locked = _locked(lane)
        head = locked.tasks.unfinished().order_by("number").first()
        if head is None:
            raise NothingWaits("Nothing waits in this lane.")
        if task_id not in (None, head.pk):
            raise AnotherIsFirst
        kept.task_id = head.pk
        locked.tasks.filter(pk=head.pk).update(
            state=Task.State.ERROR,
            code="ended_by_staff",
            message=ENDED_BY_STAFF,
            finished_at=Now(),
        )
        is_last = head.number == locked.next_number
        _change(
            lane,
            applied_number=head.number,
            fence=F("fence") + 1,
            lease_until=None,
            ready_at=None if is_last else Now(),
        )
    head.refresh_from_db()
    return head


@contextmanager
def intervention(
    operation: str, lane: str, actor: dict[str, str], reason: str, *, task_id: str = ""
) -> Iterator[Intervention]:
    """Do what is inside in one transaction with the record of who did it, and why.

    Waits for the lane no longer than a person would; then it is LaneBusy.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid(f"Give a reason of up to {LONGEST_REASON} characters.")
    kept = Intervention(
        operation=operation, lane_id=lane, task_id=task_id, actor=actor, reason=reason
    )
    try:
        with transaction.atomic():
            _set_patience()
            yield kept
            kept.save()
            transaction.on_commit(lambda: hint(lane), robust=True)
    except OperationalError as error:
        if is_passing(error):
            raise LaneBusy from error
        raise


def _set_patience() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])


def _locked(lane: str) -> Lane:
    found = Lane.objects.select_for_update().filter(pk=lane).first()
    if found is None:
        raise LaneNotFound("There is no such lane.")
    return found


def _change(lane: str, **values: Any) -> Lane:
    if not Lane.objects.filter(pk=lane).update(**values):
        raise LaneNotFound("There is no such lane.")
    return Lane.objects.get(pk=lane)
