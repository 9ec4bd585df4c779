from datetime import UTC, datetime

import pytest

from access.models import Disclosure
from access.scopes import LECTURER, REGISTRATIONS_WRITE
from registrations.models import Registration
from tests.factories import ProfileFactory, UnitOfferingFactory

PAST = datetime(2020, 1, 6, tzinfo=UTC)
REPRESENTATION = {"Prefer": "return=representation"}


@pytest.fixture
def profile(db):
    return ProfileFactory()


def new(profile, offering):
    return {"userId": profile.pk, "offeringId": offering.pk}


def test_it_registers_with_an_empty_answer(send, profile, offering):
    response = send("POST", "", new(profile, offering))
    registration = Registration.objects.get()
    assert (response.status_code, response.content) == (201, b"")
    assert response["Location"] == f"/dc/api/v5/registrations/{registration.pk}"
    assert registration.profile == profile
    assert registration.offering == offering
    assert registration.intake == offering.course_intake
    assert registration.state == Registration.State.REGISTERED
    assert registration.attempt == 1


def test_it_names_the_place_under_the_prefix_that_was_called(http, profile, offering):
    response = http.post(
        "/api/v5/registrations/", new(profile, offering), "application/json"
    )
    pk = Registration.objects.get().pk
    assert response["Location"] == f"/api/v5/registrations/{pk}"


def test_it_answers_with_the_registration_where_that_is_preferred(
    send, profile, offering
):
    response = send("POST", "", new(profile, offering), **REPRESENTATION)
    shown = send("GET", f"/{Registration.objects.get().pk}")
    assert response.status_code == 201
    assert response["Preference-Applied"] == "return=representation"
    assert response.json() == shown.json()
    assert response["ETag"] == shown["ETag"]


def test_it_tags_an_empty_answer_with_what_get_shows(send, profile, offering):
    response = send("POST", "", new(profile, offering))
    pk = Registration.objects.get().pk
    assert response["ETag"] == send("GET", f"/{pk}")["ETag"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"userId", "offeringId"}),
        ({"userId": "a"}, {"offeringId"}),
        ({"userId": 1, "offeringId": "a"}, {"userId"}),
        ({"userId": "a", "offeringId": None}, {"offeringId"}),
        ({"userId": "a", "offeringId": "b", "grade": 3}, {"grade"}),
    ],
)
def test_it_names_what_is_wrong(send, body, fields):
    response = send("POST", "", body)
    assert response.status_code == 400
    assert response.json().keys() == {"fieldErrors"}
    assert response.json()["fieldErrors"].keys() == fields


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"'])
def test_it_refuses_what_is_no_object(send, raw):
    response = send("POST", "", raw)
    assert response.status_code == 400
    assert response.json().keys() == {"errors"}


def test_it_knows_no_such_person(send, offering):
    response = send("POST", "", {"userId": "nobody", "offeringId": offering.pk})
    assert response.status_code == 400
    assert response.json().keys() == {"fieldErrors"}
    assert response.json()["fieldErrors"].keys() == {"userId"}


def test_it_says_the_same_of_a_person_under_hold(send, offering):
    held = ProfileFactory(is_confidential=True)
    response = send("POST", "", new(held, offering))
    absent = send("POST", "", {"userId": "nobody", "offeringId": offering.pk})
    assert response.status_code == 400
    assert response.content == absent.content
    assert not Registration.objects.exists()


def test_it_knows_no_such_offering(send, profile):
    response = send("POST", "", {"userId": profile.pk, "offeringId": "nothing"})
    assert response.status_code == 400
    assert response.json()["fieldErrors"].keys() == {"offeringId"}


def test_it_names_both_where_it_knows_neither(send):
    response = send("POST", "", {"userId": "nobody", "offeringId": "nothing"})
    assert response.status_code == 400
    assert response.json() == {
        "fieldErrors": {
            "userId": "There is no such profile.",
            "offeringId": "There is no such offering.",
        }
    }


def test_it_registers_nobody_twice(send, profile, offering):
    send("POST", "", new(profile, offering))
    response = send("POST", "", new(profile, offering))
    assert response.status_code == 400
    assert response.json() == {"errors": ["The profile is registered already."]}
    assert Registration.objects.count() == 1


def test_it_allows_no_retake_where_the_offering_does_not(send, registered, offering):
    registration = registered(grade_state_id="fail", ended_at=PAST)
    response = send("POST", "", new(registration.profile, offering))
    assert response.status_code == 400
    assert response.json().keys() == {"errors"}
    assert Registration.objects.count() == 1


def test_a_retake_is_another_record(send, registered, offering):
    offering.allows_retakes = True
    offering.save()
    registration = registered(grade_state_id="fail", ended_at=PAST)
    response = send("POST", "", new(registration.profile, offering))
    retake = Registration.objects.get(attempt=2)
    assert response["Location"].endswith(retake.pk)
    assert retake.pk != registration.pk
    assert retake.grade_state is None


def test_it_refuses_outside_the_window(send, profile, offering):
    offering.registration_closes_at = PAST
    offering.save()
    response = send("POST", "", new(profile, offering))
    assert response.status_code == 400
    assert response.json().keys() == {"errors"}
    assert not Registration.objects.exists()


def test_a_lecturer_registers_only_into_their_own_offerings(
    send, profile, offering, http_of
):
    http = http_of(REGISTRATIONS_WRITE, role=LECTURER, lecturer_id=offering.lecturer_id)
    refused = send("POST", "", new(profile, UnitOfferingFactory()), of=http)
    accepted = send("POST", "", new(profile, offering), of=http)
    assert (refused.status_code, accepted.status_code) == (403, 201)
    assert Registration.objects.count() == 1


def test_a_dry_run_makes_nothing(send, profile, offering):
    response = send("POST", "?dry_run=true", new(profile, offering))
    assert response.status_code == 201
    assert response["Dry-Run"] == "true"
    assert "Location" not in response
    assert not Registration.objects.exists()


def test_it_logs_whom_it_registered(send, profile, offering):
    send("POST", "", new(profile, offering))
    assert Disclosure.objects.get().profile_ids == [profile.pk]
