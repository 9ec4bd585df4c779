"""Moving registrations to another intake."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Self

from django.db import IntegrityError, transaction
from django.utils import timezone
from msgspec import Struct
from msgspec.structs import replace

from config.errors import DomainError
from config.versions import check_version
from offerings.models import CourseIntake
from registrations import record
from registrations.changes import Result, Target, Writer, seen_version
from registrations.decisions import check_writer
from registrations.errors import (
    AlreadyThere,
    ChangedMeanwhile,
    NotRegistered,
    OutsideCourse,
    UnknownContext,
)
from registrations.models import Registration
from registrations.record import Record
from registrations.rows import OfferingRow, Row


@transaction.atomic
def move(
    *,
    registration_ids: Sequence[str],
    intake_id: str,
    writer: Writer,
    versions: Mapping[str, int] | None = None,
) -> list[Result]:
    """Move registrations to an intake; return what came of each, in order.

    Each takes the one offering that its unit has there, if there is just one.
    Whose profile is registered on the unit there already is refused, and where
    `versions` are given one that is at another. Raises UnknownContext, and
    ChangedMeanwhile where one was made there at this moment.
    """
    intake = CourseIntake.objects.filter(pk=intake_id).first()
    if intake is None:
        raise UnknownContext("There is no such intake.", field="intake_id")
    targets = [Target(registration_id=id) for id in registration_ids]
    found = record.read_locked(targets, writer)
    rows = {row.id: row for row in found.registrations}
    there = Destination.of(found, intake)
    results = []
    for id in registration_ids:
        try:
            expected = seen_version(versions, id)
            rows[id] = there.received(rows.get(id), writer, expected)
        except DomainError as error:
            results.append(Result(error=error))
        else:
            results.append(Result(registration=rows[id]))
    _store([row for row in rows.values() if row.updated_at == there.moment])
    return results


class Destination(Struct):
    """An intake, with what is there already of the units in question."""

    intake: CourseIntake
    courses: dict[str, str]  # of the units
    offerings: dict[str, OfferingRow]  # by unit
    taken: set[tuple[str, str]]  # profile and unit
    moment: datetime

    @classmethod
    def of(cls, found: Record, intake: CourseIntake) -> Self:
        units = {unit.id: unit.course.id for unit in found.units}
        there = Registration.objects.filter(
            intake=intake,
            unit__in=units,
            profile__in={row.profile_id for row in found.registrations},
        )
        openings = record.read_openings(
            [Target(unit_id=id, context_id=intake.pk) for id in units]
        )
        return cls(
            intake=intake,
            courses=units,
            offerings={
                taught.unit_id: taught.offering for taught in openings.only_offerings
            },
            taken={*there.values_list("profile_id", "unit_id")},
            moment=timezone.now(),
        )

    def received(
        self, row: Row | None, writer: Writer, expected: frozenset[int] | None
    ) -> Row:
        """Return the registration as it is there, or raise why it cannot be."""
        if row is None:
            raise NotRegistered("There is no such registration.", field="id")
        check_writer(row, writer)
        check_version(row.version, expected)
        if self.courses[row.unit_id] != self.intake.course_id:
            raise OutsideCourse("The unit is not of that intake's course.", field="id")
        if (row.profile_id, row.unit_id) in self.taken:
            raise AlreadyThere("The profile is registered there already.", field="id")
        self.taken.add((row.profile_id, row.unit_id))
        return replace(
            row,
            course_id=self.intake.course_id,
            intake_id=self.intake.pk,
            attempt=1,
            offering=self.offerings.get(row.unit_id),
            version=row.version + 1,
            updated_at=self.moment,
        )


def _store(rows: Sequence[Row]) -> None:
    try:
        with transaction.atomic():
            record.check_at_once()
            record.write(rows, [], new=())
    except IntegrityError:
        raise ChangedMeanwhile from None
