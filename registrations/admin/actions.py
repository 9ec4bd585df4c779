"""What staff do to the state of registrations: look first, then do it to all chosen."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.admin.staff import Staff
from config.errors import DomainError, StaleVersion
from offerings.models import CourseIntake
from registrations import operations
from registrations.admin.writers import CHANGE, writer_of
from registrations.changes import Result, Writer
from registrations.models import Registration

MOST = 500  # registrations at once
MOST_INTAKES = 200  # to choose from; past that, the id is written
CHANGED_MEANWHILE = (
    "Changed meanwhile, as it is shown here: look again, then repeat it."
)

Operation = Callable[..., list[Result]]

ACTIONS: dict[str, tuple[str, Operation]] = {
    "approve": ("Approve conditional", operations.approve),
    "reject": ("Reject conditional", operations.reject),
    "withdraw": ("Withdraw", operations.withdraw),
    "reinstate": ("Reinstate", operations.reinstate),
    "complete": ("Complete by the passing grade", operations.complete),
    "move": ("Move to another intake", operations.move),
}


def may_change(staff: Staff) -> bool:
    return staff.user.has_perm(CHANGE)


@screen("registration-actions/", name="registration_actions", allowed=may_change)
def registration_actions(request: DeskRequest) -> HttpResponse:
    """Show what an action would do to the chosen; sent in with a reason, do it."""
    name = request.POST.get("action", "")
    if request.method != "POST" or name not in ACTIONS:
        raise Http404
    if not request.POST.getlist("_selected_action"):
        messages.error(request, "Tick the registrations that are meant.")
        return HttpResponseRedirect(_list_again(request))
    rows = _chosen(request)
    release(request, (row.profile_id for row in rows))
    is_done = "do" in request.POST and bool(request.POST.get("reason", "").strip())
    intake_id = request.POST.get("intake_id", "").strip()
    seen = _seen(request.POST.get("seen", "")) if is_done else {}
    work = _work(name, rows, intake_id, seen, writer_of(request))
    try:
        results = work() if is_done else rehearsed(work)
        problem = ""
    except DomainError as refusal:
        results, problem, is_done = [], refusal.message, False
    return page(
        request,
        "admin/registrations/action_preview.html",
        title=ACTIONS[name][0],
        action=name,
        lines=[*zip_longest(rows, map(_told, results))],
        seen=json.dumps({row.pk: row.version for row in rows}),
        intakes=_intakes(rows) if name == "move" else [],
        back=_list_again(request),
        asked=request.POST.get("asked", ""),
        done=sum(result.error is None for result in results),
        refused=sum(result.error is not None for result in results),
        is_done=is_done,
        problem=problem,
        intake_id=intake_id,
        reason=request.POST.get("reason", ""),
    )


def _chosen(request: DeskRequest) -> list[Registration]:
    """The registrations that were ticked, as far as they are within reach."""
    ids = request.POST.getlist("_selected_action")
    if not 1 <= len(ids) <= MOST:
        raise PermissionDenied
    reached = Registration.objects.within_reach_of(request.staff)
    found = reached.filter(pk__in=ids).select_related("profile", "unit", "intake")
    return [*found.order_by("pk")]


def _list_again(request: DeskRequest) -> str:
    """The address of the list, narrowed as it was."""
    asked = QueryDict(request.POST.get("asked", "")[:2_000]).urlencode()
    return f"{reverse('admin:registrations')}?{asked}"


def _work(
    name: str,
    rows: Sequence[Registration],
    intake_id: str,
    seen: dict[str, int],
    writer: Writer,
) -> Callable[[], list[Result]]:
    operation = ACTIONS[name][1]
    more: dict[str, Any] = {"intake_id": intake_id} if name == "move" else {}
    return partial(
        operation,
        registration_ids=[row.pk for row in rows],
        writer=writer,
        versions=seen,
        **more,
    )


def _seen(text: str) -> dict[str, int]:
    """The version of each registration that the preview showed."""
    try:
        return {str(pk): int(version) for pk, version in json.loads(text).items()}
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return {}


def _told(result: Result) -> str:
    """Why a registration is refused; empty where it is not."""
    if isinstance(result.error, StaleVersion):
        return CHANGED_MEANWHILE
    return result.error.message if result.error else ""


def _intakes(rows: Sequence[Registration]) -> list[CourseIntake]:
    """Where they could be moved; none where there are too many to choose from."""
    courses = {row.unit.course_id for row in rows}
    found = CourseIntake.objects.filter(course__in=courses).select_related("course")
    intakes = [*found.order_by("course__code", "name", "pk")[: MOST_INTAKES + 1]]
    return intakes if len(intakes) <= MOST_INTAKES else []


def rehearsed(work: Callable[[], list[Result]]) -> list[Result]:
    """What would come of it, and nothing done."""
    with transaction.atomic():
        results = work()
        transaction.set_rollback(True)
    return results
