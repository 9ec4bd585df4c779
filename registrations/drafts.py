"""A draft: the record as the changes so far make it, before it is stored."""

from collections import defaultdict
from collections.abc import Iterator

from django.utils import timezone
from msgspec.structs import replace

from registrations.changes import Change, Target, Writer
from registrations.decisions import Circumstances, decide
from registrations.errors import (
    AmbiguousContext,
    NotRegistered,
    OutsideCourse,
    UnknownContext,
    UnknownUnit,
)
from registrations.record import Openings, Record
from registrations.rows import GradeRow, Row, UnitRow, blank


class Draft:
    """Applies changes one after another, each on the result of the one before.

    A change that is refused raises and leaves the draft as it was.
    """

    def __init__(self, record: Record, openings: Openings, writer: Writer) -> None:
        self.record = record
        self.moment = timezone.now()
        self.units = {unit.id: unit for unit in record.units}
        grade_states = {state.name: state for state in record.grade_states}
        self.around = {
            unit.id: Circumstances(unit, grade_states, writer, self.moment)
            for unit in record.units
        }
        self.stored = {row.id: row for row in record.registrations}
        self.rows = dict(self.stored)
        self.latest: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in record.registrations:
            if row.is_latest:
                self.latest[row.profile_id, row.unit_id].append(row.id)
        self.own_intakes = {
            (own.profile_id, own.course_id): own.intake_id for own in openings.own
        }
        self.offerings = {
            (taught.unit_id, taught.intake_id): taught.offering
            for taught in openings.only_offerings
        }

    def apply(self, change: Change) -> Row:
        row = self.find(change.target)
        decided = decide(row, change, self.around[row.unit_id])
        if decided.id not in self.rows:
            self.latest[decided.profile_id, decided.unit_id].append(decided.id)
        if decided.id not in self.stored:
            decided = replace(decided, version=1)
        self.rows[decided.id] = decided
        return decided

    # --- Which registration ---------------------------------------------------

    def find(self, target: Target) -> Row:
        """Return the registration that is meant, or the blank one to be made."""
        if target.registration_id is not None:
            return self._by_id(target)
        unit = self.units.get(target.unit_id or "")
        if unit is None:
            raise UnknownUnit("There is no such unit.", field="unit_id")
        fitting = self._fitting(target)
        if len(fitting) > 1:
            field = "context_id" if target.context_id else "profile_id"
            contexts = [row.context_id for row in fitting]
            raise AmbiguousContext(
                contexts, profile_id=fitting[0].profile_id, field=field
            )
        return fitting[0] if fitting else self._missing(target, unit)

    def _by_id(self, target: Target) -> Row:
        row = self.rows.get(target.registration_id or "")
        if row is None or not (
            target.unit_id is None or (row.unit_id == target.unit_id and row.is_latest)
        ):
            raise NotRegistered(
                "There is no such registration.", field="registration_id"
            )
        return row

    def _fitting(self, target: Target) -> list[Row]:
        pair = target.profile_id or "", target.unit_id or ""
        rows = [self.rows[id] for id in self.latest.get(pair, ())]
        if target.context_id is None:
            return rows
        return [
            row for row in rows if target.context_id in (row.intake_id, row.course_id)
        ]

    def _missing(self, target: Target, unit: UnitRow) -> Row:
        if target.context_id is not None:
            self._check_context(target.context_id, unit)
        if target.creates:
            return self._blank(target)
        field = "unit_id" if target.context_id else "profile_id"
        raise NotRegistered("The profile has no such registration.", field=field)

    def _check_context(self, context_id: str, unit: UnitRow) -> None:
        course_id = self._course_of(context_id)
        if course_id is None:
            raise UnknownContext(
                "There is no such intake or course.", field="context_id"
            )
        if course_id != unit.course.id:
            raise OutsideCourse(
                "The unit is not of the course of this context.", field="context_id"
            )

    def _course_of(self, context_id: str) -> str | None:
        if context_id in self.record.intakes:
            return self.record.intakes[context_id]
        return context_id if context_id in self.record.courses else None

    def _blank(self, target: Target) -> Row:
        intake_id = self._intake_for(target)
        unit_id, context_id = target.unit_id or "", target.context_id or ""
        return blank(
            profile_id=target.profile_id or "",
            unit_id=unit_id,
            course_id=self._course_of(context_id) or "",
            intake_id=intake_id,
            offering=self.offerings.get((unit_id, intake_id or "")),
            moment=self.moment,
        )

    def _intake_for(self, target: Target) -> str | None:
        """The intake itself; of a course, the profile's own where it is one."""
        context_id = target.context_id or ""
        if context_id in self.record.intakes:
            return context_id
        return self.own_intakes.get((target.profile_id or "", context_id))

    # --- What is to be stored -------------------------------------------------

    @property
    def touched(self) -> list[Row]:
        """The registrations that are new or no longer as they are stored."""
        return [row for row in self.rows.values() if row is not self.stored.get(row.id)]

    def touched_grades(self) -> Iterator[tuple[Row, str, GradeRow]]:
        """Yield each grade to store, with its registration and its column's id."""
        for row in self.touched:
            stored = self.stored.get(row.id)
            before = stored.grades if stored else {}
            for column_id, grade in row.grades.items():
                if grade != before.get(column_id):
                    yield row, column_id, grade
