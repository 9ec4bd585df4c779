"""Submitting a task, rehearsing one, and cancelling it."""

import json
from typing import NotRequired, Required, TypedDict, Unpack

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from access.callers import Caller
from config.ids import new_id
from tasks import failpoints, registry
from tasks.acceptance import PATIENCE, accept
from tasks.attempts import GAVE_UP, Ending, completed, is_passing, refused
from tasks.dispatch import hint
from tasks.errors import AlreadyBegun, LaneBusy
from tasks.models import Lane, Task

CANCELLED = "Cancelled by the requester."


class Asked(TypedDict):
    """What a caller asks for."""

    resource: Required[str]  # "students"
    action: Required[str]  # "PATCH"
    resource_id: Required[str]
    payload: Required[str]  # the JSON text as it was sent
    caller: Required[Caller]
    about: NotRequired[str | None]  # the profile that it concerns
    request_id: NotRequired[str | None]
    reason: NotRequired[str | None]


def submit(*, task_id: str | None = None, **asked: Unpack[Asked]) -> Task:
    """Accept a task: once the transaction around this commits, it will be done.

    Tasks on one resource id take effect in the order in which they were
    accepted. Give `task_id` (from `config.ids.new_id`) where a commit whose
    outcome is unknown is to be looked up with `find_accepted`.

    Call it last in a transaction: it keeps others from accepting for the same
    resource id until the commit. Raises LaneFull, EngineFull or LaneBusy.
    """
    return enter(_requested(task_id or new_id(), **asked))


def enter(task: Task) -> Task:
    """Put a task that is not stored at the end of its lane."""
    accepted = accept(task)
    task.number, task.accepted_at = accepted.number, accepted.at
    task.lane = Lane(
        pk=task.lane_id,
        next_number=accepted.number,
        applied_number=accepted.applied_number,
    )
    task._state.adding = False
    failpoints.reach(failpoints.BEFORE_ACCEPT_COMMIT)
    transaction.on_commit(
        lambda: _committed(task.lane_id, accepted.is_to_be_hinted), robust=True
    )
    return task


def _committed(lane: str, is_to_be_hinted: bool) -> None:
    failpoints.reach(failpoints.AFTER_ACCEPT_COMMIT)
    if is_to_be_hinted:
        hint(lane)


def find_accepted(task_id: str) -> Task | None:
    """Return a task whose commit's answer was lost, if it was accepted after all.

    Connects anew; an OperationalError means that the database is still away. The
    workers are told, as nobody else will.
    """
    connection.close()
    task = Task.objects.filter(pk=task_id).first()
    if task:
        hint(task.lane_id)
    return task


def rehearse(**asked: Unpack[Asked]) -> Task:
    """Return the task as it would end now, without an id; nothing is stored.

    Raises LaneBusy where the record is being changed by someone else.
    """
    task = _requested(None, **asked)
    task.accepted_at = timezone.now()
    task.finished_at = timezone.now()
    ending = _rehearsed(task)
    task.state, task.message, task.code = ending.state, ending.message, ending.code
    task.worker_data = ending.worker_data and json.loads(ending.worker_data)
    return task


def _rehearsed(task: Task) -> Ending:
    handler = registry.handler_of(task)
    try:
        return _done_and_undone(handler, task)
    except handler.refusals as refusal:
        return refused(handler, refusal)
    except OperationalError as error:
        if is_passing(error):
            raise LaneBusy from error
        raise
    except Exception as error:
        return Ending(Task.State.ERROR, GAVE_UP, code=type(error).__name__)


def _done_and_undone(handler: registry.Handler, task: Task) -> Ending:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        ending = completed(handler, task)
        connection.check_constraints()
        transaction.set_rollback(True)
    return ending


def cancel(task: Task, message: str = CANCELLED) -> Task:
    """End a task that no worker has begun; raises AlreadyBegun otherwise.

    Its lane stays as it is, since a long handler may hold it: the worker that
    comes to this number passes over it.
    """
    changed = Task.objects.filter(pk=task.pk, state="queued", attempts=0).update(
        state=Task.State.ERROR,
        code="cancelled",
        message=message,
        finished_at=Now(),
    )
    if not changed:
        raise AlreadyBegun
    return Task.objects.select_related("lane").get(pk=task.pk)


def _requested(
    task_id: str | None,
    *,
    caller: Caller,
    about: str | None = None,
    request_id: str | None = None,
    reason: str | None = None,
    **what: str,
) -> Task:
    return Task(
        pk=task_id,
        lane_id=f"{what['resource']}:{what['resource_id']}",
        **what,
        about=about or "",
        client_id=caller.client_id,
        sub=caller.sub,
        name=caller.name,
        email=caller.email,
        scope=",".join(caller.granted),
        issued_at=caller.issued_at,
        expires_at=caller.expires_at,
        request_id=request_id or "",
        reason=reason or "",
    )
