"""What a grade sheet shows: a row per student, a cell per grade column."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from access.identities import Viewer, hidden_among
from config.history import actor_of, events_of, who_did
from offerings.models import GradeColumn, Scale
from registrations.grading import shortest
from registrations.models import Grade, Registration, RegistrationQuerySet

MOST_ROWS = 500  # on one sheet


@dataclass
class Cell:
    """One grade as it stands, with what was typed over it, if that was refused."""

    column: GradeColumn
    grade: Grade | None
    typed: str | None = None
    error: str = ""

    @property
    def stored(self) -> str:
        return (self.grade.value or "") if self.grade else ""

    @property
    def value(self) -> str:
        return self.stored if self.typed is None else self.typed


@dataclass
class Line:
    """One registration on the sheet."""

    registration: Registration
    cells: list[Cell]
    changed_at: datetime | None = None
    changed_by: str = ""
    error: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether it has no final grade, and could have one."""
        return not (self.cells and self.cells[-1].stored) and not self.is_locked

    @property
    def is_locked(self) -> bool:
        return self.registration.state == Registration.State.REJECTED


@dataclass
class Sheet:
    """The registrations of an offering, or of a unit and intake, to be graded."""

    columns: list[GradeColumn]
    lines: list[Line] = field(default_factory=list)
    is_cut: bool = False  # there are more than fit

    @property
    def graded(self) -> int:
        return sum(bool(line.cells and line.cells[-1].stored) for line in self.lines)

    @property
    def missing(self) -> int:
        return sum(line.is_missing for line in self.lines)

    @property
    def seen(self) -> str:
        """What the sheet shows, for the form to send back with what was typed."""
        return json.dumps(
            [
                [
                    line.registration.pk,
                    line.registration.version,
                    {cell.column.name: cell.stored for cell in line.cells},
                ]
                for line in self.lines
            ]
        )

    def line_of(self, registration_id: str | None) -> Line | None:
        """The row of a registration; None where it is not on the sheet."""
        found = (line for line in self.lines if line.registration.pk == registration_id)
        return next(found, None)


def read_sheet(
    registrations: RegistrationQuerySet, unit_id: str, viewer: Viewer
) -> Sheet:
    """Read the sheet of these registrations, all of one unit, by name.

    The number of queries does not depend on how many there are.
    """
    columns = [*GradeColumn.objects.of_unit(unit_id)]
    rows = [*registrations.for_sheet()[: MOST_ROWS + 1]]
    changes = last_changes((row.pk for row in rows[:MOST_ROWS]), viewer)
    lines = [_line(row, columns, changes) for row in rows[:MOST_ROWS]]
    return Sheet(columns, lines, is_cut=len(rows) > MOST_ROWS)


def last_changes(
    registration_ids: Iterable[str], viewer: Viewer
) -> dict[str, tuple[datetime, str]]:
    """When each registration, or a grade of it, was changed last, and who did it."""
    newest = (
        events_of(Registration)
        .filter(pgh_obj_id__in=[*registration_ids])
        .select_related("pgh_context")
        .only("pgh_obj_id", "pgh_created_at", "pgh_context__metadata")
        .order_by("pgh_obj_id", "-pgh_created_at", "-pgh_id")
        .distinct("pgh_obj_id")
    )
    events = [*newest]
    subs = (actor_of(event.pgh_context).get("sub") for event in events)
    hidden = hidden_among(subs, viewer)
    return {
        event.pgh_obj_id: (event.pgh_created_at, who_did(event.pgh_context, hidden))
        for event in events
    }


def _line(
    row: Registration,
    columns: Iterable[GradeColumn],
    changes: Mapping[str, tuple[datetime, str]],
) -> Line:
    grades = {grade.column_id: grade for grade in row.grades.all()}
    cells = [Cell(column, grades.get(column.pk)) for column in columns]
    return Line(row, cells, *changes.get(row.pk, ()))


def allowed_values(column: GradeColumn) -> list[str]:
    """What may be typed into the column; empty where any number up to a maximum."""
    return [] if column.scale == Scale.CONTINUOUS else column.allowed


def scale_in_words(column: GradeColumn) -> str:
    if column.scale == Scale.CONTINUOUS and column.maximum is not None:
        return f"0 to {shortest(column.maximum)}"
    return ", ".join(column.allowed)
