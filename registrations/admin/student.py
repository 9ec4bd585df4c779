"""Registrations and grades on the page of a student."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from config.admin.requests import DeskRequest
from config.history import events_of
from config.trail import Trail
from offerings.models import GradeColumn, Term
from registrations.admin.sheets import Cell
from registrations.models import Grade, Registration
from students.admin.panels import Panel, panel, trails
from students.models import Profile

VIEW = "registrations.view_registration"
MOST = 300  # registrations of one person


@panel(10)
def registrations(request: DeskRequest, profile: Profile) -> Panel | None:
    """What they are registered on, by term, newest first."""
    if not request.user.has_perm(VIEW):
        return None
    rows = [*of_profile(profile)]
    return Panel(
        "registrations",
        "Registrations",
        "admin/registrations/of_student.html",
        {"terms": [*by_term(rows)]},
        count=len(rows),
    )


def of_profile(profile: Profile):
    return (
        Registration.objects.filter(profile=profile)
        .select_related("unit", "course", "intake", "offering__semester", "grade_state")
        .prefetch_related("grades", "unit__grade_columns")
        .order_by("created_at", "pk")[:MOST]
    )


def by_term(rows: Iterable[Registration]) -> Iterator[dict]:
    """The term (None where a registration has no offering) and what is in it."""
    ordered = sorted(rows, key=_start_of, reverse=True)
    for term, of_term in groupby(ordered, key=_term_of):
        yield {"term": term, "rows": [(row, cells_of(row)) for row in of_term]}


def _term_of(row: Registration) -> Term | None:
    return row.offering.semester if row.offering else None


def _start_of(row: Registration) -> tuple[str, str]:
    term = _term_of(row)
    return (term.starts_on.isoformat(), term.pk) if term else ("", "")


def cells_of(row: Registration) -> list[Cell]:
    """A cell for every grade column of the unit, `final` last."""
    grades = {grade.column_id: grade for grade in row.grades.all()}
    columns = sorted(row.unit.grade_columns.all(), key=_order)
    return [Cell(column, grades.get(column.pk)) for column in columns]


def _order(column: GradeColumn) -> tuple[bool, int, str]:
    return column.is_final, column.position, column.pk


@trails(VIEW)
def registration_trails(profile: Profile) -> Iterator[Trail]:
    """The history of this person's registrations, and of their grades."""
    rows = {row.pk: row for row in of_profile(profile)}
    columns = {
        column.pk: column
        for row in rows.values()
        for column in row.unit.grade_columns.all()
    }
    yield Trail(
        events_of(Registration).filter(pgh_obj__in=rows),
        name=lambda event: f"registration on {rows[event.pgh_obj_id].unit.code}",
    )
    yield Trail(
        events_of(Grade).filter(registration__in=rows),
        along=("registration_id", "column_id"),
        name=lambda event: (
            f"{columns.get(event.column_id, 'grade')} in "
            f"{rows[event.registration_id].unit.code}"
        ),
    )
