"""POST /apis/registrations/profiles/{profile_id}/registrations"""

import pytest
from django.utils import timezone

from registrations.models import Registration
from tests.factories import (
    CourseIntakeFactory,
    GradeColumnFactory,
    GradeFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)
from tests.registrations.records import grades_of, stored

FINAL = [{"name": "final", "value": "85", "published": True}]


@pytest.fixture
def profile(db):
    return ProfileFactory()


@pytest.fixture
def unit(db):
    return GradeColumnFactory().unit


@pytest.fixture
def post(send, profile, unit):
    """Post items for the unit in a context; return status and answer."""

    def post(*contexts, query="", **attributes):
        named = [
            {"unit_id": unit.pk, "context_id": context, **attributes}
            for context in contexts
        ]
        url = f"/apis/registrations/profiles/{profile.pk}/registrations{query}"
        response = send("POST", url, {"registrations": named})
        return response.status_code, response.json()

    return post


def test_it_makes_a_registration_with_its_grades(post, profile, unit, grade_states):
    intake = CourseIntakeFactory(course=unit.course)
    status, answer = post(intake.pk, grades=FINAL, grade_state_name="pass")
    made = Registration.objects.get()
    assert (status, answer[0]["status"]) == (200, 200)
    shown = answer[0]["json"]
    assert (shown["id"], shown["profile_id"]) == (made.pk, profile.pk)
    assert (shown["transcript_subject_id"], made.intake_id) == (intake.pk, intake.pk)
    assert (shown["registration_state"], shown["state_name"]) == ("registered", "pass")
    assert (shown["published"], shown["awarded"]) == (True, True)
    assert shown["created_at"] == shown["updated_at"]
    assert grades_of(made) == {"final": "85"}


def test_it_takes_the_profiles_own_intake_of_a_course(post, profile, unit):
    CourseIntakeFactory(course=unit.course)
    profile.intake = CourseIntakeFactory(course=unit.course)
    profile.save()
    _, answer = post(unit.course_id)
    assert answer[0]["json"]["transcript_subject_id"] == profile.intake_id


def test_it_takes_the_course_itself_for_a_profile_of_another(post, unit):
    CourseIntakeFactory(course=unit.course)
    _, answer = post(unit.course_id)
    assert answer[0]["json"]["transcript_subject_id"] == unit.course_id
    assert Registration.objects.get().intake_id is None


def test_it_sets_the_one_offering_there_is(post, unit):
    offering = UnitOfferingFactory(unit_version__unit=unit)
    post(offering.course_intake_id)
    assert Registration.objects.get().offering_id == offering.pk


@pytest.mark.parametrize("state", ["registered", "conditional", "rejected"])
def test_it_makes_it_in_the_state_that_is_asked_for(post, unit, state):
    _, answer = post(unit.course_id, registration_state=state)
    assert answer[0]["json"]["registration_state"] == state
    assert Registration.objects.get().state == state


def test_it_registers_again_who_was_rejected_and_keeps_the_grades(post, profile, unit):
    now = timezone.now()
    registration = RegistrationFactory(
        profile=profile, unit=unit, state="rejected", ejected_at=now, ended_at=now
    )
    GradeFactory(registration=registration, column=unit.grade_columns.get())
    status, answer = post(unit.course_id)
    assert (status, answer[0]["json"]["id"]) == (200, registration.pk)
    assert answer[0]["json"]["registration_state"] == "registered"
    assert answer[0]["json"]["grades"][0]["value"] == "85"


def test_it_uses_the_latest_attempt_finished_or_not(post, profile, unit):
    first = RegistrationFactory(profile=profile, unit=unit)
    passed = GradeStateFactory(name="pass")
    latest = RegistrationFactory(
        profile=profile,
        unit=unit,
        intake=first.intake,
        attempt=2,
        grade_state=passed,
        ended_at=timezone.now(),
    )
    _, answer = post(first.intake_id, grades=FINAL)
    assert answer[0]["json"]["id"] == latest.pk
    assert answer[0]["json"]["grade_state_name"] == "pass"
    assert grades_of(first) == {}
    assert Registration.objects.count() == 2


def test_it_lists_the_intakes_where_more_than_one_fits(post, profile, unit):
    RegistrationFactory.create_batch(2, profile=profile, unit=unit)
    before = stored()
    status, answer = post(unit.course_id)
    assert (status, answer[0]["status"]) == (207, 409)
    assert stored() == before


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"unit_id": "nope"}, 404, "unknown_unit"),
        ({"context_id": "nope"}, 404, "unknown_context"),
        ({"grade_state_name": "odd"}, 422, "unknown_grade_state"),
        ({"grades": [{"name": "final", "value": "101"}]}, 422, "off_scale"),
        ({"registration_state": "active"}, 422, "unknown_state"),
    ],
)
def test_it_makes_nothing_of_an_item_that_is_refused(post, unit, wrong, status, code):
    answered, answer = post(unit.course_id, **wrong)
    assert (answered, answer[0]["status"]) == (207, status)
    assert answer[0]["json"]["error"] == code
    assert not Registration.objects.exists()


def test_it_makes_one_where_two_items_ask_for_the_same(post, unit):
    _, answer = post(unit.course_id, unit.course_id)
    assert answer[0]["json"]["id"] == answer[1]["json"]["id"]
    assert Registration.objects.count() == 1


def test_it_makes_nothing_in_a_dry_run_nor_where_another_is_refused(post, unit):
    assert post(unit.course_id, query="?dry_run=true")[0] == 200
    status, answer = post(unit.course_id, "nope", query="?all_or_nothing=true")
    assert (status, [item["status"] for item in answer]) == (207, [424, 404])
    assert not Registration.objects.exists()
