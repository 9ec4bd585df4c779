"""The grade sheet: a row per student, a column per grade column.

Saving it is one bulk change with an outcome per row. Entering never publishes: a
published grade that is typed over waits to be published again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import pluralize

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import release
from config.admin.staff import Staff
from config.errors import DomainError, StaleVersion
from offerings.models import CourseIntake, Unit, UnitOffering
from registrations.admin.sheets import Cell, Line, Sheet, read_sheet
from registrations.admin.typed import typed_changes
from registrations.admin.writers import may_grade, may_look_at_grades, writer_of
from registrations.changes import Change
from registrations.models import Registration, RegistrationQuerySet
from registrations.operations import apply_changes

GRADE_AT_FAULT = re.compile(r"grades\[(\d+)\]")

Refusals = list[tuple[Change, DomainError]]


@dataclass(frozen=True)
class Subject:
    """What a sheet is about."""

    title: str
    unit: Unit
    registrations: RegistrationQuerySet
    offering: UnitOffering | None = None
    intake: CourseIntake | None = None

    @property
    def is_closed(self) -> bool:
        """Whether its term is closed for grades."""
        return bool(self.offering and self.offering.semester.is_closed_for_grades)

    def read(self, staff: Staff) -> Sheet:
        return read_sheet(self.registrations, self.unit.pk, staff)


@screen(
    "grade-sheets/offering/<str:offering_id>/",
    name="grade_sheet",
    allowed=may_look_at_grades,
)
def of_offering(request: DeskRequest, offering_id: str) -> HttpResponse:
    """The sheet of everyone who is registered on an offering."""
    offerings = UnitOffering.objects.within_reach_of(request.staff).for_sheet()
    offering = get_object_or_404(offerings, pk=offering_id)
    reached = Registration.objects.within_reach_of(request.staff)
    subject = Subject(
        title=offering.code,
        unit=offering.unit_version.unit,
        registrations=reached.of_offering(offering.pk),
        offering=offering,
        intake=offering.course_intake,
    )
    return _answer(request, subject)


@screen(
    "grade-sheets/unit/<str:unit_id>/intake/<str:intake_id>/",
    name="grade_sheet_of_intake",
    allowed=may_look_at_grades,
)
def of_intake(request: DeskRequest, unit_id: str, intake_id: str) -> HttpResponse:
    """The sheet of an intake's registrations on a unit, whichever the offering."""
    unit = get_object_or_404(Unit, pk=unit_id)
    intake = get_object_or_404(CourseIntake, pk=intake_id)
    reached = Registration.objects.within_reach_of(request.staff)
    registrations = reached.of_unit_and_intake(unit.pk, intake.pk)
    if not registrations.exists():
        raise Http404
    subject = Subject(f"{unit} · {intake}", unit, registrations, intake=intake)
    return _answer(request, subject)


def _answer(request: DeskRequest, subject: Subject) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, subject, subject.read(request.staff))
    if not may_grade(request.staff):
        raise PermissionDenied
    refusals = _apply(request, _typed(request, subject.read(request.staff)))
    if not refusals:
        return HttpResponseRedirect(request.get_full_path())
    sheet = subject.read(request.staff)
    for change, error in refusals:
        if line := sheet.line_of(change.target.registration_id):
            mark(line, change, error)
    return _shown(request, subject, sheet, refused=len(refusals))


def _typed(request: DeskRequest, sheet: Sheet) -> list[Change]:
    """What was typed over of the rows that are on the sheet."""
    names = {column.name for column in sheet.columns}
    return [
        change
        for change in typed_changes(request.POST, names)
        if sheet.line_of(change.target.registration_id)
    ]


def _apply(request: DeskRequest, changes: Sequence[Change]) -> Refusals:
    """Save what can be saved and say how much; return what was refused."""
    results = apply_changes(changes, writer=writer_of(request)) if changes else []
    release(
        request, [done.registration.profile_id for done in results if done.registration]
    )
    refusals = [
        (change, done.error)
        for change, done in zip(changes, results, strict=True)
        if done.error
    ]
    saved = len(changes) - len(refusals)
    if saved or not refusals:
        messages.success(request, f"Saved {saved} row{pluralize(saved)}.")
    return refusals


def mark(line: Line, change: Change, error: DomainError) -> None:
    """Put what was typed, and why it was refused, back where it was typed."""
    typed = {asked.name: asked.value or "" for asked in change.grades}
    for cell in line.cells:
        cell.typed = typed.get(cell.column.name)
    if isinstance(error, StaleVersion):
        line.error = _changed_meanwhile(line)
    elif (at_fault := _cell_at_fault(line, change, error)) is not None:
        at_fault.error = error.message
    else:
        line.error = error.message


def _changed_meanwhile(line: Line) -> str:
    now = "; ".join(
        f"{cell.column.label} is now “{cell.stored or 'empty'}”"
        for cell in line.cells
        if cell.typed is not None
    )
    return (
        f"Changed meanwhile by {line.changed_by}: {now}. Not saved; saving again "
        "replaces it."
    )


def _cell_at_fault(line: Line, change: Change, error: DomainError) -> Cell | None:
    found = GRADE_AT_FAULT.match(error.field or "")
    if not found:
        return None
    name = change.grades[int(found[1])].name
    return next((cell for cell in line.cells if cell.column.name == name), None)


def _shown(
    request: DeskRequest, subject: Subject, sheet: Sheet, refused: int = 0
) -> HttpResponse:
    release(request, [line.registration.profile_id for line in sheet.lines])
    writer = writer_of(request)
    is_open = not subject.is_closed or writer.may_grade_late
    return page(
        request,
        "admin/registrations/grade_sheet.html",
        title=f"Grade sheet: {subject.title}",
        subject=subject,
        sheet=sheet,
        refused=refused,
        is_editable=may_grade(request.staff) and is_open,
        reason=writer.reason or "",
    )
