"""The class list of an offering: who is on it, and putting students on it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.admin.staff import Staff
from offerings.models import UnitOffering
from registrations.admin.actions import rehearsed
from registrations.admin.writers import may_look_at_grades, writer_of
from registrations.changes import Result
from registrations.models import Registration
from registrations.operations import register_profiles
from students.models import Profile

ADD = "registrations.add_registration"
MOST_ROWS = 5_000
MOST_NETIDS = 500  # that are put on it at once
SEPARATORS = re.compile(r"[\s,;]+")
NOBODY = "There is nobody with that netid."


@dataclass(frozen=True)
class Roster:
    """Those who are on an offering, by name; who was rejected is not."""

    offering: UnitOffering
    rows: list[Registration]
    is_cut: bool  # there are more than are shown

    @property
    def people(self) -> Iterator[str]:
        return (row.profile_id for row in self.rows)


@dataclass(frozen=True)
class Line:
    """One netid that was named, and what came of it."""

    netid: str
    profile: Profile | None
    refusal: str


def may_add(staff: Staff) -> bool:
    return may_look_at_grades(staff) and staff.user.has_perm(ADD)


def read_roster(request: DeskRequest, offering_id: str) -> Roster:
    """The class list, if the offering is within reach; else it is a 404."""
    offering = _reached_offering(request, offering_id)
    reached = Registration.objects.within_reach_of(request.staff)
    found = reached.of_offering(offering.pk).on_class_list()
    rows = [*found[: MOST_ROWS + 1]]
    release(request, (row.profile_id for row in rows[:MOST_ROWS]))
    return Roster(offering, rows[:MOST_ROWS], is_cut=len(rows) > MOST_ROWS)


def _reached_offering(request: DeskRequest, offering_id: str) -> UnitOffering:
    offerings = UnitOffering.objects.within_reach_of(request.staff).for_sheet()
    return get_object_or_404(offerings, pk=offering_id)


@screen(
    "class-lists/<str:offering_id>/",
    name="roster",
    allowed=may_look_at_grades,
)
def roster(request: DeskRequest, offering_id: str) -> HttpResponse:
    """Who is on the offering, to look at and to print."""
    found = read_roster(request, offering_id)
    return page(
        request,
        "admin/registrations/roster.html",
        title=f"Class list: {found.offering.code}",
        roster=found,
        offering=found.offering,
        may_add=may_add(request.staff),
        most_netids=MOST_NETIDS,
    )


@screen("class-lists/<str:offering_id>/add/", name="roster_add", allowed=may_add)
def add(request: DeskRequest, offering_id: str) -> HttpResponse:
    """Show of each netid what would come of it; sent in with a reason, do it."""
    offering = _reached_offering(request, offering_id)
    if request.method != "POST":
        raise Http404
    netids = named(request.POST.get("netids", ""))
    if not 1 <= len(netids) <= MOST_NETIDS:
        messages.error(request, f"Name 1 to {MOST_NETIDS} netids.")
        return redirect("admin:roster", offering.pk)
    is_done = "do" in request.POST and bool(request.POST.get("reason", "").strip())
    lines = _registered(request, offering, netids, is_done=is_done)
    return page(
        request,
        "admin/registrations/roster_add.html",
        title=f"Register on {offering.code}",
        offering=offering,
        lines=lines,
        netids="\n".join(netids),
        done=sum(not line.refusal for line in lines),
        refused=sum(bool(line.refusal) for line in lines),
        is_done=is_done,
        reason=request.POST.get("reason", ""),
    )


def named(text: str) -> list[str]:
    """The netids in what was pasted, each once, in their order."""
    words = (word.lower() for word in SEPARATORS.split(text) if word)
    return [*islice(dict.fromkeys(words), MOST_NETIDS + 1)]


def _registered(
    request: DeskRequest,
    offering: UnitOffering,
    netids: Sequence[str],
    *,
    is_done: bool,
) -> list[Line]:
    """Register those who are known, or only see what would come of it."""
    visible = Profile.objects.visible_to(request.staff).filter(netid__in=netids)
    people = {profile.netid: profile for profile in visible}
    known = [people[netid].pk for netid in netids if netid in people]
    release(request, known)
    work = partial(
        register_profiles,
        profile_ids=known,
        offering_id=offering.pk,
        writer=writer_of(request),
    )
    results = dict(zip(known, work() if is_done else rehearsed(work), strict=True))
    return [*_lines(netids, people, results)]


def _lines(
    netids: Sequence[str], people: dict[str, Profile], results: dict[str, Result]
) -> Iterator[Line]:
    for netid in netids:
        profile = people.get(netid)
        error = results[profile.pk].error if profile else None
        refusal = (error.message if error else "") if profile else NOBODY
        yield Line(netid, profile, refusal)
