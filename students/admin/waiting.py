"""Changes that take their turn: asked for on the page, and waited for there.

D-Plans and course assessments are changed by tasks in the lane of their record, as
those of other systems are, so that one that waits does not overwrite them unseen.
"""

import json
from typing import Any

from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from access.callers import Caller
from config.admin.requests import DeskRequest
from students.admin.panels import Panel, panel, task_records, task_records_of
from students.models import Profile
from tasks.models import Task
from tasks.operations import submit
from tasks.requesters import with_requesters
from tasks.waiting import until_ended

SECONDS = 2.0  # that a page is held for its task
SECONDS_BETWEEN_LOOKS = "2"
MOST_TASKS = 20


def ask(
    request: DeskRequest,
    profile: Profile,
    *,
    resource: str,
    resource_id: str,
    payload: dict[str, Any],
) -> HttpResponseRedirect:
    """Accept a change of this person's record, and go where it is waited for."""
    task = submit(
        resource=resource,
        action="PATCH",
        resource_id=resource_id,
        payload=json.dumps(payload),
        caller=caller_of(request),
        about=profile.pk,
        request_id=request.request_id,
        reason=request.POST.get("reason", "").strip() or None,
    )
    address = reverse("admin:student", args=[profile.pk])
    return redirect(f"{address}?task={task.pk}")


def caller_of(request: DeskRequest) -> Caller:
    """Who is signed in, as the requester of a task; it is no client's."""
    user = request.user
    return Caller(
        client_id="",
        sub=user.get_username(),
        name=user.get_full_name(),
        email=user.email,
    )


def task_waited_for(request: DeskRequest, profile: Profile) -> Task | None:
    """The task that the page was opened for, when it ended or the time is over."""
    tasks = Task.objects.select_related("lane").filter(about=profile.pk)
    task = tasks.filter(pk=request.GET.get("task", "")).first()
    return task and until_ended(task, SECONDS)


def waits(resource: str, resource_id: str) -> int:
    """How many changes of a record wait to be made."""
    lane = f"{resource}:{resource_id}"
    return Task.objects.unfinished().filter(lane=lane).count()


@task_records
def students_lane(profile: Profile) -> list[str]:
    return [profile.netid] if profile.netid else []


@panel(60)
def tasks(request: DeskRequest, profile: Profile) -> Panel | None:
    """The newest tasks about this person, for who may see tasks."""
    if not request.user.has_perm("tasks.view_task"):
        return None
    found = Task.objects.about_records(task_records_of(profile))[:MOST_TASKS]
    shown = {"tasks": with_requesters(found, request.staff)}
    return Panel("tasks", "Tasks", "admin/students/tasks.html", shown)
