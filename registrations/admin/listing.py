"""The list of registrations: narrowed by what is filled in, and acted on in bulk."""

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core.paginator import Page
from django.db.models import Q
from django.http import HttpResponse

from config.admin.pages import page
from config.admin.paging import BoundedPaginator
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.admin.staff import Staff
from config.found_sets import SearchTooSlow
from config.rest.bounded import bounded
from offerings.models import CourseIntake, Term, UnitOffering
from registrations.admin.actions import ACTIONS, may_change
from registrations.admin.offerings import TERMS
from registrations.admin.writers import may_look_at_grades
from registrations.models import GradeState, Registration, RegistrationQuerySet

PER_PAGE = 50
MOST_MEANT = 200  # offerings or intakes that a beginning of a code may mean
MOST_GRADE_STATES = 50
SECONDS = 5  # that a search may take
TOO_SLOW = "That takes too long. Name a term, an offering or a student besides."

Narrow = Callable[[RegistrationQuerySet], RegistrationQuerySet]

FINAL_GRADES: dict[str, tuple[str, Narrow]] = {
    "missing": ("missing", RegistrationQuerySet.without_final),
    "waiting": ("waits to be published", RegistrationQuerySet.with_unpublished_final),
    "published": ("published", RegistrationQuerySet.with_published_final),
}


def _words(label: str, *, longest: int) -> forms.CharField:
    widget = forms.TextInput(attrs={"size": 16})
    return forms.CharField(
        required=False, max_length=longest, label=label, widget=widget
    )


class ListForm(forms.Form):
    """Which registrations are asked for; all that is filled in must hold."""

    student = _words("Student", longest=200)
    term = forms.ModelChoiceField(
        Term.objects.none(), required=False, empty_label="Any term"
    )
    course = _words("Course (code)", longest=64)
    offering = _words("Offering (code begins)", longest=255)
    intake = _words("Intake (name begins)", longest=200)
    state = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *Registration.State.choices]
    )
    final = forms.ChoiceField(
        required=False,
        label="Final grade",
        choices=[
            ("", "Any"),
            *((name, each[0]) for name, each in FINAL_GRADES.items()),
        ],
    )
    grade_state = forms.ChoiceField(required=False, label="Outcome")
    held = forms.BooleanField(required=False, label="Under privacy hold")

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms: Any = self.fields["term"]
        newest = Term.objects.order_by("-starts_on", "-pk").values("pk")[:TERMS]
        terms.queryset = Term.objects.filter(pk__in=newest).order_by(
            "-starts_on", "-pk"
        )
        outcomes: Any = self.fields["grade_state"]
        outcomes.choices = [("", "Any"), ("none", "none yet"), *_grade_states()]
        if not staff.sees_held:
            del self.fields["held"]

    def narrowed(self, rows: RegistrationQuerySet) -> RegistrationQuerySet:
        """Of these registrations, those that are asked for."""
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        for name, value in asked.items():
            rows = getattr(self, f"_by_{name}")(rows, value)
        return rows

    def _by_student(self, rows, words):
        return rows.matching(words.strip())

    def _by_term(self, rows, term):
        return rows.filter(offering__semester=term)

    def _by_course(self, rows, code):
        return rows.filter(course__code=code.strip())

    def _by_offering(self, rows, words):
        found = UnitOffering.objects.matching(words.strip())
        return rows.filter(
            offering__in=[*found.values_list("pk", flat=True)[:MOST_MEANT]]
        )

    def _by_intake(self, rows, words):
        words = words.strip()
        found = CourseIntake.objects.filter(Q(pk=words) | Q(name__istartswith=words))
        return rows.filter(
            intake__in=[*found.values_list("pk", flat=True)[:MOST_MEANT]]
        )

    def _by_state(self, rows, state):
        return rows.filter(state=state)

    def _by_final(self, rows, name):
        return FINAL_GRADES[name][1](rows)

    def _by_grade_state(self, rows, name):
        return rows.filter(grade_state=None if name == "none" else name)

    def _by_held(self, rows, held):
        return rows.filter(profile__is_confidential=True)


def _grade_states() -> Iterator[tuple[str, str]]:
    for state in GradeState.objects.order_by("pk")[:MOST_GRADE_STATES]:
        yield state.pk, state.label


@screen(
    "registrations/",
    name="registrations",
    allowed=may_look_at_grades,
    label="Registrations",
    place=15,
)
def registrations(request: DeskRequest) -> HttpResponse:
    """The newest registrations that are within reach, and what can be done to them."""
    form = ListForm(request.GET or {"student": ""}, staff=request.staff)
    reached = Registration.objects.within_reach_of(request.staff)
    shown, rows, problem = None, [], ""
    if form.is_valid():
        try:
            shown, rows = _found(form, reached, request.GET.get("page"))
        except SearchTooSlow:
            problem = TOO_SLOW
    release(request, (row.profile_id for row in rows))
    return page(
        request,
        "admin/registrations/list.html",
        title="Registrations",
        form=form,
        shown=shown,
        rows=rows,
        problem=problem,
        actions=_actions(request.staff),
        asked=request.GET.urlencode(),
    )


def _found(
    form: ListForm, reached: RegistrationQuerySet, number: str | None
) -> tuple[Page, list[Registration]]:
    """One page of those that are asked for, if it can be found in time."""
    with bounded(SECONDS):
        rows = form.narrowed(reached).select_related(
            "profile", "unit", "intake", "grade_state", "offering__semester"
        )
        found = BoundedPaginator(rows.with_final().newest_first(), PER_PAGE)
        part = found.get_page(number)
        return part, [*part.object_list]


def _actions(staff: Staff) -> list[tuple[str, str]]:
    if not may_change(staff):
        return []
    return [(name, label) for name, (label, _) in ACTIONS.items()]
