"""Who changed which grade: one list over all of them, and its CSV."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse

from access.identities import hidden_among
from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.formulas import escape
from config.found_sets import SearchTooSlow
from config.history import events_of
from config.rest.bounded import bounded
from config.trail import Entry, Trail, read
from offerings.models import GradeColumn, Term, UnitOffering
from registrations.admin.offerings import TERMS
from registrations.admin.writers import may_look_at_grades
from registrations.models import Grade, Registration
from students.models import Profile

PER_PAGE = 50
MOST_IN_A_FILE = 5_000
SECONDS = 5  # that a search may take
TOO_SLOW = "That takes too long. Name an offering or a student besides."
ALONG = ("registration_id", "column_id")
NEWEST = ("-pgh_id",)  # walked backwards, whatever is left out on the way

HEADINGS = [
    *("at", "who", "door", "reason", "netid", "unit", "grade"),
    *("attribute", "before", "after"),
]


class ChangesForm(forms.Form):
    """Which changes are asked for; all that is filled in must hold."""

    term = forms.ModelChoiceField(
        Term.objects.none(), required=False, empty_label="Any term"
    )
    offering = forms.CharField(required=False, max_length=255, label="Offering (code)")
    student = forms.CharField(required=False, max_length=64, label="Student")
    actor = forms.CharField(required=False, max_length=254, label="Who")
    door = forms.CharField(required=False, max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = Term.objects.order_by("-starts_on").values("pk")[:TERMS]
        terms = Term.objects.filter(pk__in=newest).order_by("-starts_on")
        choices: Any = self.fields["term"]
        choices.queryset = terms

    def narrowed(self, events: QuerySet, request: DeskRequest) -> QuerySet:
        """Of these events, those that are asked for."""
        asked = self.cleaned_data
        if asked["term"]:
            events = events.filter(registration__offering__semester=asked["term"])
        if asked["offering"]:
            offerings = UnitOffering.objects.filter(code=asked["offering"].strip())
            rows = Registration.objects.filter(offering__in=offerings[:1])
            events = events.filter(registration__in=rows.values("pk"))
        if asked["student"]:
            people = Profile.objects.matching(asked["student"].strip()).first_ids()
            rows = Registration.objects.filter(profile__in=people)
            events = events.filter(registration__in=rows.values("pk"))
        if asked["actor"]:
            name = asked["actor"].strip()
            is_hidden = hidden_among([name], request.staff)
            events = events.none() if is_hidden else events.filter(_by(name))
        if asked["door"]:
            events = events.filter(pgh_context__metadata__door=asked["door"].strip())
        return events


def _by(name: str) -> Q:
    """Events by a member of staff, a client, its subject, a command, or by hand."""
    kinds = ("staff", "client", "sub", "command", "database_user")
    named = (Q(**{f"pgh_context__metadata__actor__{kind}": name}) for kind in kinds)
    found = Q()
    for each in named:
        found |= each
    return found


@screen(
    "grade-changes/",
    name="grade_changes",
    allowed=may_look_at_grades,
    label="Changes",
    place=50,
)
def grade_changes(request: DeskRequest) -> HttpResponse:
    """The newest changes of grades that are within reach."""
    form = ChangesForm(request.GET or {"term": ""})
    is_file = request.GET.get("format") == "csv"
    most = MOST_IN_A_FILE if is_file else PER_PAGE
    rows, problem = [], ""
    if form.is_valid():
        try:
            rows = _found(request, form, most)
        except SearchTooSlow:
            problem = TOO_SLOW
    release(request, (row["registration"].profile_id for row in rows))
    if is_file and not problem:
        return _file(rows)
    query = request.GET.copy()
    query["format"] = "csv"
    last = rows[-1]["entry"].event.pgh_id if len(rows) == PER_PAGE else None
    return page(
        request,
        "admin/registrations/grade_changes.html",
        title="Who changed which grade",
        form=form,
        rows=rows,
        problem=problem,
        csv_query=query.urlencode(),
        next_query=_next(request, last),
    )


def _next(request: DeskRequest, last: int | None) -> str:
    query = request.GET.copy()
    query["before"] = str(last or "")
    return query.urlencode() if last else ""


def _found(request: DeskRequest, form: ChangesForm, most: int) -> list[dict[str, Any]]:
    events = form.narrowed(events_of(Grade), request)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        events = events.filter(pgh_id__lt=int(before))
    reached = Registration.objects.within_reach_of(request.staff)
    if not (request.staff.sees_held and not request.staff.sees_only_own):
        events = events.filter(registration__in=reached.values("pk"))
    with transaction.atomic(), bounded(SECONDS):
        return [
            *_shown(read(Trail(events, ALONG), most, request.staff, NEWEST), reached)
        ]


def _shown(entries: list[Entry], reached: QuerySet) -> Iterator[dict[str, Any]]:
    """Each change with whose registration and which grade it was."""
    ids = {entry.event.registration_id for entry in entries}
    rows = reached.select_related("profile", "unit").in_bulk(ids)
    columns = GradeColumn.objects.in_bulk({entry.event.column_id for entry in entries})
    for entry in entries:
        registration = rows.get(entry.event.registration_id)
        if registration:
            column = columns.get(entry.event.column_id)
            yield {"entry": entry, "registration": registration, "column": column}


def _file(rows: list[dict[str, Any]]) -> HttpResponse:
    """The same as CSV: a line for each attribute that changed."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADINGS)
    for row in rows:
        for name, (before, after) in row["entry"].changes.items():
            if name not in ("registration", "column"):
                writer.writerow(map(escape, _line(row, name, before, after)))
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="grade-changes.csv"'
    return response


def _line(row: dict[str, Any], name: str, before: Any, after: Any) -> Iterator[str]:
    entry, registration = row["entry"], row["registration"]
    cells = [
        *(entry.at.isoformat(), entry.who, entry.door, entry.reason),
        *(registration.profile.netid, registration.unit.code, row["column"]),
        *(name, before, after),
    ]
    return ("" if cell is None else str(cell) for cell in cells)
