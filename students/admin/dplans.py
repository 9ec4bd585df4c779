"""D-Plans on the page of a student, and changing one."""

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.history import events_of
from config.trail import Trail, who_changed
from offerings.models import Term
from students.admin.page import VIEW, may_see_students, reached_profile
from students.admin.panels import Panel, panel, trails
from students.admin.waiting import ask, waits
from students.models import Dplan, DplanCode, DplanSource, Profile

CHANGE = "students.change_dplan"
TERMS = 60  # that can be chosen from, newest first


class DplanForm(forms.Form):
    """The D-Plan of one term; whether it can be is for the operation to say."""

    term = forms.CharField(max_length=64)
    code = forms.CharField(max_length=16)
    source = forms.CharField(max_length=16)
    reason = forms.CharField(max_length=500)
    seen = forms.CharField(max_length=100_000, required=False)

    @property
    def payload(self) -> dict[str, Any]:
        """The same that a system would send."""
        entry = {
            "term_code": self.cleaned_data["term"],
            "dplan_id": self.cleaned_data["code"],
            "dplan_source_id": self.cleaned_data["source"],
        }
        return {"dplans": [entry]}

    def shows(self, dplan: Dplan | None) -> bool:
        """Whether the D-Plan of the term is still as the page showed it."""
        try:
            seen = json.loads(self.cleaned_data["seen"])
            return seen.get(self.cleaned_data["term"]) == seen_of(dplan)
        except (ValueError, AttributeError, RecursionError):
            return False


@panel(20)
def dplans(request: DeskRequest, profile: Profile) -> Panel:
    """The strip of terms, and the editor for who may change it."""
    strip = [*profile.dplans.select_related("term", "code", "source")]
    strip.sort(key=lambda dplan: (dplan.term.starts_on, dplan.term.code or ""))
    shown = {"profile": profile, "strip": strip}
    if may_change(request, profile):
        shown |= _editor(request, profile, strip)
    return Panel(
        "dplans", "D-Plans", "admin/students/dplans.html", shown, count=len(strip)
    )


def may_change(request: DeskRequest, profile: Profile) -> bool:
    """Their lane is named by the netid: whoever has none has no D-Plans to set."""
    return request.user.has_perm(CHANGE) and bool(profile.netid)


def _editor(
    request: DeskRequest, profile: Profile, strip: list[Dplan]
) -> dict[str, Any]:
    held = {dplan.term.code: dplan for dplan in strip}
    asked = request.GET.get("term", "")
    return {
        "may_change": True,
        "terms": Term.objects.filter(code__isnull=False).order_by("-starts_on")[:TERMS],
        "codes": DplanCode.objects.filter(is_active=True).order_by("id"),
        "sources": DplanSource.objects.filter(is_active=True).order_by("id"),
        "term_code": asked,
        "chosen": held.get(asked),
        "waiting": waits("students", profile.netid),
        "seen": json.dumps({code: seen_of(held[code]) for code in held if code}),
    }


def seen_of(dplan: Dplan | None) -> str | None:
    return f"{dplan.code_id} {dplan.source_id}" if dplan else None


@screen("student/<str:profile_id>/dplans/", name="set_dplan", allowed=may_see_students)
def set_dplan(request: DeskRequest, profile_id: str) -> HttpResponse:
    """Ask for the D-Plan of a term; a task does it in its turn."""
    profile = reached_profile(request, profile_id)
    if not may_change(request, profile):
        raise PermissionDenied
    if request.method != "POST":
        raise Http404
    form = DplanForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Name a term, a D-Plan, who decided it, and why.")
        return redirect("admin:student", profile.pk)
    return _asked(request, profile, form)


def _asked(request: DeskRequest, profile: Profile, form: DplanForm) -> HttpResponse:
    now = profile.dplans.filter(term__code=form.cleaned_data["term"]).first()
    if not form.shows(now):
        messages.error(request, _changed_meanwhile(request, now))
        return redirect("admin:student", profile.pk)
    return ask(
        request,
        profile,
        resource="students",
        resource_id=profile.netid,
        payload=form.payload,
    )


def _changed_meanwhile(request: DeskRequest, dplan: Dplan | None) -> str:
    if dplan is None:
        return "That D-Plan was changed meanwhile. Nothing was saved."
    who = who_changed(dplan, request.staff)
    return (
        f"Changed meanwhile by {who}: {dplan.term} is now {dplan.code_id} by "
        f"{dplan.source_id}. Nothing was saved."
    )


@trails(VIEW)
def dplan_trails(profile: Profile):
    """The history of this person's D-Plans."""
    dplans = {dplan.pk: dplan for dplan in profile.dplans.select_related("term")}
    yield Trail(
        events_of(Dplan).filter(pgh_obj__in=dplans),
        name=lambda event: f"D-Plan of {dplans[event.pgh_obj_id].term}",
    )
