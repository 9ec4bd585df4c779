from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from access.scopes import (
    ENROLLMENTS_READ,
    ENROLLMENTS_READ_SENSITIVE,
    ENROLLMENTS_WRITE,
    PEOPLE_PRIVATE,
)
from tests.access.http import caller
from tests.factories import (
    EnrollmentFactory,
    GradeColumnFactory,
    GradeFactory,
    ProfileFactory,
    RegistrationFactory,
    SectionFactory,
    TermFactory,
)

URL = "/api/academic/enrollments"
PHYSICS = "PHYS.003.01-202001-U-10188"
HISTORY = "HIST.007.02-202301-A-20377"
DAY = datetime(2020, 3, 5, 17, 53, 46, tzinfo=UTC)


@pytest.fixture
def reader(db):
    """Who reads enrollments, and nothing sensitive."""
    return caller(ENROLLMENTS_READ)


@pytest.fixture
def teller(db):
    """Who reads everything of an enrollment."""
    return caller(ENROLLMENTS_READ, ENROLLMENTS_READ_SENSITIVE)


@pytest.fixture
def writer(db):
    return caller(ENROLLMENTS_READ, ENROLLMENTS_READ_SENSITIVE, ENROLLMENTS_WRITE)


@pytest.fixture
def privileged(db):
    """Who reads everything, also of people under hold."""
    return caller(ENROLLMENTS_READ, ENROLLMENTS_READ_SENSITIVE, PEOPLE_PRIVATE)


@pytest.fixture
def record(db):
    """Two sections, of a term that is over and of one that holds today.

    In the first, Ada with a grade and an assessment, Bob who is under hold, and
    their instructor; in the second, Ada without either.
    """
    today = timezone.localdate()
    over = TermFactory(code="202001")
    current = TermFactory(
        code="202301",
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=30),
    )
    physics = SectionFactory(section_id=PHYSICS, part_of_term="U", semester=over)
    history = SectionFactory(section_id=HISTORY, part_of_term="A", semester=current)
    ada = ProfileFactory(id="ada", netid="f00ada")
    bob = ProfileFactory(id="bob", netid="f00bob", is_confidential=True)
    teacher = ProfileFactory(id="teacher", netid="f00tea")
    registration = RegistrationFactory(profile=ada)
    final = GradeColumnFactory(unit=registration.unit)
    GradeFactory(registration=registration, column=final, value="85", published=True)
    EnrollmentFactory(
        offering=physics,
        profile=ada,
        registration=registration,
        assessment_submitted_at=DAY,
    )
    EnrollmentFactory(offering=physics, profile=bob)
    EnrollmentFactory(offering=physics, profile=teacher, role="instructor")
    EnrollmentFactory(offering=history, profile=ada)


ADA = f"{PHYSICS}-f00ada-student"
BOB = f"{PHYSICS}-f00bob-student"
TEACHER = f"{PHYSICS}-f00tea-instructor"
ADA_NOW = f"{HISTORY}-f00ada-student"
