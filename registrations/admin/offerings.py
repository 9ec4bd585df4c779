"""Grade sheets by offering: what there is to be graded, and how far it is."""

from django.http import HttpResponse

from config.admin.pages import page
from config.admin.paging import BoundedPaginator
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from offerings.models import Lecturer, Term, UnitOffering
from registrations.admin.writers import may_look_at_grades
from registrations.models import Registration

TERMS = 60  # that can be chosen from, newest first
PER_PAGE = 50


@screen(
    "grade-sheets/",
    name="grade_sheets",
    allowed=may_look_at_grades,
    label="Grade sheets",
    place=10,
)
def grade_sheets(request: DeskRequest) -> HttpResponse:
    """The offerings of a term with how many of their final grades are missing."""
    terms = [*Term.objects.order_by("-starts_on", "-pk")[:TERMS]]
    term = chosen_term(request, terms)
    words = request.GET.get("q", "").strip()
    lecturer = Lecturer.objects.filter(pk=request.GET.get("lecturer", "")).first()
    offerings = UnitOffering.objects.within_reach_of(request.staff).for_sheet()
    if term:
        offerings = offerings.filter(semester=term)
    if lecturer:
        offerings = offerings.of_lecturer(lecturer.pk)
    if words:
        offerings = offerings.matching(words)
    shown = BoundedPaginator(offerings.order_by("code"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return page(
        request,
        "admin/registrations/grade_sheets.html",
        title="Grade sheets",
        offerings=[*with_progress(request, shown.object_list)],
        shown=shown,
        terms=terms,
        term=term,
        words=words,
        lecturer=lecturer,
    )


def chosen_term(request: DeskRequest, terms: list[Term]) -> Term | None:
    """The term that was asked for; at first the one in session, else the newest.

    None where all were asked for, and for who sees only what they teach.
    """
    asked = request.GET.get("term")
    if asked is not None:
        return next((term for term in terms if term.pk == asked), None)
    is_narrow = request.GET.get("q") or request.GET.get("lecturer")
    if request.staff.sees_only_own or is_narrow:
        return None
    running = [term for term in terms if term.is_in_session]
    return next(iter(running or terms), None)


def with_progress(request: DeskRequest, offerings):
    """Each offering with how many students it has and how many are graded."""
    offerings = [*offerings]
    reached = Registration.objects.within_reach_of(request.staff)
    of_these = reached.filter(offering__in=[offering.pk for offering in offerings])
    counts = {row["offering_id"]: row for row in of_these.progress()}
    for offering in offerings:
        row = counts.get(offering.pk, {"students": 0, "graded": 0})
        yield {"offering": offering, **row, "missing": row["students"] - row["graded"]}
