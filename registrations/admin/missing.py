"""Which final grades are still missing: by offering, and by who teaches."""

from collections.abc import Iterable
from itertools import groupby

from msgspec import Struct

from offerings.models import UnitOffering
from registrations.progress import TermProgress


class Missing(Struct, frozen=True):
    """What is still to be graded, of an offering or of all of a lecturer's."""

    offering: UnitOffering
    missing: int
    students: int
    offerings: int = 1

    @property
    def graded(self) -> int:
        return self.students - self.missing


def missing_by_offering(progress: TermProgress) -> list[Missing]:
    """Each offering with final grades missing, those with the most first."""
    rows = {each.offering_id: each for each in progress.counted if each.missing}
    found = UnitOffering.objects.for_sheet().in_bulk(rows)
    made = [
        Missing(found[pk], row.missing, row.students)
        for pk, row in rows.items()
        if pk in found
    ]
    return sorted(made, key=lambda each: (-each.missing, each.offering.code))


def missing_by_lecturer(missing: Iterable[Missing]) -> list[Missing]:
    """The same, those of one lecturer together."""
    ordered = sorted(missing, key=_lecturer_of)
    made = [_together([*group]) for _, group in groupby(ordered, key=_lecturer_of)]
    return sorted(made, key=lambda each: -each.missing)


def _lecturer_of(each: Missing) -> str:
    return each.offering.lecturer_id


def _together(group: list[Missing]) -> Missing:
    return Missing(
        group[0].offering,
        missing=sum(each.missing for each in group),
        students=sum(each.students for each in group),
        offerings=len(group),
    )
