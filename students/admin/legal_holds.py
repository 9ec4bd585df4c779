"""The legal hold of a student: placed and lifted on their page, with a reason."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from config.admin.models import require
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.errors import Conflict
from config.history import events_of
from config.trail import Trail
from students.admin.page import VIEW, may_see_students, reached_profile
from students.admin.panels import Panel, panel, trails
from students.legal_holds import lift_legal_hold, place_legal_hold
from students.models import LegalHold, Profile


class LegalHoldForm(forms.Form):
    """Why it is placed or lifted, and which of both."""

    reason = forms.CharField(max_length=500)
    lift = forms.BooleanField(required=False)


@panel(70)
def legal_hold(request: DeskRequest, profile: Profile) -> Panel | None:
    """Whether all that is about this person is kept, for who may know."""
    if not request.user.has_perm("students.view_legalhold"):
        return None
    shown = {
        "profile": profile,
        "hold": LegalHold.objects.filter(pk=profile.pk).first(),
        "may_change": request.user.has_perm("students.change_legalhold"),
    }
    return Panel("legal-hold", "Legal hold", "admin/students/legal_hold.html", shown)


@screen(
    "student/<str:profile_id>/legal-hold/",
    name="set_legal_hold",
    allowed=may_see_students,
)
def set_legal_hold(request: DeskRequest, profile_id: str) -> HttpResponse:
    """Place a legal hold on a student, or lift it."""
    require(request, "students.change_legalhold")
    profile = reached_profile(request, profile_id)
    if request.method != "POST":
        raise Http404
    form = LegalHoldForm(request.POST)
    if form.is_valid():
        _change(request, profile, **form.cleaned_data)
    else:
        messages.error(request, "Say why, in at most 500 characters.")
    return redirect("admin:student", profile.pk)


def _change(request: DeskRequest, profile: Profile, reason: str, lift: bool) -> None:
    change = lift_legal_hold if lift else place_legal_hold
    try:
        change(profile_id=profile.pk, reason=reason)
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            "The legal hold is lifted."
            if lift
            else "All that is about this student is kept.",
        )


@trails(VIEW)
def legal_hold_trail(profile: Profile):
    yield Trail(
        events_of(LegalHold).filter(pgh_obj=profile.pk), name=lambda _: "legal hold"
    )
