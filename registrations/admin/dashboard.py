"""What the first page of the desk says of registrations and grades."""

from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from config.admin import charts
from config.admin.dashboard import Figure, Panel, Part, part
from config.admin.requests import DeskRequest
from config.admin.staff import Staff
from config.found_sets import SearchTooSlow
from config.rest.bounded import bounded
from offerings.models import Term
from registrations.admin.missing import missing_by_lecturer, missing_by_offering
from registrations.admin.publishing import may_publish
from registrations.admin.writers import may_look_at_grades
from registrations.models import Registration
from registrations.progress import TermProgress, offerings_graded_by, progress_of

TERMS = 6  # in the chart, newest first
MOST_OFFERINGS = 1_000  # that are counted of the term that is shown
MOST_OF_ANOTHER = 100  # and of each other
MOST_ROWS = 8  # of what is still missing
MOST_CONDITIONAL = 10_000
SECONDS = 3  # that the counting may take


@part(10)
def grades(request: DeskRequest) -> Part | None:
    """How far grade entry is, and what is still missing where."""
    if not may_look_at_grades(request.staff):
        return None
    terms = [*begun(request.staff)]
    shown = _shown_term(request, terms)
    if shown is None:
        return Part(figures=[*_decisions(request)])
    try:
        with bounded(SECONDS):
            found = _read(terms, shown, request.staff)
    except SearchTooSlow:
        return Part(panels=[_too_slow()])
    progress = found[shown.pk]
    return Part(
        figures=[
            *_figures(request, progress),
            *_decisions(request),
            *_own(request, progress),
        ],
        panels=[
            _by_term(found.values(), shown),
            *_still_missing(progress, is_own=request.staff.sees_only_own),
        ],
    )


def begun(staff: Staff) -> Iterable[Term]:
    """The newest terms that have begun and in which anything is taught."""
    taught = offerings_graded_by(staff).filter(semester=OuterRef("pk"))
    terms = Term.objects.filter(Exists(taught), starts_on__lte=timezone.localdate())
    return terms.order_by("-starts_on", "-pk")[:TERMS]


def _shown_term(request: DeskRequest, terms: list[Term]) -> Term | None:
    """The term that was asked for, else the one in session, else the newest."""
    asked = [term for term in terms if term.pk == request.GET.get("term")]
    running = [term for term in terms if term.is_in_session]
    return next(iter([*asked, *running, *terms]), None)


def _read(terms: list[Term], shown: Term, staff: Staff) -> dict[str, TermProgress]:
    """The progress of each term, by its id; of the one that is shown, best."""
    others = [term for term in terms if term != shown]
    found = [
        *progress_of([shown], staff, most=MOST_OFFERINGS),
        *progress_of(others, staff, most=MOST_OF_ANOTHER),
    ]
    by_term = {each.term.pk: each for each in found}
    return {term.pk: by_term[term.pk] for term in terms}


# --- The figures ----------------------------------------------------------------


def _figures(request: DeskRequest, progress: TermProgress) -> Iterator[Figure]:
    term, asked = progress.term, f"?term={progress.term.pk}"
    sheets = reverse("admin:grade_sheets") + asked
    publish = reverse("admin:publish") + asked
    yield Figure(
        progress.missing,
        f"final grades missing in {term}",
        sheets,
        f"{progress.percent} % are entered",
        is_about=progress.is_about,
        is_urgent=progress.missing > 0 and term.ends_on < timezone.localdate(),
    )
    yield Figure(
        progress.waiting,
        f"entered in {term} and not published",
        publish if may_publish(request.staff) else sheets,
        is_about=progress.is_about,
    )


def _decisions(request: DeskRequest) -> Iterator[Figure]:
    """Who waits for a decision of the registrar's."""
    if request.staff.sees_only_own:
        return
    reached = Registration.objects.within_reach_of(request.staff)
    waiting = reached.filter(state=Registration.State.CONDITIONAL)
    count = waiting[:MOST_CONDITIONAL].count()
    yield Figure(
        count,
        "conditional registrations to decide",
        f"{reverse('admin:registrations')}?state=conditional",
        is_about=count == MOST_CONDITIONAL,
        is_urgent=count > 0,
    )


def _own(request: DeskRequest, progress: TermProgress) -> Iterator[Figure]:
    """What a lecturer has besides: their offerings and their students."""
    if not request.staff.sees_only_own:
        return
    address = f"{reverse('admin:grade_sheets')}?term={progress.term.pk}"
    in_term = f"in {progress.term}"
    yield Figure(progress.offerings, f"offerings that you teach {in_term}", address)
    yield Figure(progress.students, f"registrations on them {in_term}", address)


# --- The panels -----------------------------------------------------------------


def _by_term(found: Iterable[TermProgress], shown: Term) -> Panel:
    rows = [*found]
    chart = charts.bars(
        "grade-entry",
        "Grade entry by term",
        "Of each term, which final grades are published, to publish, and missing.",
        [
            (
                str(row.term),
                [
                    ("is-published", row.published),
                    ("is-entered", row.waiting),
                    ("is-missing", row.missing),
                ],
            )
            for row in rows
        ],
    )
    return Panel(
        "grade-entry",
        "Grade entry by term",
        "admin/registrations/by_term.html",
        {
            "chart": chart,
            "rows": rows,
            "term": shown,
            "is_about": any(row.is_about for row in rows),
        },
    )


def _still_missing(progress: TermProgress, *, is_own: bool) -> Iterator[Panel]:
    missing = missing_by_offering(progress)
    shown = {"term": progress.term, "is_about": progress.is_about}
    yield Panel(
        "missing",
        f"Still missing in {progress.term}, by offering",
        "admin/registrations/missing_by_offering.html",
        {
            **shown,
            "rows": missing[:MOST_ROWS],
            "left_out": len(missing) - MOST_ROWS,
        },
        width=12 if is_own else 7,
    )
    if is_own:
        return
    lecturers = missing_by_lecturer(missing)
    yield Panel(
        "missing-lecturers",
        f"Still missing in {progress.term}, by lecturer",
        "admin/registrations/missing_by_lecturer.html",
        {
            **shown,
            "rows": lecturers[:MOST_ROWS],
            "left_out": len(lecturers) - MOST_ROWS,
        },
        width=5,
    )


def _too_slow() -> Panel:
    return Panel(
        "grade-entry",
        "Grade entry by term",
        "admin/registrations/too_slow.html",
        {"address": reverse("admin:grade_sheets")},
    )
