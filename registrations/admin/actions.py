"""What staff do to the state of registrations: look first, then do it to all chosen."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.admin.staff import Staff
from config.errors import DomainError
from registrations import operations
from registrations.admin.writers import CHANGE, writer_of
from registrations.changes import Result, Writer
from registrations.models import Registration

MOST = 500  # registrations at once

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
    rows = _chosen(request)
    release(request, (row.profile_id for row in rows))
    is_done = "do" in request.POST and bool(request.POST.get("reason", "").strip())
    intake_id = request.POST.get("intake_id", "").strip()
    work = _work(name, [row.pk for row in rows], intake_id, writer_of(request))
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
        lines=[*zip_longest(rows, results)],
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


def _work(
    name: str, ids: Sequence[str], intake_id: str, writer: Writer
) -> Callable[[], list[Result]]:
    operation = ACTIONS[name][1]
    more: dict[str, Any] = {"intake_id": intake_id} if name == "move" else {}
    return partial(operation, registration_ids=ids, writer=writer, **more)


def rehearsed(work: Callable[[], list[Result]]) -> list[Result]:
    """What would come of it, and nothing done."""
    with transaction.atomic():
        results = work()
        transaction.set_rollback(True)
    return results
