"""Everything that changes an offering."""

from collections.abc import Callable
from uuid import uuid4

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from config.errors import NotFound
from config.versions import check_version
from offerings.changes import OfferingChange
from offerings.errors import (
    AnotherLecturers,
    CodeTaken,
    CourseIntakeNotFound,
    LecturerNotFound,
    NoSuchSection,
    OfferingHasRegistrations,
    OfferingInUse,
    OfferingNotFound,
    SectionHasEnrollments,
    SemesterNotFound,
    UnitVersionNotFound,
)
from offerings.models import (
    CourseIntake,
    Lecturer,
    Term,
    UnitOffering,
    UnitVersion,
)
from offerings.section_ids import parse_section_id

# What an offering points to, and how its absence is said.
RELATED: dict[str, tuple[type[models.Model], Callable[[], NotFound]]] = {
    "unit_version_id": (UnitVersion, UnitVersionNotFound),
    "course_intake_id": (CourseIntake, CourseIntakeNotFound),
    "lecturer_id": (Lecturer, LecturerNotFound),
    "semester_id": (Term, SemesterNotFound),
}

KEEP_IN_PLACE = "SELECT FROM offerings_unitoffering WHERE id = %s FOR KEY SHARE"


@transaction.atomic
def create_offering(
    *, change: OfferingChange, only_of_lecturer: str | None = None
) -> UnitOffering:
    """Make an offering of a change that sets all but what has a default.

    Raises a NotFound for what it points to, CodeTaken, NoSuchSection, and
    AnotherLecturers where the one who writes is limited to those of a lecturer.
    """
    _check_related(change)
    offering = UnitOffering(pk=str(uuid4()), **change.given)
    check_lecturer(offering, only_of_lecturer)
    _check_section(offering)
    _save(offering, force_insert=True)
    return offering


@transaction.atomic
def change_offering(
    *,
    offering_id: str,
    change: OfferingChange,
    expected_versions: frozenset[int] | None = None,
    only_of_lecturer: str | None = None,
) -> UnitOffering:
    """Change what the change sets. A change to what is so already is none.

    Raises OfferingNotFound or a NotFound for what it points to, CodeTaken,
    StaleVersion, OfferingHasRegistrations, NoSuchSection, SectionHasEnrollments
    and AnotherLecturers.
    """
    offering = _locked(offering_id)
    check_lecturer(offering, only_of_lecturer)
    _check_related(change)
    check_version(offering.version, expected_versions)
    changed = _differences(offering, change)
    _check_move(offering, changed)
    for name, value in changed.items():
        setattr(offering, name, value)
    check_lecturer(offering, only_of_lecturer)
    if "section_id" in changed:
        _check_section(offering)
    if changed:
        offering.version += 1
        offering.updated_at = timezone.now()
        _save(offering, update_fields=[*changed, "version", "updated_at"])
    return offering


@transaction.atomic
def delete_offering(
    *, offering_id: str, expected_versions: frozenset[int] | None = None
) -> None:
    """Delete an offering that nobody is on, people under hold included.

    Raises OfferingNotFound, StaleVersion and OfferingInUse.
    """
    offering = _locked(offering_id)
    check_version(offering.version, expected_versions)
    if offering.has_registrations or offering.has_enrollments:
        raise OfferingInUse
    offering.delete()


def keep_in_place(offering_id: str) -> None:
    """Keep an offering on its unit and intake until this transaction has ended.

    Whoever registers somebody on it does so first; they do not wait for each other,
    only for one who changes the offering, who waits for them.
    """
    with connection.cursor() as cursor:
        cursor.execute(KEEP_IN_PLACE, [offering_id])


def check_lecturer(offering: UnitOffering, only_of_lecturer: str | None) -> None:
    """Raise AnotherLecturers unless the one who writes may write this offering."""
    if only_of_lecturer not in (None, offering.lecturer_id):
        raise AnotherLecturers


def _locked(offering_id: str) -> UnitOffering:
    offering = UnitOffering.objects.locked().filter(pk=offering_id).first()
    if offering is None:
        raise OfferingNotFound
    return offering


def _check_related(change: OfferingChange) -> None:
    given = change.given
    for name, (model, missing) in RELATED.items():
        if name in given and not model._default_manager.filter(pk=given[name]).exists():
            raise missing()


def _differences(offering: UnitOffering, change: OfferingChange) -> dict:
    return {
        name: value
        for name, value in change.given.items()
        if getattr(offering, name) != value
    }


def _check_move(offering: UnitOffering, changed: dict) -> None:
    """Registrations are on the offering's unit and intake: those stay."""
    moves_unit = "unit_version_id" in changed and not (
        UnitVersion.objects.filter(pk=changed["unit_version_id"])
        .filter(unit__versions=offering.unit_version_id)
        .exists()
    )
    if (moves_unit or "course_intake_id" in changed) and offering.has_registrations:
        what = "a version of another unit" if moves_unit else "another intake"
        raise OfferingHasRegistrations(
            f"Unit offering has registrations and cannot be moved to {what}"
        )


def _check_section(offering: UnitOffering) -> None:
    """A section is named after its term; enrollments are named after it."""
    if offering.has_enrollments:
        raise SectionHasEnrollments(
            "There are enrollments, which bear the id of the section: it stays.",
            field="section_id",
        )
    if not offering.section_id:
        return
    try:
        named = parse_section_id(offering.section_id)
    except ValueError as error:
        raise NoSuchSection(f"{error}.", field="section_id") from error
    term = (offering.semester.code, offering.part_of_term)
    if (named.term_code, named.part_of_term) != term:
        raise NoSuchSection(
            "The id of the section names another term or part of term.",
            field="section_id",
        )


def _save(offering: UnitOffering, **how) -> None:
    try:
        with transaction.atomic():
            offering.save(**how)
    except IntegrityError:
        others = UnitOffering.objects.exclude(pk=offering.pk)
        if others.filter(code=offering.code).exists():
            raise CodeTaken(offering.code) from None
        raise
