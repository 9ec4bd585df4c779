"""Registering profiles for an offering."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from registrations.changes import Writer
from registrations.errors import (
    AlreadyRegistered,
    NoRetake,
    NotTheirs,
    RegistrationClosed,
    UnknownOffering,
    UnknownProfile,
)
from registrations.models import Registration
from registrations.operations import register, register_profiles
from tests.factories import (
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)
from tests.registrations.records import stored

pytestmark = pytest.mark.django_db

PAST = datetime(2020, 1, 6, tzinfo=UTC)
FUTURE = datetime(2120, 1, 6, tzinfo=UTC)


@pytest.fixture
def profile():
    return ProfileFactory()


@pytest.fixture
def offering():
    return UnitOfferingFactory()


def earlier(profile, offering, **attributes):
    """A registration on the offering's unit and intake."""
    return RegistrationFactory(
        profile=profile,
        unit=offering.unit_version.unit,
        course=offering.course_intake.course,
        intake=offering.course_intake,
        **attributes,
    )


def finished(profile, offering, name="pass"):
    state = GradeStateFactory(name=name)
    return earlier(profile, offering, grade_state=state, ended_at=PAST)


def test_it_registers_for_the_unit_and_intake_of_the_offering(
    profile, offering, writer
):
    row = register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)
    made = Registration.objects.get()
    assert made.pk == row.id
    assert (made.profile_id, made.offering_id) == (profile.pk, offering.pk)
    assert made.unit_id == offering.unit_version.unit_id
    assert made.intake_id == offering.course_intake_id
    assert made.course_id == offering.course_intake.course_id
    assert (made.state, made.attempt, made.version) == ("registered", 1, 1)
    assert (made.ended_at, made.grader_id) == (None, None)
    assert made.created_at == made.updated_at == row.created_at


def test_it_sets_the_offering_that_is_named(profile, offering, writer):
    UnitOfferingFactory(
        unit_version=offering.unit_version, course_intake=offering.course_intake
    )
    register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)
    assert Registration.objects.get().offering_id == offering.pk


@pytest.mark.parametrize("state", ["registered", "conditional"])
def test_it_refuses_who_is_registered_and_not_finished(
    profile, offering, writer, state
):
    earlier(profile, offering, state=state)
    before = stored()
    with pytest.raises(AlreadyRegistered):
        register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)
    assert stored() == before


def test_it_refuses_who_was_registered_through_another_offering(
    profile, offering, writer
):
    earlier(profile, offering)
    twin = UnitOfferingFactory(
        unit_version=offering.unit_version, course_intake=offering.course_intake
    )
    with pytest.raises(AlreadyRegistered):
        register(profile_id=profile.pk, offering_id=twin.pk, writer=writer)


def test_it_takes_who_is_registered_on_another_intake(profile, offering, writer):
    RegistrationFactory(profile=profile, unit=offering.unit_version.unit)
    row = register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)
    assert row.attempt == 1


@pytest.mark.parametrize("name", ["pass", "fail"])
def test_it_refuses_a_retake_that_the_offering_does_not_allow(
    profile, offering, writer, name
):
    finished(profile, offering, name)
    with pytest.raises(NoRetake):
        register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)


def test_it_counts_an_ejection_as_finished(profile, offering, writer):
    earlier(profile, offering, state="rejected", ejected_at=PAST, ended_at=PAST)
    with pytest.raises(NoRetake):
        register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)


def test_it_counts_a_state_without_outcome_as_unfinished(profile, offering, writer):
    earlier(profile, offering, grade_state=GradeStateFactory(name="incomplete"))
    with pytest.raises(AlreadyRegistered):
        register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)


def test_it_makes_a_retake_the_next_attempt(profile, writer):
    offering = UnitOfferingFactory(allows_retakes=True)
    first = finished(profile, offering)
    row = register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)
    first.refresh_from_db()
    assert (row.attempt, row.grades, row.grade_state) == (2, {}, None)
    assert row.id != first.pk
    assert (first.attempt, first.version) == (1, 1)


def test_it_judges_a_retake_by_the_latest_attempt(profile, writer):
    offering = UnitOfferingFactory(allows_retakes=True)
    finished(profile, offering)
    register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)
    with pytest.raises(AlreadyRegistered):
        register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)


@pytest.mark.parametrize(
    ("opens", "closes"),
    [(None, PAST), (FUTURE, None), (FUTURE, FUTURE), (PAST, PAST)],
)
def test_it_refuses_outside_the_registration_window(profile, writer, opens, closes):
    offering = UnitOfferingFactory(
        registration_opens_at=opens, registration_closes_at=closes
    )
    with pytest.raises(RegistrationClosed):
        register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)


@pytest.mark.parametrize(
    ("opens", "closes"), [(None, FUTURE), (PAST, None), (PAST, FUTURE)]
)
def test_it_registers_inside_the_window(profile, writer, opens, closes):
    offering = UnitOfferingFactory(
        registration_opens_at=opens, registration_closes_at=closes
    )
    register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)
    assert Registration.objects.count() == 1


def test_it_refuses_an_unknown_profile(offering, writer):
    with pytest.raises(UnknownProfile) as refusal:
        register(profile_id="nobody", offering_id=offering.pk, writer=writer)
    assert refusal.value.field == "profile_id"


def test_it_refuses_a_held_profile_as_unknown(offering, writer):
    profile = ProfileFactory(is_confidential=True)
    with pytest.raises(UnknownProfile):
        register(profile_id=profile.pk, offering_id=offering.pk, writer=writer)
    register(
        profile_id=profile.pk, offering_id=offering.pk, writer=Writer(sees_held=True)
    )
    assert Registration.objects.get().profile_id == profile.pk


def test_it_refuses_an_unknown_offering(profile, writer):
    with pytest.raises(UnknownOffering) as refusal:
        register(profile_id=profile.pk, offering_id="none", writer=writer)
    assert refusal.value.field == "offering_id"


def test_it_keeps_a_lecturer_to_their_offerings(profile, offering):
    other = Writer(lecturer_id="another")
    with pytest.raises(NotTheirs):
        register(profile_id=profile.pk, offering_id=offering.pk, writer=other)
    theirs = Writer(lecturer_id=offering.lecturer_id)
    register(profile_id=profile.pk, offering_id=offering.pk, writer=theirs)
    assert Registration.objects.count() == 1


def test_it_registers_whom_it_can_and_says_why_not_of_the_others(
    offering, writer, django_assert_num_queries
):
    there, first, second = ProfileFactory.create_batch(3)
    earlier(there, offering)
    profile_ids = [first.pk, there.pk, "nobody", second.pk, first.pk]
    with django_assert_num_queries(7):
        results = register_profiles(
            profile_ids=profile_ids, offering_id=offering.pk, writer=writer
        )
    assert [type(result.error) for result in results] == [
        type(None),
        AlreadyRegistered,
        UnknownProfile,
        type(None),
        AlreadyRegistered,
    ]
    assert Registration.objects.count() == 3


def test_it_dates_all_of_one_request_the_same(offering, writer):
    profiles = ProfileFactory.create_batch(3)
    before = timezone.now()
    results = register_profiles(
        profile_ids=[profile.pk for profile in profiles],
        offering_id=offering.pk,
        writer=writer,
    )
    moments = {result.registration.created_at for result in results}
    assert len(moments) == 1
    assert min(moments) >= before
