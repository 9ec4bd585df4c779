"""Publishing grades: choose, look, say why; then a job does it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import DOOR, release
from config.admin.staff import Staff
from jobs.models import Job
from jobs.operations import start_job
from jobs.rights import may_ask_for
from offerings.models import Course, Term, UnitOffering
from registrations.admin.offerings import TERMS
from registrations.admin.writers import PUBLISH, publisher_of
from registrations.changes import Change, GradeChange, Target
from registrations.jobs import PUBLISH_GRADES, publishing
from registrations.models import Grade, Registration
from registrations.operations import Selection, Waiting, apply_change, waiting

MOST_SHOWN = 200  # offerings of a preview, those with something to publish first
MOST_JOBS = 5
MOST_OFFERINGS = 500  # that can be named one by one
LONGEST_REASON = 500
SECONDS_BETWEEN_LOOKS = "2"


def may_publish(staff: Staff) -> bool:
    return staff.user.has_perm(PUBLISH)


class SelectionForm(forms.Form):
    """Which grades are meant: those that meet all that is filled in."""

    COLUMNS = [("final", "Final grades"), ("all", "All grades")]

    term = forms.ModelChoiceField(
        Term.objects.none(), required=False, empty_label="Any term"
    )
    course = forms.CharField(
        required=False, max_length=64, help_text="The code of a course."
    )
    offerings = forms.CharField(
        required=False,
        max_length=MOST_OFFERINGS * 256,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 34}),
        help_text="Codes of offerings, one in a line.",
    )
    columns = forms.ChoiceField(choices=COLUMNS, required=False, initial="final")
    with_held = forms.BooleanField(
        required=False, label="Also of people under privacy hold"
    )

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = Term.objects.order_by("-starts_on", "-pk")[:TERMS]
        newest = Term.objects.filter(pk__in=[term.pk for term in terms])
        choices: Any = self.fields["term"]
        choices.queryset = newest.order_by("-starts_on", "-pk")
        if not staff.sees_held:
            del self.fields["with_held"]

    def clean_course(self) -> str:
        code = self.cleaned_data["course"].strip()
        if not code:
            return ""
        course = Course.objects.filter(code=code).first()
        if course is None:
            raise forms.ValidationError("No course has that code.")
        return course.pk

    def clean_offerings(self) -> tuple[str, ...]:
        codes = {line.strip() for line in self.cleaned_data["offerings"].splitlines()}
        codes.discard("")
        found = dict(
            UnitOffering.objects.filter(code__in=codes).values_list("code", "pk")
        )
        if unknown := sorted(codes - found.keys()):
            raise forms.ValidationError(
                f"No offering has the code {', '.join(unknown[:5])}."
            )
        return tuple(sorted(found.values()))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and self.selection.is_empty:
            raise forms.ValidationError("Choose a term, a course or offerings.")
        return cleaned

    @property
    def selection(self) -> Selection:
        chosen = self.cleaned_data
        return Selection(
            term_id=chosen["term"].pk if chosen["term"] else "",
            course_id=chosen["course"],
            offering_ids=chosen["offerings"],
            every_column=chosen["columns"] == "all",
            with_held=chosen.get("with_held", False),
        )


@screen("publish/", name="publish", allowed=may_publish, label="Publish", place=20)
def publish(request: DeskRequest) -> HttpResponse:
    """What waits to be published; sent in with a reason, a job that does it."""
    asked = request.POST if request.method == "POST" else request.GET
    form = SelectionForm(asked or None, staff=request.staff)
    until = timezone.now()
    is_chosen = form.is_bound and form.is_valid()
    if request.method == "POST" and is_chosen:
        reason = request.POST.get("reason", "").strip()
        if reason and (shown_at := _moment(request.POST.get("until", ""))):
            return _started(request, form.selection, shown_at, reason)
        messages.error(request, "Say why they are published.")
    preview = Preview(request, form.selection) if is_chosen else None
    return page(
        request,
        "admin/registrations/publish.html",
        title="Publish grades",
        form=form,
        preview=preview,
        asked=asked,
        until=until.isoformat(),
        jobs=[*_newest_jobs(request)],
    )


def _newest_jobs(request: DeskRequest) -> Iterator[tuple[Job, int | None]]:
    """Each with how many grades it published, for who may know."""
    for job in _jobs().order_by("-accepted_at")[:MOST_JOBS]:
        is_told = job.result and may_ask_for(request.user, job)
        yield job, job.result["grades"] if is_told else None


class Preview:
    """What publishing would do now, in all and by offering."""

    def __init__(self, request: DeskRequest, selection: Selection) -> None:
        writer = publisher_of(request)
        self.selection = selection
        self.rows = waiting(selection, writer=writer)
        self.may_grade_late = writer.may_grade_late
        self.offerings = self._offerings()

    def _offerings(self) -> list[dict[str, Any]]:
        """The first offerings, those with the most to publish before the others."""
        rows = sorted(self.rows, key=lambda row: -(row.to_publish + row.held))
        shown = rows[:MOST_SHOWN]
        found = UnitOffering.objects.for_sheet().in_bulk(
            [row.offering_id for row in shown if row.offering_id]
        )
        return [{"row": row, "offering": found.get(row.offering_id)} for row in shown]

    @property
    def left_out(self) -> int:
        return len(self.rows) - len(self.offerings)

    @property
    def to_publish(self) -> int:
        """How many grades a job would publish."""
        return sum(self._of(row) for row in self.rows)

    def _of(self, row: Waiting) -> int:
        if row.closed and not self.may_grade_late:
            return 0
        return row.to_publish + (row.held if self.selection.with_held else 0)

    @property
    def closed(self) -> int:
        """How many stay, for their term is closed."""
        if self.may_grade_late:
            return 0
        return sum(row.to_publish for row in self.rows if row.closed)

    @property
    def missing(self) -> int:
        return sum(row.missing for row in self.rows)

    @property
    def changed(self) -> int:
        return sum(row.changed for row in self.rows)

    @property
    def held(self) -> int:
        return sum(row.held for row in self.rows)

    @property
    def published(self) -> int:
        return sum(row.published for row in self.rows)


def _moment(text: str) -> datetime | None:
    """When the preview was shown, as the form says; never later than now."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if timezone.is_naive(moment):
        return None
    return min(moment, timezone.now())


def _started(
    request: DeskRequest, selection: Selection, until: datetime, reason: str
) -> HttpResponseRedirect:
    job = start_job(
        PUBLISH_GRADES,
        publishing(selection, until=until, writer=publisher_of(request)),
        actor=request.staff.actor,
        door=DOOR,
        reason=reason[:LONGEST_REASON],
        request_id=request.request_id,
    )
    return redirect("admin:publishing", job.pk)


@screen("publish/<str:job_id>/", name="publishing", allowed=may_publish)
def progress(request: DeskRequest, job_id: str) -> HttpResponse:
    """How far a job of publishing is, and what came of it."""
    job = get_object_or_404(_jobs(), pk=job_id)
    answer = page(
        request,
        "admin/registrations/publishing.html",
        title="Publishing grades",
        job=job,
        tells_numbers=may_ask_for(request.user, job),
    )
    if not job.has_ended:
        answer.headers["Refresh"] = SECONDS_BETWEEN_LOOKS
    return answer


def _jobs() -> QuerySet[Job]:
    return Job.objects.filter(kind=PUBLISH_GRADES)


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=LONGEST_REASON, label="Reason")


@screen(
    "registrations/<str:registration_id>/unpublish/<str:column_id>/",
    name="unpublish",
    allowed=may_publish,
)
def unpublish(
    request: DeskRequest, registration_id: str, column_id: str
) -> HttpResponse:
    """Take one grade back from those who see what is published, with a reason."""
    grade = _published_grade(request, registration_id, column_id)
    release(request, [grade.registration.profile_id])
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _unpublish(request, grade)
        messages.success(request, f"{grade.column} is no longer published.")
        return redirect(_back(grade))
    return page(
        request,
        "admin/registrations/unpublish.html",
        title="Unpublish a grade",
        grade=grade,
        form=form,
        back=_back(grade),
    )


def _published_grade(
    request: DeskRequest, registration_id: str, column_id: str
) -> Grade:
    reached = Registration.objects.within_reach_of(request.staff)
    grades = Grade.objects.select_related(
        "column", "registration__profile", "registration__unit"
    )
    return get_object_or_404(
        grades,
        registration__in=reached.filter(pk=registration_id),
        column=column_id,
        published=True,
    )


def _unpublish(request: DeskRequest, grade: Grade) -> None:
    """Refused where the registration is not as the page showed it."""
    seen = request.POST.get("version", "")
    change = Change(
        target=Target(registration_id=grade.registration_id),
        grades=[GradeChange(grade.column.name, published=False)],
        expected_versions=frozenset({int(seen) if seen.isdecimal() else 0}),
    )
    apply_change(change, writer=publisher_of(request))


def _back(grade: Grade) -> str:
    """Where the grade was seen: its sheet, or the registration that has none."""
    offering_id = grade.registration.offering_id
    if offering_id:
        return reverse("admin:grade_sheet", args=[offering_id])
    address = "admin:registrations_registration_change"
    return reverse(address, args=[grade.registration_id])
