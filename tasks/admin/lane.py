"""One lane: what waits in it, and holding, resuming or ending what stands first."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from tasks import interventions
from tasks.admin.doing import intervene
from tasks.admin.reach import may_operate, may_see_tasks, record_of
from tasks.models import Intervention, Lane
from tasks.reach import reached_lanes, reached_tasks
from tasks.requesters import with_requesters

MOST_SHOWN = 50  # tasks that wait
MOST_ENDED = 10
MOST_INTERVENTIONS = 10


@screen("task-board/lane/", name="task_lane", allowed=may_see_tasks)
def lane(request: DeskRequest) -> HttpResponse:
    """The lane named by `key`; what is sent in is done to it."""
    key = request.GET.get("key", "").strip()
    found = get_object_or_404(reached_lanes(Lane.objects.all(), request.staff), pk=key)
    if request.method == "POST":
        return _done(request, found)
    tasks = reached_tasks(request.staff).filter(lane=found)
    waiting = with_requesters(
        tasks.unfinished().sized().order_by("number")[:MOST_SHOWN], request.staff
    )
    ended = [*tasks.ended().defer("payload").order_by("-number")[:MOST_ENDED]]
    release(request, (task.about for task in [*waiting, *ended]))
    head = next(iter(waiting or ended), None)
    return page(
        request,
        "admin/tasks/lane.html",
        title=found.key,
        lane=found,
        waiting=waiting,
        ended=ended,
        record=head and record_of(head, request.staff),
        interventions=Intervention.objects.of_lane(found)[:MOST_INTERVENTIONS],
        may_operate=may_operate(request.staff),
    )


def _done(request: DeskRequest, found: Lane) -> HttpResponseRedirect:
    if not may_operate(request.staff):
        raise PermissionDenied
    act = ACTIONS.get(request.POST.get("do", ""))
    if act is None:
        messages.error(request, "Choose what is to be done.")
    else:
        act(request, found)
    return HttpResponseRedirect(request.get_full_path())


def _hold(request: DeskRequest, found: Lane) -> None:
    if found.is_held:
        messages.warning(request, f"It is held already{_by_whom(found, 'hold')}.")
        return
    intervene(request, interventions.hold_lane, "The lane is held.", lane=found.pk)


def _resume(request: DeskRequest, found: Lane) -> None:
    if not found.is_held:
        messages.warning(
            request, f"It is not held any more{_by_whom(found, 'resume')}."
        )
        return
    intervene(request, interventions.resume_lane, "The lane goes on.", lane=found.pk)


def _by_whom(found: Lane, operation: str) -> str:
    """Who did it last, and why."""
    done = Intervention.objects.of_lane(found).filter(operation=operation).first()
    return f", by {done.who}: {done.reason}" if done else ""


def _hint(request: DeskRequest, found: Lane) -> None:
    done = "The workers are told again."
    intervene(request, interventions.hint_again, done, lane=found.pk)


def _end(request: DeskRequest, found: Lane) -> None:
    """End the task that the page showed first, and no other."""
    done = "The first task is ended in error."
    first = request.POST.get("first", "")
    intervene(request, interventions.end_head, done, lane=found.pk, task_id=first)


def _cancel(request: DeskRequest, found: Lane) -> None:
    """Cancel those that are ticked, as far as no worker has begun them."""
    ticked = request.POST.getlist("task")[:MOST_SHOWN]
    tasks = reached_tasks(request.staff).filter(lane=found, pk__in=ticked)
    for task in tasks.order_by("number"):
        release(request, [task.about])
        intervene(
            request,
            interventions.cancel_task,
            f"{task.pk} is cancelled.",
            task_id=task.pk,
        )
    if not tasks:
        messages.error(request, "Tick the tasks that are to be cancelled.")


ACTIONS = {
    "hold": _hold,
    "resume": _resume,
    "hint": _hint,
    "end": _end,
    "cancel": _cancel,
}
