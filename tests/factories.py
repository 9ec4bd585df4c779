"""Records for tests: name what the test cares about, the rest has a default."""

from datetime import date

import factory
from factory import SubFactory
from factory.django import DjangoModelFactory

from enrollments.models import Enrollment
from offerings.models import (
    Course,
    CourseIntake,
    GradeColumn,
    Lecturer,
    Term,
    Unit,
    UnitOffering,
    UnitVersion,
)
from registrations.models import Grade, GradeState, Registration
from students.models import Dplan, DplanCode, DplanSource, Profile


class CourseFactory(DjangoModelFactory):
    class Meta:
        model = Course

    code = factory.Sequence(lambda n: f"COURSE{n}")
    name = "Physics"


class CourseIntakeFactory(DjangoModelFactory):
    class Meta:
        model = CourseIntake

    course = SubFactory(CourseFactory)
    name = "Class of 2024"


class TermFactory(DjangoModelFactory):
    """A term that is over, with a SIS code of its own."""

    class Meta:
        model = Term

    code = factory.Sequence(lambda n: f"{190001 + n}")
    name = factory.LazyAttribute(lambda term: f"Term {term.code}")
    starts_on = date(2020, 1, 6)
    ends_on = date(2020, 3, 13)


class LecturerFactory(DjangoModelFactory):
    class Meta:
        model = Lecturer

    netid = factory.Sequence(lambda n: f"l{n:05}")
    first_name = "Ada"
    last_name = "Lovelace"


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    course = SubFactory(CourseFactory)
    code = factory.Sequence(lambda n: f"UNIT{n}")
    title = "Mechanics"


class GradeColumnFactory(DjangoModelFactory):
    """The final grade of a unit: any number from 0 to 100."""

    class Meta:
        model = GradeColumn

    unit = SubFactory(UnitFactory)
    name = "final"
    label = "Final grade"
    maximum = 100


class UnitVersionFactory(DjangoModelFactory):
    class Meta:
        model = UnitVersion

    unit = SubFactory(UnitFactory)
    title = factory.LazyAttribute(lambda version: version.unit.title)


class UnitOfferingFactory(DjangoModelFactory):
    """Taught to an intake of the unit's own course; no section."""

    class Meta:
        model = UnitOffering

    code = factory.Sequence(lambda n: f"OFFERING{n}")
    unit_version = SubFactory(UnitVersionFactory)
    course_intake = factory.LazyAttribute(
        lambda offering: CourseIntakeFactory(course=offering.unit_version.unit.course)
    )
    lecturer = SubFactory(LecturerFactory)
    semester = SubFactory(TermFactory)


class SectionFactory(UnitOfferingFactory):
    """An offering that is a section."""

    part_of_term = "U"
    section_id = factory.Sequence(lambda n: f"AAAS.010.01-202001-U-{10000 + n}")


class ProfileFactory(DjangoModelFactory):
    class Meta:
        model = Profile

    netid = factory.Sequence(lambda n: f"f{n:05}")
    first_name = "Grace"
    last_name = "Hopper"
    email = factory.LazyAttribute(lambda profile: f"{profile.netid}@example.edu")


class DplanCodeFactory(DjangoModelFactory):
    class Meta:
        model = DplanCode
        django_get_or_create = ("id",)

    id = "R"
    name = factory.LazyAttribute(lambda code: f"Code {code.id}")


class DplanSourceFactory(DjangoModelFactory):
    class Meta:
        model = DplanSource
        django_get_or_create = ("id",)

    id = "PHL"
    name = factory.LazyAttribute(lambda source: f"Source {source.id}")


class DplanFactory(DjangoModelFactory):
    class Meta:
        model = Dplan

    profile = SubFactory(ProfileFactory)
    term = SubFactory(TermFactory)
    code = SubFactory(DplanCodeFactory)
    source = SubFactory(DplanSourceFactory)


class GradeStateFactory(DjangoModelFactory):
    class Meta:
        model = GradeState
        django_get_or_create = ("name",)

    name = "pass"
    label = factory.LazyAttribute(lambda state: state.name.title())
    outcome = factory.LazyAttribute(
        lambda state: {"pass": "passed", "fail": "failed"}.get(state.name, "none")
    )
    is_default = factory.LazyAttribute(lambda state: state.name in ("pass", "fail"))


class RegistrationFactory(DjangoModelFactory):
    """A first attempt at a unit, on an intake of the unit's course."""

    class Meta:
        model = Registration

    profile = SubFactory(ProfileFactory)
    unit = SubFactory(UnitFactory)
    course = factory.LazyAttribute(lambda registration: registration.unit.course)
    intake = factory.LazyAttribute(
        lambda registration: CourseIntakeFactory(course=registration.course)
    )


class GradeFactory(DjangoModelFactory):
    """The final grade of a registration, unpublished."""

    class Meta:
        model = Grade

    registration = SubFactory(RegistrationFactory)
    column = factory.LazyAttribute(
        lambda grade: GradeColumnFactory(unit=grade.registration.unit)
    )
    value = "85"


class EnrollmentFactory(DjangoModelFactory):
    """A student in a section, without a registration."""

    class Meta:
        model = Enrollment

    offering = SubFactory(SectionFactory)
    profile = SubFactory(ProfileFactory)
    role = "student"
    id = factory.LazyAttribute(
        lambda enrollment: "-".join(
            [
                enrollment.offering.section_id,
                enrollment.profile.netid,
                enrollment.role,
            ]
        )
    )
