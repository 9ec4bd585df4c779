"""The latest changes of grades on the first page of the desk; they name no student."""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.urls import reverse
from msgspec import Struct

from access.identities import hidden_among
from config.admin.dashboard import Panel, Part, part
from config.admin.requests import DeskRequest
from config.admin.staff import Staff
from config.found_sets import SearchTooSlow
from config.history import actor_of, events_of, who_did
from config.rest.bounded import bounded
from registrations.admin.writers import may_look_at_grades
from registrations.models import Grade, Registration

EVENTS = 500  # of which the changes are told
CHANGES = 8
MOST_OWN = 2_000  # registrations of a lecturer whose events are looked at
SECONDS = 2  # that it may take


class Changed(Struct):
    """What one person or program did to the grades of an offering in one go."""

    at: datetime
    who: str
    door: str
    reason: str
    code: str  # of the offering; of the unit where there is none
    is_offering: bool
    grades: int = 0


@part(30)
def latest_changes(request: DeskRequest) -> Part | None:
    if not may_look_at_grades(request.staff):
        return None
    try:
        with bounded(SECONDS):
            rows = [*together(_events(request.staff), request.staff)][:CHANGES]
    except SearchTooSlow:
        return None
    shown = {"rows": rows, "address": reverse("admin:grade_changes")}
    template = "admin/registrations/latest_changes.html"
    width = 12 if request.staff.sees_only_own else 7  # jobs stand beside it
    panel = Panel("latest", "Latest changes", template, shown, width)
    return Part(panels=[panel])


def _events(staff: Staff) -> Iterable[Any]:
    """The newest events of grades that are within reach."""
    events = events_of(Grade)
    reached = Registration.objects.within_reach_of(staff)
    if staff.sees_only_own:
        # Their ids at once: else the planner walks through the events of everyone.
        ids = reached.order_by("-created_at").values_list("pk", flat=True)
        events = events.filter(registration__in=[*ids[:MOST_OWN]])
    elif not staff.sees_held:
        events = events.filter(registration__in=reached.values("pk"))
    related = ("pgh_context", "registration__offering", "registration__unit")
    return (
        events.select_related(*related)
        .only(
            *("pgh_created_at", "pgh_context__metadata"),
            *("registration__offering__code", "registration__unit__code"),
        )
        .order_by("-pgh_id")[:EVENTS]
    )


def together(events: Iterable[Any], staff: Staff) -> Iterator[Changed]:
    """The events, those of one context and one offering counted together."""
    events = [*events]
    subs = {actor_of(event.pgh_context).get("sub") for event in events}
    hidden = hidden_among(subs, staff)
    made: dict[tuple, Changed] = {}
    for event in events:
        context = event.pgh_context_id or event.pgh_created_at
        registration = event.registration
        subject = registration.offering or registration.unit
        changed = made.setdefault((context, subject.pk), _changed(event, hidden))
        changed.grades += 1
    return iter(made.values())


def _changed(event: Any, hidden: Container[str]) -> Changed:
    registration, context = event.registration, event.pgh_context
    metadata = context.metadata if context else {}
    return Changed(
        at=event.pgh_created_at,
        who=who_did(context, hidden),
        door=metadata.get("door", ""),
        reason=metadata.get("reason", ""),
        code=(registration.offering or registration.unit).code,
        is_offering=registration.offering is not None,
    )
