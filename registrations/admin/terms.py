"""Terms: their dates and windows, and closing them for grades."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from config.admin.pages import page
from config.admin.paging import BoundedPaginator
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.staff import Staff
from config.admin.versions import SeenForm
from config.errors import DomainError, StaleVersion
from config.found_sets import SearchTooSlow
from config.history import events_of
from config.rest.bounded import bounded
from config.trail import Trail, newest, who_changed
from offerings.changes import TermChange
from offerings.models import Term
from offerings.terms import change_term, close_for_grades, open_for_grades
from registrations.admin.missing import missing_by_offering
from registrations.admin.writers import GRADE_LATE, may_look_at_grades
from registrations.progress import TermProgress, progress_of

VIEW = "offerings.view_term"
CHANGE = "offerings.change_term"

PER_PAGE = 20
MOST_OF_EACH = 50  # offerings of a term that are counted in the list
MOST_OFFERINGS = 5_000  # and on its own page
MOST_SHOWN = 10
SECONDS = 3  # that counting may take
CHANGES = 10

TURNS = {"close": close_for_grades, "open": open_for_grades}


def may_see_terms(staff: Staff) -> bool:
    return staff.user.has_perm(VIEW)


class TermForm(SeenForm):
    """Dates and names of a term; saved by the operation that changes terms."""

    class Meta:
        model = Term
        fields = (
            *("code", "name", "starts_on", "ends_on"),
            *("registration_opens_on", "registration_closes_on"),
        )
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            for name in fields
            if name.endswith("_on")
        }
        labels = {
            "code": "SIS code",
            "starts_on": "Starts",
            "ends_on": "Ends",
            "registration_opens_on": "Registration opens",
            "registration_closes_on": "Registration closes",
        }

    @property
    def change(self) -> TermChange:
        names = [name for name in self.changed_data if name != "seen"]
        return TermChange(**{name: self.cleaned_data[name] for name in names})


@screen("terms/", name="terms", allowed=may_see_terms, label="Terms", place=70)
def terms(request: DeskRequest) -> HttpResponse:
    """All terms, the newest first, with how far grade entry is in each."""
    ordered = Term.objects.order_by("-starts_on", "-pk")
    shown = BoundedPaginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    rows = [*shown.object_list]
    progress = {each.term.pk: each for each in _counted(request, rows, MOST_OF_EACH)}
    return page(
        request,
        "admin/terms/terms.html",
        title="Terms",
        rows=[{"term": term, "progress": progress.get(term.pk)} for term in rows],
        shown=shown,
        may_add=request.user.has_perm("offerings.add_term"),
        may_look=may_look_at_grades(request.staff),
    )


def _counted(request: DeskRequest, rows: list[Term], most: int) -> list[TermProgress]:
    """How far they are; nothing for who may not know, or where it takes too long."""
    if not may_look_at_grades(request.staff):
        return []
    try:
        with bounded(SECONDS):
            return progress_of(rows, request.staff, most=most)
    except SearchTooSlow:
        return []


@screen("terms/<str:term_id>/", name="term", allowed=may_see_terms)
def term(request: DeskRequest, term_id: str) -> HttpResponse:
    """One term: what it is, what closing it for grades would do, its history."""
    found = get_object_or_404(Term, pk=term_id)
    if request.method != "POST":
        return _shown(request, found)
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    if request.POST.get("do") in TURNS:
        return _turned(request, found, request.POST["do"])
    return _changed(request, found)


def _changed(request: DeskRequest, found: Term) -> HttpResponse:
    form = TermForm(request.POST, instance=found)
    form.viewer = request.staff
    if form.is_valid():
        try:
            change_term(term_id=found.pk, change=form.change)
            messages.success(request, f"{found} is saved.")
            return redirect("admin:term", found.pk)
        except DomainError as refusal:
            form.add_error(refusal.field, refusal.message)
    return _shown(request, Term.objects.get(pk=found.pk), form=form)


def _turned(request: DeskRequest, found: Term, name: str) -> HttpResponse:
    """Close or open it, unless it is not as the page showed it."""
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    try:
        TURNS[name](
            term_id=found.pk,
            reason=request.POST.get("reason"),
            expected_versions=frozenset({version}),
        )
    except StaleVersion:
        return _shown(request, found, problem=_changed_meanwhile(request, found))
    except DomainError as refusal:
        return _shown(request, found, problem=refusal.message)
    done = "closed" if name == "close" else "open"
    messages.success(request, f"{found} is {done} for grades.")
    return redirect("admin:term", found.pk)


def _changed_meanwhile(request: DeskRequest, found: Term) -> str:
    who = who_changed(found, request.staff)
    return f"Changed meanwhile by {who}. Nothing was done; look again."


def _shown(
    request: DeskRequest,
    found: Term,
    *,
    form: TermForm | None = None,
    problem: str = "",
) -> HttpResponse:
    counted = _counted(request, [found], MOST_OFFERINGS)
    progress = counted[0] if counted else None
    missing = missing_by_offering(progress) if progress else []
    trail = Trail(events_of(Term).filter(pgh_obj=found.pk))
    shown: dict[str, Any] = {
        "term": found,
        "form": form or TermForm(instance=found),
        "problem": problem,
        "reason": request.POST.get("reason", "") if problem else "",
        "progress": progress,
        "missing": missing[:MOST_SHOWN],
        "left_out": len(missing) - MOST_SHOWN,
        "may_change": request.user.has_perm(CHANGE),
        "may_grade_late": request.user.has_perm(GRADE_LATE),
        "entries": newest([trail], CHANGES, request.staff),
    }
    return page(
        request,
        "admin/terms/term.html",
        title=f"Term {found}",
        errors=bool(form and form.errors) or bool(problem),
        **shown,
    )
