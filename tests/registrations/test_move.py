"""Moving registrations to another intake."""

import pytest

from registrations.changes import Writer
from registrations.errors import (
    AlreadyThere,
    NotRegistered,
    NotTheirs,
    OutsideCourse,
    UnknownContext,
)
from registrations.models import Registration
from registrations.operations import move
from tests.factories import (
    CourseIntakeFactory,
    GradeFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)
from tests.registrations.records import grades_of, stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def registration():
    registration = RegistrationFactory()
    GradeFactory(registration=registration)
    return registration


@pytest.fixture
def intake(registration):
    """Another intake of the same course."""
    return CourseIntakeFactory(course=registration.course)


def moved(registration, intake, writer):
    (result,) = move(
        registration_ids=[registration.pk], intake_id=intake.pk, writer=writer
    )
    return result


def test_it_moves_with_grades_and_all(registration, intake, writer):
    row = moved(registration, intake, writer).registration
    registration.refresh_from_db()
    assert registration.intake_id == row.intake_id == intake.pk
    assert (registration.course_id, registration.attempt) == (intake.course_id, 1)
    assert (registration.version, registration.updated_at) == (2, row.updated_at)
    assert grades_of(registration) == {"final": "85"}


def test_it_takes_the_one_offering_there(registration, intake, writer):
    Registration.objects.update(offering=UnitOfferingFactory())
    there = UnitOfferingFactory(
        unit_version__unit=registration.unit, course_intake=intake
    )
    moved(registration, intake, writer)
    assert Registration.objects.get().offering_id == there.pk


def test_it_leaves_the_offering_behind_where_there_is_none(
    registration, intake, writer
):
    Registration.objects.update(offering=UnitOfferingFactory())
    moved(registration, intake, writer)
    assert Registration.objects.get().offering_id is None


def test_it_refuses_who_is_there_already(registration, intake, writer):
    there = RegistrationFactory(
        profile=registration.profile, unit=registration.unit, intake=intake
    )
    before = stored()
    assert isinstance(moved(registration, intake, writer).error, AlreadyThere)
    assert isinstance(moved(there, intake, writer).error, AlreadyThere)
    assert stored() == before


def test_it_moves_one_of_two_that_would_meet(registration, intake, writer):
    twin = RegistrationFactory(profile=registration.profile, unit=registration.unit)
    results = move(
        registration_ids=[registration.pk, twin.pk, "nothing"],
        intake_id=intake.pk,
        writer=writer,
    )
    assert [type(result.error) for result in results] == [
        type(None),
        AlreadyThere,
        NotRegistered,
    ]


def test_it_refuses_an_intake_of_another_course(registration, writer):
    result = moved(registration, CourseIntakeFactory(), writer)
    assert isinstance(result.error, OutsideCourse)


def test_it_refuses_an_unknown_intake(registration, writer):
    with pytest.raises(UnknownContext):
        move(registration_ids=[registration.pk], intake_id="none", writer=writer)


def test_it_treats_held_people_as_absent(registration, intake, writer):
    type(registration.profile).objects.update(is_confidential=True)
    assert isinstance(moved(registration, intake, writer).error, NotRegistered)
    assert moved(registration, intake, Writer(sees_held=True)).error is None


def test_it_keeps_a_lecturer_to_their_offerings(registration, intake):
    result = moved(registration, intake, Writer(lecturer_id="another"))
    assert isinstance(result.error, NotTheirs)
