"""PATCH /apis/registrations/units/{unit_id}/registrations"""

import pytest

from access.models import Disclosure
from access.scopes import REGISTRATIONS_READ
from registrations.models import Grade, Registration
from tests.factories import RegistrationFactory
from tests.registrations.records import grades_of, roster_of, stored


@pytest.fixture
def patch(send, registration):
    """Send items for the registration's unit; return status and answer."""

    def patch(*items, query="", unit=None, body=None, **options):
        unit_id = registration.unit_id if unit is None else unit
        url = f"/apis/registrations/units/{unit_id}/registrations{query}"
        response = send(
            "PATCH", url, {"registrations": [*items], **(body or {})}, **options
        )
        return response.status_code, response.json()

    return patch


def final(value):
    return [{"name": "final", "value": value}]


def refusal(answer, position=0):
    outcome = answer[position]
    return outcome["status"], outcome["json"]["error"], outcome["json"]["field"]


def test_it_grades_by_registration_and_by_profile(patch, registration):
    other = RegistrationFactory(unit=registration.unit)
    status, answer = patch(
        {"registration_id": registration.pk, "grades": final("10")},
        {"profile_id": other.profile_id, "grades": final("20"), "grade_notes": "x"},
    )
    assert status == 200
    assert [outcome["json"]["id"] for outcome in answer] == [registration.pk, other.pk]
    assert (grades_of(registration), grades_of(other)) == (
        {"final": "10"},
        {"final": "20"},
    )


def test_it_knows_one_registration_by_both_names(patch, registration):
    status, answer = patch(
        {"profile_id": registration.profile_id, "grades": final("10")},
        {"registration_id": registration.pk, "grade_notes": "x"},
    )
    assert (status, answer[1]["json"]["grades"][-1]["value"]) == (200, "10")


@pytest.mark.parametrize(
    ("item", "status", "code", "field"),
    [
        ({}, 422, "invalid", "registration_id"),
        (
            {"registration_id": "a", "profile_id": "b"},
            422,
            "invalid",
            "registration_id",
        ),
        ({"registration_id": ""}, 422, "invalid", "registration_id"),
        ({"registration_id": None}, 422, "wrong_type", "registration_id"),
        ({"registration_id": "nope"}, 404, "not_registered", "registration_id"),
        ({"profile_id": "nope"}, 404, "not_registered", "profile_id"),
        ({"unit_id": "x", "profile_id": "y"}, 422, "unknown_attribute", "unit_id"),
        ("x", 422, "wrong_type", None),
    ],
)
def test_it_refuses_one_item_and_does_the_others(
    patch, registration, item, status, code, field
):
    good = {"registration_id": registration.pk, "grades": final("85")}
    answered, answer = patch(item, good)
    assert (answered, refusal(answer)) == (207, (status, code, field))
    assert grades_of(registration) == {"final": "85"}


def test_it_refuses_a_registration_on_another_unit(patch):
    elsewhere = RegistrationFactory()
    _, answer = patch({"registration_id": elsewhere.pk, "grade_notes": "x"})
    assert refusal(answer) == (404, "not_registered", "registration_id")
    elsewhere.refresh_from_db()
    assert elsewhere.notes == ""


def test_it_refuses_an_older_attempt(patch, registration):
    RegistrationFactory(
        unit=registration.unit,
        profile=registration.profile,
        intake=registration.intake,
        attempt=2,
    )
    _, answer = patch({"registration_id": registration.pk, "grade_notes": "x"})
    assert refusal(answer) == (404, "not_registered", "registration_id")


def test_it_lists_the_contexts_of_a_profile_with_several(patch, registration):
    other = RegistrationFactory(unit=registration.unit, profile=registration.profile)
    _, answer = patch({"profile_id": registration.profile_id, "grade_notes": "x"})
    assert refusal(answer) == (409, "ambiguous_context", "profile_id")
    assert registration.intake_id in answer[0]["json"]["message"]
    assert other.intake_id in answer[0]["json"]["message"]
    assert Disclosure.objects.get().profile_ids == [registration.profile_id]


def test_it_treats_held_people_as_absent(patch, registration):
    type(registration.profile).objects.update(is_confidential=True)
    before = stored()
    _, answer = patch(
        {"registration_id": registration.pk}, {"profile_id": registration.profile_id}
    )
    _, none = patch({"registration_id": "nope"}, {"profile_id": "nope"})
    assert answer == none
    assert stored() == before
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(("sent", "kept"), [(True, True), (False, None), (None, None)])
def test_it_keeps_whether_to_notify_with_the_change(patch, registration, sent, kept):
    body = {} if sent is None else {"send_notifications": sent}
    item = {"registration_id": registration.pk, "grades": final("85")}
    status, _ = patch(item, body=body)
    event = Registration.pgh_event_model.objects.order_by("pgh_id").last()
    assert status == 200
    assert event.pgh_context.metadata.get("send_notifications") is kept


@pytest.mark.parametrize("value", ["true", 1, None])
def test_it_refuses_another_kind_of_send_notifications(patch, registration, value):
    status, answer = patch(body={"send_notifications": value})
    assert (status, answer["field"]) == (422, "send_notifications")


def test_it_undoes_all_where_one_is_refused_and_all_was_asked(patch, registration):
    before = stored()
    status, answer = patch(
        {"registration_id": registration.pk, "grades": final("85")},
        {"registration_id": "nope"},
        query="?all_or_nothing=true",
    )
    assert (status, [item["status"] for item in answer]) == (207, [424, 404])
    assert stored() == before


def test_it_does_not_know_a_unit_that_there_is_not(patch):
    status, answer = patch(unit="nope")
    assert (status, answer["error"], answer["field"]) == (
        404,
        "unknown_unit",
        "unit_id",
    )


def test_it_wants_the_scope_to_write(send, registration, http_of):
    url = f"/apis/registrations/units/{registration.unit_id}/registrations"
    reading = http_of(REGISTRATIONS_READ)
    response = send("PATCH", url, {"registrations": []}, of=reading)
    assert response.status_code == 403


def test_it_logs_whom_it_showed(patch, registration):
    other = RegistrationFactory(unit=registration.unit)
    patch({"registration_id": registration.pk}, {"profile_id": other.profile_id})
    assert Disclosure.objects.get().profile_ids == [
        registration.profile_id,
        other.profile_id,
    ]


@pytest.mark.parametrize("count", [2, 500])
def test_it_costs_the_same_statements_for_2_items_and_for_500(
    patch, registration, count, django_assert_num_queries
):
    items = [
        {"registration_id": one.pk, "grades": final("85"), "grade_notes": "x"}
        for one in roster_of(registration.unit, count)
    ]
    patch()  # the caller is recognised by now
    with django_assert_num_queries(8):
        status, _ = patch(*items)
    assert status == 200
    assert Grade.objects.filter(value="85").count() == count
