"""Who changed this person's record, and who has seen it."""

from django.http import HttpResponse

from access.identities import hidden_among
from access.models import Disclosure
from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.history import events_of
from config.trail import Trail, moment_of, newest
from students.admin.page import VIEW, may_see_students, reached_profile
from students.admin.panels import Panel, panel, trails, trails_of
from students.models import Profile

ON_THE_PAGE = 10
PER_PAGE = 100
MOST_DISCLOSURES = 20


@trails(VIEW)
def profile_trail(profile: Profile):
    yield Trail(events_of(Profile).filter(pgh_obj=profile.pk), name=lambda _: "person")


@panel(40)
def history(request: DeskRequest, profile: Profile) -> Panel | None:
    """The newest changes of whatever is about this person."""
    entries = newest(trails_of(request, profile), ON_THE_PAGE, request.staff)
    shown = {"entries": entries, "profile": profile}
    return Panel("history", "History", "admin/students/history.html", shown)


@screen(
    "student/<str:profile_id>/history/",
    name="student_history",
    allowed=may_see_students,
)
def student_history(request: DeskRequest, profile_id: str) -> HttpResponse:
    """All changes, newest first, page by page."""
    profile = reached_profile(request, profile_id)
    before = moment_of(request.GET.get("before", ""))
    wanted = [trail.before(before) for trail in trails_of(request, profile)]
    entries = newest(wanted, PER_PAGE, request.staff)
    return page(
        request,
        "admin/students/student_history.html",
        title=f"History of {profile.first_name} {profile.last_name}",
        profile=profile,
        entries=entries,
        next_before=entries[-1].at.isoformat() if len(entries) >= PER_PAGE else None,
    )


@panel(50)
def disclosures(request: DeskRequest, profile: Profile) -> Panel | None:
    """Who has seen this person's record lately, for who may know."""
    if not request.user.has_perm("access.view_disclosure"):
        return None
    # At once: this page, too, is in the log before it is shown.
    seen = [*Disclosure.objects.of_profile(profile.pk)[:MOST_DISCLOSURES]]
    hidden = hidden_among((row.sub for row in seen), request.staff)
    shown = {"disclosures": seen, "hidden": hidden, "profile": profile}
    return Panel("disclosures", "Disclosures", "admin/students/disclosures.html", shown)
