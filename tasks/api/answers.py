"""How a task reads: the short view, and the full one."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest

from access.callers import Caller
from access.scopes import tasks_scope
from tasks import registry
from tasks.models import Task, TaskQuerySet
from tasks.requesters import with_requesters


def shown(task: Task, request: HttpRequest) -> dict[str, Any]:
    """Return the view that the requester of such a task is promised."""
    handler = registry.find(task.resource, task.action)
    is_short = handler is not None and handler.view == registry.SHORT
    return short(task, request) if is_short else full(task, request)


def shown_to(
    caller: Caller, tasks: Sequence[Task], request: HttpRequest
) -> list[dict[str, Any]]:
    """Return what this caller sees: its own as promised, others' in full."""
    others = [task for task in tasks if not task.is_requested_by(caller)]
    asked_by = {task.pk: task.asked_by for task in with_requesters(others, caller)}
    return [
        full(task, request, asked_by[task.pk])
        if task.pk in asked_by
        else shown(task, request)
        for task in tasks
    ]


def listed_for(caller: Caller) -> TaskQuerySet:
    """The tasks that a list may show this caller."""
    own = Task.objects.requested_by(caller)
    tasks = own | Task.objects.filter(resource__in=scopes_over(caller))
    return tasks if caller.sees_held else registry.without_held_people(tasks)


def people_shown(caller: Caller, tasks: Iterable[Task]) -> list[str]:
    """Whose record these tasks release: one's own says what its requester sent."""
    others = [task for task in tasks if not task.is_requested_by(caller)]
    return [task.about for task in others if task.about]


def short(task: Task, request: HttpRequest) -> dict[str, Any]:
    return {
        "status": task.status,
        "path": path(task, request),
        "message": task.message,
        "id": task.pk,
    }


def full(
    task: Task, request: HttpRequest, asked_by: str | None = None
) -> dict[str, Any]:
    """Return the full view; `asked_by` is who is named where it is not its `sub`."""
    return {
        "resource": task.resource,
        "action": task.action,
        "resource_id": task.resource_id,
        # The very text that was sent; none where it was not kept that long.
        "payload": orjson.Fragment(task.payload) if task.payload else None,
        "requester": requester(task, task.sub if asked_by is None else asked_by),
        "status": task.status,
        "request_date": moment(task.accepted_at),
        "completed_date": moment(task.finished_at),
        "path": path(task, request),
        "worker_data": task.worker_data,
        "message": task.message,
        "id": task.pk,
    }


def requester(task: Task, sub: str) -> dict[str, str | None]:
    return {
        "sub": sub,
        "name": task.name,
        "email": task.email,
        "scope": task.scope,
        "exp": seconds(task.expires_at),
        "iat": seconds(task.issued_at),
    }


def path(task: Task, request: HttpRequest) -> str | None:
    """Return the URL of what the task changed, as whoever reads it reaches it."""
    handler = registry.find(task.resource, task.action)
    if handler is None or not task.has_ended:
        return None
    if task.state == Task.State.ERROR and not handler.path_on_error:
        return None
    return request.build_absolute_uri(handler.path(task.resource_id))


def moment(at: datetime | None) -> str | None:
    return at and at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(number: int | None) -> str | None:
    return None if number is None else str(number)


def scopes_over(caller: Caller) -> list[str]:
    """The resources whose tasks this caller sees, whoever asked for them."""
    return [name for name in registry.resources() if caller.has(tasks_scope(name))]


# (seconds since acceptance, place in the lane): what is past either waits longer.
POLLS = ((5, 10, 1), (30, 100, 2), (120, 1000, 5))
LONGEST_POLL = 10


def retry_after(task: Task) -> int:
    """Return when asking again makes sense: the later, the longer it will take."""
    age = task.age.total_seconds()
    for most_age, most_place, wait in POLLS:
        if age < most_age and task.place <= most_place:
            return wait
    return LONGEST_POLL
