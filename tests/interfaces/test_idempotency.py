"""Idempotency-Key on every POST, PUT and PATCH: once, whatever happens meanwhile."""

import json
from datetime import timedelta

import pytest
from django.test import Client as Http
from django.utils import timezone

from access import recognition
from access.endpoints import endpoints
from access.models import Client, IdempotencyRecord
from access.operations import change_client
from access.scopes import (
    ADMIN,
    LECTURER,
    SCOPES,
)
from registrations.models import Registration, RegistrationEvent
from students.models import Profile
from tasks.models import Task
from tests.access.factories import ClientFactory, make_secret

pytestmark = pytest.mark.django_db

STUDENT = "507f1f77bcf86cd799439011"
UNIT = "6385baad976a7719120008e3"
OFFERING = "89cd2eada89133acedfad6d766a2d932"
REGISTRATION = "65ade781cc98d136543678191005431a"
RELATED = "uuid-string-here"
ITEM = {
    "unit_id": UNIT,
    "context_id": "6385bcf1976a77191200ba5d",
    "grades": [{"name": "final", "value": "85"}],
}

# By endpoint: an address of the demo record, and a body that changes something.
WRITES = {
    "PATCH /apis/registrations/profiles/{profile_id}/registrations": (
        f"/apis/registrations/profiles/{STUDENT}/registrations",
        {"registrations": [ITEM, {"unit_id": "none", "context_id": "none"}]},
    ),
    "POST /apis/registrations/profiles/{profile_id}/registrations": (
        "/apis/registrations/profiles/6385bdd4976a7719120108e9/registrations",
        {"registrations": [ITEM]},
    ),
    "PATCH /apis/registrations/units/{unit_id}/registrations": (
        f"/apis/registrations/units/{UNIT}/registrations",
        {"registrations": [{"profile_id": STUDENT, "grade_notes": "Late"}]},
    ),
    "POST /apis/units/units/{unit_id}/grades": (
        f"/apis/units/units/{UNIT}/grades",
        {"profile_id": STUDENT, "grade_name": "final", "grade_value": 60},
    ),
    "POST /dc/api/v5/registrations": (
        "/dc/api/v5/registrations",
        {"userId": STUDENT, "offeringId": OFFERING},
    ),
    "POST /api/v5/registrations": (
        "/api/v5/registrations",
        {"userId": STUDENT, "offeringId": OFFERING},
    ),
    "PUT /dc/api/v5/registrations/{pk}": (
        f"/dc/api/v5/registrations/{REGISTRATION}",
        {"grade": 60},
    ),
    "PUT /api/v5/registrations/{pk}": (
        f"/api/v5/registrations/{REGISTRATION}",
        {"status": "ejected"},
    ),
    "POST /api/v1/unit-offerings": (
        "/api/v1/unit-offerings",
        {
            "Code": "NEW",
            "unitVersionId": RELATED,
            "courseIntakeId": RELATED,
            "lecturerId": RELATED,
            "semesterId": RELATED,
        },
    ),
    "PATCH /api/v1/unit-offerings/{pk}": (
        "/api/v1/unit-offerings/unit-offering-uuid",
        {"Code": "NEW"},
    ),
    "PATCH /api/academic/enrollments/{pk}": (
        "/api/academic/enrollments/AAAS.010.01-202001-U-10188-f002qt1-student",
        {"course_assessment": {"submit_date": None, "opt_out_date": None}},
    ),
    "PATCH /api/students/{netid}": (
        "/api/students/f002qt1",
        {
            "dplans": [
                {"term_code": "202301", "dplan_id": "L", "dplan_source_id": "PHL"}
            ]
        },
    ),
}


def caller(scopes=SCOPES, **client):
    client = ClientFactory(scopes=[*scopes], role=ADMIN, **client)
    return Http(headers={"Authorization": f"Bearer {make_secret(client=client)}"})


def send(http, endpoint, key="one", query="", **headers):
    path, body = WRITES[endpoint]
    return http.generic(
        endpoint.partition(" ")[0],
        f"{path}{query}",
        json.dumps(body),
        "application/json",
        headers={"Idempotency-Key": key, **headers},
    )


def told(response):
    """What an answer says, but for what tells one from its repetition."""
    kept = ("Location", "ETag", "Preference-Applied")
    return (
        response.status_code,
        response.content,
        [response.get(name) for name in kept],
    )


def made():
    """How much there is of what the writes make."""
    return [
        RegistrationEvent.objects.count(),
        Registration.objects.count(),
        Task.objects.count(),
        Registration.objects.values_list("version", flat=True).order_by("pk").last(),
    ]


def test_it_knows_each_endpoint_that_takes_a_key():
    taking = [
        str(each) for each in endpoints() if each.method in ("POST", "PUT", "PATCH")
    ]
    assert sorted([*WRITES, "POST /api/jwt"]) == sorted(taking)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("endpoint", WRITES)
def test_it_answers_a_repetition_as_it_did_at_first_and_does_nothing(endpoint):
    http = caller()
    first = send(http, endpoint)
    before = made()
    again = send(http, endpoint)
    assert first.status_code < 300
    assert told(again) == told(first)
    assert (again["Idempotent-Replayed"], "Idempotent-Replayed" in first) == (
        "true",
        False,
    )
    assert made() == before


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("endpoint", WRITES)
def test_it_refuses_the_key_for_another_request(endpoint):
    http = caller()
    send(http, endpoint)
    before = made()
    assert send(http, endpoint, query="?x=1").status_code == 422
    assert made() == before


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("endpoint", WRITES)
def test_it_refuses_the_key_in_a_dry_run(endpoint):
    before = made()
    response = send(caller(), endpoint, query="?dry_run=true")
    assert (response.status_code, made()) == (400, before)


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("endpoint", WRITES)
def test_it_asks_for_the_scope_before_it_repeats_an_answer(endpoint):
    http = caller(pk="system")
    send(http, endpoint)
    change_client(client_id="system", scopes=[], role="")
    recognition.forget_all()
    response = send(http, endpoint)
    assert response.status_code == 403
    assert "Idempotent-Replayed" not in response


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("endpoint", WRITES)
def test_it_asks_who_it_is_before_it_repeats_an_answer(endpoint):
    http = caller(pk="system")
    send(http, endpoint)
    change_client(client_id="system", status="suspended")
    recognition.forget_all()
    assert send(http, endpoint).status_code == 401


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("endpoint", WRITES)
@pytest.mark.parametrize(
    "who", [{"profile_id": "other"}, {"lecturer_id": "other"}, {"subject": "f0other"}]
)
def test_it_repeats_no_answer_to_a_client_that_acts_as_somebody_else_since(
    endpoint, who
):
    http = caller(pk="system")
    send(http, endpoint)
    before = made()
    Client.objects.filter(pk="system").update(**who)
    recognition.forget_all()
    response = send(http, endpoint)
    assert (response.status_code, made()) == (422, before)
    assert "Idempotent-Replayed" not in response


@pytest.mark.usefixtures("demo")
def test_a_lecturer_is_not_told_again_what_was_told_an_administrator():
    endpoint = "POST /api/v1/unit-offerings"
    http = caller(pk="system", lecturer_id="other")
    send(http, endpoint)
    change_client(client_id="system", role=LECTURER)
    recognition.forget_all()
    assert send(http, endpoint).status_code == 422


@pytest.mark.usefixtures("demo")
def test_it_finds_what_the_url_names_before_it_repeats_an_answer():
    endpoint = "PUT /dc/api/v5/registrations/{pk}"
    http = caller(SCOPES.keys() - {"urn:dartmouth:people:private"})
    send(http, endpoint)
    Profile.objects.filter(registrations=REGISTRATION).update(is_confidential=True)
    assert send(http, endpoint).status_code == 404


@pytest.mark.usefixtures("demo")
def test_a_key_is_its_clients_own():
    endpoint = "POST /dc/api/v5/registrations"
    first, other = send(caller(), endpoint), send(caller(), endpoint)
    assert (first.status_code, other.status_code) == (201, 400)
    assert "Idempotent-Replayed" not in other


@pytest.mark.usefixtures("demo")
def test_a_key_is_free_again_after_a_day():
    endpoint = "POST /apis/units/units/{unit_id}/grades"
    http = caller()
    send(http, endpoint)
    IdempotencyRecord.objects.update(created_at=timezone.now() - timedelta(hours=25))
    again = send(http, endpoint)
    assert "Idempotent-Replayed" not in again
    assert send(http, endpoint)["Idempotent-Replayed"] == "true"
