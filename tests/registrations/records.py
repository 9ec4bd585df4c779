"""Registrations as they are stored, for whole comparisons."""

from offerings.models import GradeColumn, Unit
from registrations.models import Grade, Registration
from students.models import Profile
from tests.factories import (
    CourseIntakeFactory,
    GradeColumnFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitFactory,
)


def stored():
    """Return every registration and grade as it is, by its key."""
    rows = {row["id"]: row for row in Registration.objects.values()}
    grades = {
        (grade.pop("registration_id"), grade.pop("column_id")): grade
        for grade in Grade.objects.values()
    }
    return rows, grades


def grades_of(registration):
    """Return the values of a registration by the name of the column."""
    return dict(registration.grades.values_list("column__name", "value"))


def registrations_of(profile, count):
    """Register a profile on so many units, each with a final grade."""
    intake = CourseIntakeFactory()
    units = UnitFactory.build_batch(count, course=intake.course)
    Unit.objects.bulk_create(units)
    GradeColumn.objects.bulk_create(GradeColumnFactory.build(unit=u) for u in units)
    return Registration.objects.bulk_create(
        RegistrationFactory.build(profile=profile, unit=unit, intake=intake)
        for unit in units
    )


def roster_of(unit, count):
    """Register so many profiles on a unit, in one intake."""
    intake = CourseIntakeFactory(course=unit.course)
    profiles = ProfileFactory.build_batch(count)
    Profile.objects.bulk_create(profiles)
    return Registration.objects.bulk_create(
        RegistrationFactory.build(profile=profile, unit=unit, intake=intake)
        for profile in profiles
    )
