"""The board: how the engine stands, what failed, what waits, how clients fare."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.admin.staff import Staff
from tasks.admin import figures
from tasks.admin.reach import may_operate, may_see_tasks, record_of
from tasks.models import Lane, Task
from tasks.reach import reached_lanes

MOST_WAITING = 10
MOST_HELD = 20


@screen(
    "task-board/", name="task_board", allowed=may_see_tasks, label="Tasks", place=60
)
def board(request: DeskRequest) -> HttpResponse:
    """All of it at once, for whoever keeps tasks going."""
    staff = request.staff
    waiting = figures.waiting_longest(staff, MOST_WAITING)
    clients = figures.clients(staff)
    release(request, (task.about for task in waiting))
    return page(
        request,
        "admin/tasks/board.html",
        title="Tasks",
        now=timezone.now(),
        unfinished=figures.unfinished(staff),
        complete=sum(client.complete for client in clients),
        error=sum(client.error for client in clients),
        failures=figures.failures(staff),
        waiting=[{"task": task, "record": record_of(task, staff)} for task in waiting],
        held=_held_besides(waiting, staff),
        clients=clients,
        most_counted=figures.MOST_COUNTED,
        most_ended=figures.MOST_ENDED,
        may_operate=may_operate(staff),
    )


def _held_besides(waiting: Iterable[Task], staff: Staff) -> QuerySet[Lane]:
    """The lanes that are held and not among those that are shown already."""
    shown = [task.lane_id for task in waiting]
    held = Lane.objects.held().exclude(pk__in=shown)
    return reached_lanes(held, staff).order_by("pk")[:MOST_HELD]
