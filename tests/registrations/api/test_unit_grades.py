"""POST /apis/units/units/{unit_id}/grades"""

import pytest
from django.utils import timezone

from access.models import Disclosure
from registrations.models import Registration
from tests.factories import RegistrationFactory, UnitOfferingFactory
from tests.registrations.records import grades_of, stored


@pytest.fixture
def post(send, registration):
    """Post a grade for the registration's profile; return status and answer."""

    def post(unit=None, **attributes):
        body = {
            "profile_id": registration.profile_id,
            "grade_name": "final",
            "grade_value": "85",
            **attributes,
        }
        unit_id = registration.unit_id if unit is None else unit
        response = send("POST", f"/apis/units/units/{unit_id}/grades", body)
        return response.status_code, response.json()

    return post


@pytest.mark.parametrize(
    ("value", "kept"), [("85", "85"), (" 85.50 ", "85.50"), (85, "85"), (85.5, "85.5")]
)
def test_it_stores_one_grade(post, registration, value, kept):
    status, answer = post(grade_value=value)
    assert status == 200
    assert (answer["id"], answer["grades"][-1]["value"]) == (registration.pk, kept)
    assert grades_of(registration) == {"final": kept}


def test_it_leaves_everything_else_as_it_was(post, registration):
    Registration.objects.update(notes="n", awarded=True)
    post(grade_name="__essay", grade_value=20)
    post()
    registration.refresh_from_db()
    assert (registration.notes, registration.awarded) == ("n", True)
    assert grades_of(registration) == {"__essay": "20", "final": "85"}


@pytest.mark.parametrize(
    ("wrong", "status", "code", "field"),
    [
        ({"grade_value": "101"}, 422, "off_scale", "grade_value"),
        ({"grade_value": ""}, 422, "off_scale", "grade_value"),
        ({"grade_value": None}, 422, "wrong_type", "grade_value"),
        ({"grade_value": True}, 422, "invalid", "grade_value"),
        ({"grade_value": []}, 422, "invalid", "grade_value"),
        ({"grade_name": "x"}, 422, "unknown_grade", "grade_name"),
        ({"grade_name": 7}, 422, "wrong_type", "grade_name"),
        ({"profile_id": 7}, 422, "wrong_type", "profile_id"),
        ({"profile_id": "nobody"}, 404, "not_registered", "profile_id"),
        ({"unit": "nope"}, 404, "unknown_unit", "unit_id"),
        ({"colour": "red"}, 422, "unknown_attribute", "colour"),
    ],
)
def test_it_says_what_is_wrong_and_changes_nothing(
    post, registration, wrong, status, code, field
):
    before = stored()
    answered, answer = post(**wrong)
    assert (answered, answer["error"], answer["field"]) == (status, code, field)
    assert stored() == before


@pytest.mark.parametrize("name", ["profile_id", "grade_name", "grade_value"])
def test_it_wants_all_three(send, registration, name):
    body = {"profile_id": "p", "grade_name": "final", "grade_value": "1"}
    del body[name]
    url = f"/apis/units/units/{registration.unit_id}/grades"
    response = send("POST", url, body)
    assert response.status_code == 422
    assert response.json() == {
        "error": "required",
        "message": f"{name} is required.",
        "field": name,
    }


def test_it_refuses_a_profile_registered_in_several_contexts(post, registration):
    other = RegistrationFactory(unit=registration.unit, profile=registration.profile)
    status, answer = post()
    assert (status, answer["error"]) == (409, "ambiguous_context")
    assert other.intake_id in answer["message"]
    assert Disclosure.objects.get().profile_ids == [registration.profile_id]


def test_it_refuses_a_grade_of_a_closed_term(post, registration):
    offering = UnitOfferingFactory(semester__grades_closed_at=timezone.now())
    Registration.objects.update(offering=offering)
    status, answer = post()
    assert (status, answer["error"]) == (409, "term_closed")


def test_it_treats_held_people_as_absent(post, registration):
    type(registration.profile).objects.update(is_confidential=True)
    assert post() == post(profile_id="nobody")


def test_it_logs_whose_record_it_showed(post, registration):
    post()
    assert Disclosure.objects.get().profile_ids == [registration.profile_id]
