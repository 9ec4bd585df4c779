"""Enrollments on the page of a student, and their course assessment."""

from datetime import UTC
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.history import events_of
from config.trail import Trail
from enrollments.models import Enrollment
from students.admin.page import may_see_students, reached_profile
from students.admin.panels import Panel, panel, task_records, trails
from students.admin.waiting import ask, waits
from students.models import Profile

CHANGE = "enrollments.change_enrollment"
VIEW = "enrollments.view_enrollment"
MOST = 200  # enrollments of one person


@panel(30)
def enrollments(request: DeskRequest, profile: Profile) -> Panel | None:
    """In which sections they are, and where each course assessment stands."""
    if not request.user.has_perm(VIEW):
        return None
    rows = [*of_profile(profile)]
    shown = {
        "profile": profile,
        "rows": rows,
        "may_change": request.user.has_perm(CHANGE),
    }
    return Panel(
        "enrollments",
        "Enrollments",
        "admin/enrollments/of_student.html",
        shown,
        count=len(rows),
    )


def of_profile(profile: Profile):
    found = Enrollment.objects.filter(profile=profile)
    return found.select_related("offering__semester").order_by("pk")[:MOST]


class AssessmentForm(forms.Form):
    """Where the course assessment stands, since when, and why it is changed."""

    NOTHING, SUBMITTED, OPTED_OUT = "nothing", "submitted", "opted_out"
    STATES = [
        (NOTHING, "Neither"),
        (SUBMITTED, "Submitted"),
        (OPTED_OUT, "Opted out"),
    ]

    state = forms.ChoiceField(choices=STATES, label="Course assessment")
    at = forms.DateTimeField(
        required=False,
        label="At",
        widget=forms.DateTimeInput(
            attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"
        ),
    )
    reason = forms.CharField(max_length=500, label="Reason")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("state") != self.NOTHING and not cleaned.get("at"):
            self.add_error("at", "Say when.")
        return cleaned

    @property
    def payload(self) -> dict[str, Any]:
        """The same that a system would send."""
        return {
            "course_assessment": {
                "submit_date": self._date(self.SUBMITTED),
                "opt_out_date": self._date(self.OPTED_OUT),
            }
        }

    def _date(self, state: str) -> str | None:
        if self.cleaned_data["state"] != state:
            return None
        moment = self.cleaned_data["at"].astimezone(UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def state_of(enrollment: Enrollment) -> dict[str, Any]:
    """What the form shows of an enrollment as it stands."""
    submitted, opted_out = enrollment.course_assessment
    state = AssessmentForm.NOTHING
    if submitted:
        state = AssessmentForm.SUBMITTED
    elif opted_out:
        state = AssessmentForm.OPTED_OUT
    return {
        "state": state,
        "at": submitted or opted_out,
        "version": enrollment.version,
    }


@screen(
    "student/<str:profile_id>/assessment/<str:enrollment_id>/",
    name="set_assessment",
    allowed=may_see_students,
)
def set_assessment(
    request: DeskRequest, profile_id: str, enrollment_id: str
) -> HttpResponse:
    """Ask for another state of a course assessment; a task does it in its turn."""
    profile = reached_profile(request, profile_id)
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    rows = Enrollment.objects.select_related("offering").filter(profile=profile)
    enrollment = get_object_or_404(rows, pk=enrollment_id)
    if not enrollment.is_student:
        raise Http404
    form = AssessmentForm(request.POST or None, initial=state_of(enrollment))
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version"] == enrollment.version:
            return ask(
                request,
                profile,
                resource="enrollments",
                resource_id=enrollment.pk,
                payload=form.payload,
            )
        messages.error(request, "It was changed meanwhile; this is how it stands now.")
        return redirect(request.path)
    return page(
        request,
        "admin/enrollments/assessment.html",
        title="Course assessment",
        profile=profile,
        enrollment=enrollment,
        form=form,
        waiting=waits("enrollments", enrollment.pk),
    )


@task_records
def enrollment_lanes(profile: Profile) -> list[str]:
    return [*of_profile(profile).values_list("pk", flat=True)]


@trails(VIEW)
def enrollment_trail(profile: Profile):
    """The history of this person's enrollments."""
    rows = [*of_profile(profile).values_list("pk", flat=True)]
    yield Trail(
        events_of(Enrollment).filter(pgh_obj__in=rows),
        name=lambda event: f"enrollment {event.pgh_obj_id}",
    )
