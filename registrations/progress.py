"""How far grade entry is: by offering, and by term.

A term of any size costs the same to look at: of more than so many offerings a part
is counted, chosen as if by lot, and what is said of the term is an estimate.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from django.db import connection
from django.db.models import Count, F, Window
from django.db.models.functions import MD5, RowNumber
from msgspec import Struct

from config.estimates import rounded
from offerings.models import Term, UnitOffering, UnitOfferingQuerySet
from offerings.models.catalogue import FINAL

# Along the index of registrations by offering; a grade is one look into its own.
PROGRESS = """
SELECT registration.offering_id, count(*), count(grade.value),
    count(*) FILTER (WHERE grade.published)
FROM unnest(%(ids)s::varchar[], %(with_held)s::boolean[]) AS asked (id, with_held)
JOIN offerings_unitoffering AS offering ON offering.id = asked.id
JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
JOIN offerings_gradecolumn AS final
    ON final.unit_id = version.unit_id AND final.name = %(final)s
JOIN registrations_registration AS registration
    ON registration.offering_id = asked.id AND registration.state <> 'rejected'
LEFT JOIN students_profile AS held
    ON held.id = registration.profile_id AND held.is_confidential
LEFT JOIN registrations_grade AS grade
    ON grade.registration_id = registration.id AND grade.column_id = final.id
WHERE asked.with_held OR held.id IS NULL
GROUP BY registration.offering_id
"""


class Progress(Struct, frozen=True):
    """Of one offering: how many are to be graded, are, and are published."""

    offering_id: str
    students: int
    graded: int
    published: int

    @property
    def missing(self) -> int:
        return self.students - self.graded

    @property
    def waiting(self) -> int:
        """How many have a final grade that is not published."""
        return self.graded - self.published


class TermProgress(Struct, frozen=True):
    """The same of a term, from those of its offerings that were counted."""

    term: Term
    counted: list[Progress]  # with anybody to be graded
    looked_at: int  # offerings
    offerings: int  # that there are

    @property
    def is_about(self) -> bool:
        """Whether the numbers of the whole term are estimates."""
        return self.looked_at < self.offerings

    @property
    def students(self) -> int:
        return self._whole(sum(each.students for each in self.counted))

    @property
    def published(self) -> int:
        return self._whole(sum(each.published for each in self.counted))

    @property
    def waiting(self) -> int:
        return self._whole(sum(each.waiting for each in self.counted))

    @property
    def missing(self) -> int:
        return self._whole(sum(each.missing for each in self.counted))

    @property
    def graded(self) -> int:
        return max(0, self.students - self.missing)

    @property
    def percent(self) -> int:
        """How many of a hundred have a final grade; all of them only if all have."""
        return 100 * self.graded // self.students if self.students else 100

    def _whole(self, counted: int) -> int:
        if not self.is_about:
            return counted
        return rounded(counted * self.offerings / self.looked_at)


def offerings_graded_by(staff) -> UnitOfferingQuerySet:
    """The offerings whose registrations a member of staff may look at."""
    offerings = UnitOffering.objects.within_reach_of(staff)
    return (
        offerings.filter(lecturer__user=staff.user)
        if staff.sees_only_own
        else offerings
    )


def progress_of(terms: Iterable[Term], staff, *, most: int) -> list[TermProgress]:
    """How far each term is, for this member of staff, by at most so many offerings.

    The number of queries does not depend on how many there are.
    """
    terms = [*terms]
    chosen = _chosen(terms, offerings_graded_by(staff), most)
    counted = _by_offering(chosen, staff)
    of_term = {
        pk: [*rows] for pk, rows in groupby(chosen, key=lambda row: row["semester_id"])
    }
    return [_progress(term, of_term.get(term.pk, []), counted) for term in terms]


def _chosen(
    terms: list[Term], offerings: UnitOfferingQuerySet, most: int
) -> list[dict[str, Any]]:
    """At most so many offerings of each term: the digests of ids are the lot."""
    ranked = offerings.filter(semester__in=terms).annotate(
        place=Window(RowNumber(), partition_by=F("semester"), order_by=MD5("pk")),
        there_are=Window(Count("pk"), partition_by=F("semester")),
    )
    found = ranked.filter(place__lte=most).order_by("semester_id", "pk")
    return [*found.values("pk", "semester_id", "there_are", "lecturer__user")]


def _by_offering(chosen: list[dict[str, Any]], staff) -> dict[str, Progress]:
    """How far each of these offerings is, where anybody is to be graded.

    Lecturers see people under privacy hold where they teach them.
    """
    own = staff.user.pk if staff.grades_own else None
    asked: dict[str, Any] = {
        "ids": [row["pk"] for row in chosen],
        "with_held": [
            staff.sees_held or (own is not None and row["lecturer__user"] == own)
            for row in chosen
        ],
        "final": FINAL,
    }
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, asked)
        return {pk: Progress(pk, *counts) for pk, *counts in cursor.fetchall()}


def _progress(
    term: Term, chosen: list[dict[str, Any]], counted: Mapping[str, Progress]
) -> TermProgress:
    return TermProgress(
        term,
        [counted[row["pk"]] for row in chosen if row["pk"] in counted],
        looked_at=len(chosen),
        offerings=chosen[0]["there_are"] if chosen else 0,
    )
