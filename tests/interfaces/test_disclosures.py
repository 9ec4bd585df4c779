"""Whoever's record an answer shows is in the disclosure log, whatever the answer."""

import json

import pytest

from access.models import Disclosure
from access.scopes import ADMIN, SCOPES
from students.models import Profile
from tests.interfaces.test_order_of_checks import FOUND, client_with, each, found

pytestmark = pytest.mark.django_db

STUDENT, NETID = "507f1f77bcf86cd799439011", "f002qt1"
UNIT, INTAKE = "6385baad976a7719120008e3", "6385bcf1976a77191200ba5d"
REGISTRATION = "65e6e5aaf398a642a7022ab5"
ENROLLMENT = f"AAAS.010.01-202001-U-10188-{NETID}-student"
PASSED = {"grade_state_name": "pass"}
IN_CONTEXT = {"unit_id": UNIT, "context_id": INTAKE, **PASSED}
OF_PROFILE = f"/apis/registrations/profiles/{STUDENT}/registrations"
DPLAN = {"term_code": "202301", "dplan_id": "R", "dplan_source_id": "PHL"}
DATES = {"submit_date": "2024-01-01T00:00:00Z", "opt_out_date": None}

WRITES = {
    "students": ("PATCH", f"/api/students/{NETID}", {"dplans": [DPLAN]}),
    "enrollments": (
        "PATCH",
        f"/api/academic/enrollments/{ENROLLMENT}",
        {"course_assessment": DATES},
    ),
    "offering-registrations": (
        "PUT",
        f"/dc/api/v5/registrations/{REGISTRATION}",
        {"grade": 90},
    ),
    "profile": ("PATCH", OF_PROFILE, {"registrations": [IN_CONTEXT]}),
    "profile-post": ("POST", OF_PROFILE, {"registrations": [IN_CONTEXT]}),
    "unit": (
        "PATCH",
        f"/apis/registrations/units/{UNIT}/registrations",
        {"registrations": [{"registration_id": REGISTRATION, **PASSED}]},
    ),
    "grade": (
        "POST",
        f"/apis/units/units/{UNIT}/grades",
        {"profile_id": STUDENT, "grade_name": "final", "grade_value": 90},
    ),
}
READING = [endpoint for endpoint in FOUND if endpoint.method == "GET"]
TAGGED = [each for each in READING if each.path.endswith(("{pk}", "{netid}"))]

# They show terms, codes and sections; and tasks, of which there are none.
OF_NOBODY = {
    "/api/academic/terms",
    "/api/dplan_sources",
    "/api/dplans",
    "/api/tasks",
    "/api/v1/unit-offerings",
    "/api/v1/unit-offerings/by-lecturer/{lecturer_id}",
    "/api/v1/unit-offerings/{pk}",
}


def people_in(text: str) -> set[str]:
    """Everybody whose id or netid stands in the text."""
    people = Profile.objects.values_list("pk", "netid")
    return {pk for pk, netid in people if pk in text or (netid and netid in text)}


def logged() -> set[str]:
    rows = Disclosure.objects.values_list("profile_ids", flat=True)
    return {pk for profile_ids in rows for pk in profile_ids}


def everything():
    return client_with(SCOPES, ADMIN)


@each(READING)
def test_whom_an_interface_shows_is_logged_in_one_row(demo, endpoint):
    answer = everything().get(found(endpoint))
    shown = people_in(answer.content.decode())
    assert answer.status_code == 200
    assert bool(shown) is (endpoint.path not in OF_NOBODY)
    assert shown <= logged()
    assert Disclosure.objects.count() <= 1


@each(READING)
def test_who_asks_without_a_body_is_shown_nobody(demo, endpoint):
    assert everything().head(found(endpoint)).status_code == 200
    assert not Disclosure.objects.exists()


@each(TAGGED)
def test_who_has_the_answer_already_is_shown_nobody(demo, endpoint):
    http = everything()
    known = {"If-None-Match": http.get(found(endpoint))["ETag"]}
    Disclosure.objects.all().delete()
    assert http.get(found(endpoint), headers=known).status_code == 304
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize(("method", "path", "body"), WRITES.values(), ids=WRITES)
def test_a_write_is_logged_when_rehearsed_done_and_replayed(demo, method, path, body):
    http, sent = everything(), [json.dumps(body), "application/json"]
    once = {"Idempotency-Key": "once"}
    answers = [
        http.generic(method, f"{path}?dry_run=true", *sent),
        http.generic(method, path, *sent, headers=once),
        http.generic(method, path, *sent, headers=once),
    ]
    rows = Disclosure.objects.values_list("profile_ids", flat=True)
    assert [answer.status_code < 300 for answer in answers] == [True, True, True]
    assert answers[2]["Idempotent-Replayed"] == "true"
    assert [*rows] == [[STUDENT]] * 3
