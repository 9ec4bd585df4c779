"""Failures that say the same: looked at together, and tried again."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.admin.staff import Staff
from tasks.admin.doing import MOST_AT_ONCE, retry
from tasks.admin.figures import MOST_FAILURES
from tasks.admin.reach import may_operate, may_see_tasks, record_of
from tasks.models import Task
from tasks.reach import reached_tasks
from tasks.requesters import with_requesters

MOST_SHOWN = 50


@screen(
    "task-board/failures/<str:task_id>/", name="task_failures", allowed=may_see_tasks
)
def like_this(request: DeskRequest, task_id: str) -> HttpResponse:
    """Whatever failed as this task did and was not tried again; then try it."""
    failed = Task.State.ERROR
    task = get_object_or_404(reached_tasks(request.staff), pk=task_id, state=failed)
    alike = failures_like(task, request.staff)
    if request.method == "POST":
        return _retried(request, task, alike)
    newest = alike.sized().order_by("-finished_at", "-pk")[:MOST_SHOWN]
    shown = with_requesters(newest, request.staff)
    release(request, (each.about for each in shown))
    return page(
        request,
        "admin/tasks/failures.html",
        title=f"Failures of {task.action} {task.resource}",
        task=task,
        rows=[
            {"task": each, "record": record_of(each, request.staff)} for each in shown
        ],
        **alike.aggregate(
            count=Count("pk"), with_payload=Count("pk", filter=~Q(payload=""))
        ),
        most_at_once=MOST_AT_ONCE,
        may_operate=may_operate(request.staff),
    )


def failures_like(task: Task, staff: Staff) -> QuerySet[Task]:
    """Those among the newest failures, which are all that is looked through."""
    newest = reached_tasks(staff).failed().order_by("-finished_at")[:MOST_FAILURES]
    return Task.objects.filter(pk__in=newest.values("pk")).alike(task)


def _retried(request: DeskRequest, task: Task, alike: QuerySet[Task]) -> HttpResponse:
    if not may_operate(request.staff):
        raise PermissionDenied
    if "all" in request.POST:
        oldest = alike.exclude(payload="").order_by("finished_at", "pk")
        chosen = oldest[:MOST_AT_ONCE]
    else:
        ticked = request.POST.getlist("task")[:MOST_AT_ONCE]
        failed = Task.State.ERROR
        chosen = reached_tasks(request.staff).filter(pk__in=ticked, state=failed)
    tasks = [*chosen.only("pk", "about")]
    if tasks:
        release(request, (each.about for each in tasks))
        retry(request, (each.pk for each in tasks))
    else:
        messages.error(request, "Tick the tasks that are to be tried again.")
    return redirect(request.path)
