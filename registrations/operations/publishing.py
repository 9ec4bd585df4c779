"""Publishing grades: what waits, and making it seen."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from msgspec import Struct

from config.history import events_of
from offerings.models.catalogue import FINAL
from registrations.changes import Writer
from registrations.errors import ReasonRequired
from registrations.models import Grade, Registration, RegistrationQuerySet

AT_A_TIME = 2000  # registrations; locked and written in the order of their ids

WAITING = Q(value__isnull=False, published=False)

LOCK = """
SELECT id FROM registrations_registration WHERE id = ANY(%(ids)s)
ORDER BY id FOR NO KEY UPDATE
"""
PUBLISH = """
WITH made AS (
    UPDATE registrations_grade AS grade
    SET published = true, updated_at = clock_timestamp()
    FROM offerings_gradecolumn AS grade_column
    WHERE grade.registration_id = ANY(%(ids)s)
        AND grade_column.id = grade.column_id
        AND (%(every_column)s OR grade_column.name = %(final)s)
        AND grade.value IS NOT NULL AND NOT grade.published
        AND grade.updated_at <= %(until)s
    RETURNING grade.registration_id
), touched AS (
    UPDATE registrations_registration
    SET version = version + 1, updated_at = clock_timestamp()
    WHERE id IN (SELECT registration_id FROM made)
    RETURNING id, profile_id
)
SELECT (SELECT count(*) FROM made), array_agg(profile_id) FROM touched
"""


class Selection(Struct, frozen=True, kw_only=True):
    """Which grades are to be published: those that meet all that is named."""

    term_id: str = ""
    course_id: str = ""
    offering_ids: tuple[str, ...] = ()
    every_column: bool = False  # else the final grades alone
    with_held: bool = False  # people under privacy hold too

    @property
    def is_empty(self) -> bool:
        """Whether it names nothing, which is not to mean everything."""
        return not (self.term_id or self.course_id or self.offering_ids)

    def registrations(self, writer: Writer) -> RegistrationQuerySet:
        """Those that exist for the writer; none where nothing is named."""
        if self.is_empty:
            return Registration.objects.none()
        named = {
            "offering__semester_id": self.term_id,
            "course_id": self.course_id,
            "offering_id__in": self.offering_ids,
        }
        found = Registration.objects.visible_to(writer).filter(
            **{name: value for name, value in named.items() if value}
        )
        return found.exclude(state=Registration.State.REJECTED)

    def of_columns(self, prefix: str = "") -> Q:
        return Q() if self.every_column else Q(**{f"{prefix}column__name": FINAL})


class Waiting(Struct, frozen=True):
    """Of one offering, what publishing would find."""

    offering_id: str | None
    students: int
    missing: int  # without a final grade
    published: int  # already
    to_publish: int  # those under hold are counted apart
    held: int  # of people under privacy hold, waiting
    closed: bool  # its term is closed for grades
    changed: int = 0  # of those that wait: published before, and typed over since


def waiting(selection: Selection, *, writer: Writer) -> list[Waiting]:
    """What publishing would find now, by offering."""
    changed = _changed_since(selection, writer)
    return [
        Waiting(**row, changed=changed.get(row["offering_id"], 0))
        for row in _counted(selection, writer)
    ]


class Published(Struct, frozen=True):
    """What publishing did."""

    grades: int
    profile_ids: list[str]  # whose


@transaction.atomic
def publish(
    selection: Selection,
    *,
    until: datetime,
    writer: Writer,
    progress: Callable[[int, int], Any] = lambda done, total: None,
) -> Published:
    """Publish what waits and was entered by `until`, which is when it was shown.

    Grades of a term that is closed stay, unless the writer may grade late. Raises
    ReasonRequired: why grades were published is always kept.
    """
    if not writer.reason:
        raise ReasonRequired("Give a reason for publishing.", field="reason")
    ids = [*_to_publish(selection, writer).values_list("pk", flat=True)]
    grades, profile_ids = 0, []
    for start in range(0, len(ids), AT_A_TIME):
        made, whose = _publish(ids[start : start + AT_A_TIME], selection, until)
        grades += made
        profile_ids += whose
        progress(min(start + AT_A_TIME, len(ids)), len(ids))
    return Published(grades, profile_ids)


def _to_publish(selection: Selection, writer: Writer) -> RegistrationQuerySet:
    found = selection.registrations(writer).filter(
        Exists(_grades(selection).filter(registration=OuterRef("pk")))
    )
    if not selection.with_held:
        found = found.filter(profile__is_confidential=False)
    if not writer.may_grade_late:
        found = found.exclude(offering__semester__grades_closed_at__isnull=False)
    return found.order_by("pk")


def _publish(
    ids: list[str], selection: Selection, until: datetime
) -> tuple[int, list[str]]:
    asked: dict[str, Any] = {
        "ids": ids,
        "until": until,
        "every_column": selection.every_column,
        "final": FINAL,
    }
    with connection.cursor() as cursor:
        cursor.execute(LOCK, asked)
        cursor.execute(PUBLISH, asked)
        grades, profile_ids = cursor.fetchone()
    return grades, profile_ids or []


def _grades(selection: Selection) -> QuerySet[Grade]:
    """Grades that wait, in the columns that are meant."""
    return Grade.objects.filter(WAITING, selection.of_columns())


def _counted(selection: Selection, writer: Writer) -> Iterator[dict[str, Any]]:
    meant = selection.of_columns("grades__")
    waits = meant & Q(grades__value__isnull=False, grades__published=False)
    is_held = Q(profile__is_confidential=True)
    has_final = Q(grades__column__name=FINAL, grades__value__isnull=False)
    rows = (
        selection.registrations(writer)
        .values("offering_id")
        .annotate(
            students=Count("pk", distinct=True),
            graded=Count("pk", distinct=True, filter=has_final),
            published=Count("grades", filter=meant & Q(grades__published=True)),
            to_publish=Count("grades", filter=waits & ~is_held),
            held=Count("grades", filter=waits & is_held),
            closed_at=F("offering__semester__grades_closed_at"),
        )
        .order_by("offering_id")
    )
    for row in rows:
        row["missing"] = row["students"] - row.pop("graded")
        row["closed"] = row.pop("closed_at") is not None
        yield row


def _changed_since(selection: Selection, writer: Writer) -> dict[str | None, int]:
    """By offering, how many of those that wait were published before."""
    before = events_of(Grade).filter(
        registration_id=OuterRef("registration_id"),
        column_id=OuterRef("column_id"),
        published=True,
    )
    found = _grades(selection).filter(
        Exists(before),
        registration__in=selection.registrations(writer).values("pk"),
    )
    counted = found.values("registration__offering_id").annotate(changed=Count("pk"))
    return {row["registration__offering_id"]: row["changed"] for row in counted}
