"""Registrations and what surrounds them as plain values, read in bulk."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from msgspec import Struct

from config.ids import new_id
from offerings.models import Scale, UnitOffering
from offerings.models.catalogue import FINAL
from registrations.models import Outcome, Registration

State = Registration.State
OUTCOMES = (Outcome.PASSED, Outcome.FAILED)


class Status(StrEnum):
    """Where a registration stands; derived, never stored."""

    CONDITIONAL = "conditional"
    ACTIVE = "active"
    PASSED = "passed"
    FAILED = "failed"
    EJECTED = "ejected"


class ColumnRow(Struct, frozen=True):
    """One grade column of a unit."""

    id: str
    name: str
    label: str
    scale: Scale
    maximum: Decimal | None = None
    allowed: list[str] = []


class CourseRow(Struct, frozen=True):
    id: str
    code: str
    name: str


class UnitRow(Struct, frozen=True, dict=True):  # a dict to cache properties in
    """A unit with its grade columns in their order, `final` last."""

    id: str
    course: CourseRow
    passing_grade: Decimal
    columns: list[ColumnRow]

    def column(self, name: str) -> ColumnRow | None:
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, ColumnRow]:
        return {column.name: column for column in self.columns}

    @cached_property
    def final(self) -> ColumnRow | None:
        return self.column(FINAL)


class OfferingRow(Struct, frozen=True):
    """What a registration takes from its offering."""

    id: str
    title: str
    lecturer_id: str
    passing_grade: Decimal | None
    is_closed: bool  # its term, for grades


class GradeStateRow(Struct, frozen=True):
    name: str
    outcome: Outcome
    is_default: bool


class GradeRow(Struct, frozen=True):
    """The value of one column for one registration; empty where there is none."""

    value: str | None = None
    published: bool = False
    comment: str | None = None
    resit_value: str | None = None
    resit_justification: str | None = None

    @property
    def of_record(self) -> str | None:
        """The grade that counts. See also Grade.of_record."""
        return self.value if self.resit_value is None else self.resit_value


NO_GRADE = GradeRow()


class Row(Struct, frozen=True, kw_only=True):
    """A registration with its grades, by the id of the column."""

    id: str
    profile_id: str
    unit_id: str
    course_id: str
    intake_id: str | None
    attempt: int
    is_latest: bool = True
    offering: OfferingRow | None
    state: State = State.REGISTERED
    grade_state: str | None = None
    outcome: Outcome | None = None
    awarded: bool | None = None
    notes: str = ""
    feedback: str = ""
    grader_id: str | None = None
    began_at: datetime | None = None
    last_active_at: datetime | None = None
    ended_at: datetime | None = None
    ejected_at: datetime | None = None
    version: int = 1
    created_at: datetime
    updated_at: datetime
    grades: dict[str, GradeRow] = {}

    @property
    def context_id(self) -> str:
        """The intake, or the course, that it is on."""
        return self.intake_id or self.course_id

    @property
    def status(self) -> Status:
        """See also RegistrationQuerySet.of_status."""
        if self.state == State.REJECTED:
            return Status.EJECTED
        if self.state == State.CONDITIONAL:
            return Status.CONDITIONAL
        return Status(self.outcome) if self.outcome in OUTCOMES else Status.ACTIVE

    @property
    def has_outcome(self) -> bool:
        return self.outcome in OUTCOMES

    @property
    def is_finished(self) -> bool:
        return self.has_outcome or self.state == State.REJECTED

    @property
    def is_awarded(self) -> bool:
        """Whether credit is awarded: as set, else where it is passed."""
        return self.outcome == Outcome.PASSED if self.awarded is None else self.awarded

    def grade(self, column: ColumnRow | None) -> GradeRow:
        return self.grades.get(column.id, NO_GRADE) if column else NO_GRADE

    def passing_grade(self, unit: UnitRow) -> Decimal:
        """The mark that passes, in percent: the offering's, else the unit's."""
        if self.offering and self.offering.passing_grade is not None:
            return self.offering.passing_grade
        return unit.passing_grade


def blank(
    *,
    profile_id: str,
    unit_id: str,
    course_id: str,
    intake_id: str | None,
    offering: OfferingRow | None,
    moment: datetime,
    attempt: int = 1,
) -> Row:
    """Return a registration as it is made: registered, without grades."""
    return Row(
        id=new_id(),
        profile_id=profile_id,
        unit_id=unit_id,
        course_id=course_id,
        intake_id=intake_id,
        attempt=attempt,
        offering=offering,
        created_at=moment,
        updated_at=moment,
    )


def offering_row(offering: UnitOffering) -> OfferingRow:
    """Return what registrations take from this offering."""
    return OfferingRow(
        id=offering.pk,
        title=offering.unit_version.title,
        lecturer_id=offering.lecturer_id,
        passing_grade=offering.passing_grade,
        is_closed=offering.semester.is_closed_for_grades,
    )
