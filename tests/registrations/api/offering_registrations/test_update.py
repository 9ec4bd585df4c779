from datetime import UTC, datetime

import pytest
from django.utils import timezone

from access.scopes import (
    LECTURER,
    REGISTRATIONS_LATE,
    REGISTRATIONS_READ,
    REGISTRATIONS_WRITE,
)
from registrations.models import Grade, Registration
from tests.registrations.records import stored

PAST = datetime(2020, 1, 6, tzinfo=UTC)
REPRESENTATION = {"Prefer": "return=representation"}
REJECTED = Registration.State.REJECTED


def shown(send, registration):
    return send("GET", f"/{registration.pk}").json()


@pytest.mark.parametrize("name", ["grade", "gradePercentage"])
def test_it_grades_in_percent_of_the_maximum(send, registered, name):
    registration = registered()
    response = send(
        "PUT", f"/{registration.pk}", {name: 99.7, "graderComment": "Well done"}
    )
    grade = Grade.objects.get()
    assert (response.status_code, response.content) == (204, b"")
    assert (grade.value, grade.comment, grade.published) == (
        "199.4",
        "Well done",
        False,
    )
    after = shown(send, registration)
    assert after["status"] == "passed"
    assert after["grade"] == 99.7
    assert after["graderComment"] == "Well done"
    assert after["endDate"]


def test_it_fails_below_the_passing_grade_of_the_offering(send, registered, offering):
    offering.passing_grade = 70
    offering.save()
    registration = registered()
    send("PUT", f"/{registration.pk}", {"grade": 69.999999})
    assert shown(send, registration)["status"] == "failed"


def test_it_names_the_client_as_the_grader(send, registered, http_of):
    registration = registered()
    http = http_of(REGISTRATIONS_READ, REGISTRATIONS_WRITE, profile_id="f0001")
    send("PUT", f"/{registration.pk}", {"grade": 50}, of=http)
    assert shown(send, registration)["graderId"] == "f0001"


def test_it_answers_with_the_registration_where_that_is_preferred(send, registered):
    registration = registered()
    response = send("PUT", f"/{registration.pk}", {"grade": 50}, **REPRESENTATION)
    assert response.status_code == 200
    assert response["Preference-Applied"] == "return=representation"
    assert response.json() == shown(send, registration)
    assert response["ETag"] == send("GET", f"/{registration.pk}")["ETag"]


def test_it_leaves_a_published_grade_published(send, registered):
    registration = registered()
    send("PUT", f"/{registration.pk}", {"grade": 50})
    Grade.objects.update(published=True)
    send("PUT", f"/{registration.pk}", {"grade": 60})
    assert Grade.objects.get().published is True


def test_it_computes_the_outcome_again(send, registered):
    registration = registered()
    send("PUT", f"/{registration.pk}", {"grade": 100})
    ended = shown(send, registration)["endDate"]
    send("PUT", f"/{registration.pk}", {"grade": 0})
    after = shown(send, registration)
    assert (after["status"], after["grade"]) == ("failed", 0)
    assert after["endDate"] == ended


def test_it_ejects(send, registered):
    registration = registered()
    response = send("PUT", f"/{registration.pk}", {"status": "ejected"})
    after = shown(send, registration)
    assert (response.status_code, response.content) == (204, b"")
    assert after["status"] == "ejected"
    assert after["endDate"]
    assert not Grade.objects.exists()


@pytest.mark.parametrize(
    "attributes",
    [
        {"grade_state_id": "pass", "ended_at": PAST},
        {"state": REJECTED, "ejected_at": PAST, "ended_at": PAST},
    ],
)
def test_it_ejects_only_who_is_active(send, registered, attributes):
    registration = registered(**attributes)
    before = stored()
    response = send("PUT", f"/{registration.pk}", {"status": "ejected"})
    assert response.status_code == 400
    assert response.json()["fieldErrors"].keys() == {"status"}
    assert stored() == before


def test_a_grade_ends_an_ejection(send, registered):
    registration = registered(state=REJECTED, ejected_at=PAST, ended_at=PAST)
    send("PUT", f"/{registration.pk}", {"grade": 80})
    registration.refresh_from_db()
    assert registration.state == Registration.State.REGISTERED
    assert registration.ejected_at is None
    assert shown(send, registration)["status"] == "passed"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"status": "active"}, {"status"}),
        ({"status": "passed"}, {"status"}),
        ({"status": None}, {"status"}),
        ({"grade": -1}, {"grade"}),
        ({"grade": 100.1}, {"grade"}),
        ({"grade": "50"}, {"grade"}),
        ({"grade": True}, {"grade"}),
        ({"grade": None}, {"grade"}),
        ({"grade": 0.1234567}, {"grade"}),
        ({"gradePercentage": 101}, {"gradePercentage"}),
        ({"grade": 50, "endDate": "2024"}, {"endDate"}),
        ({"grade": 50, "graderComment": 7}, {"graderComment"}),
        ({"graderComment": "Well done"}, {"graderComment"}),
        ({"status": "ejected", "graderComment": "No"}, {"graderComment"}),
    ],
)
def test_it_names_what_is_wrong(send, registered, body, fields):
    registration = registered()
    before = stored()
    response = send("PUT", f"/{registration.pk}", body)
    assert response.status_code == 400
    assert response.json()["fieldErrors"].keys() == fields
    assert stored() == before


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"grade": 50, "status": "ejected"},
        {"grade": 50, "gradePercentage": 51},
    ],
)
def test_it_does_one_thing_at_a_time(send, registered, body):
    registration = registered()
    before = stored()
    response = send("PUT", f"/{registration.pk}", body)
    assert response.status_code == 400
    assert response.json().keys() == {"errors"}
    assert stored() == before


def test_it_takes_the_same_grade_by_both_names(send, registered):
    registration = registered()
    body = {"grade": 50, "gradePercentage": 50.0}
    assert send("PUT", f"/{registration.pk}", body).status_code == 204


@pytest.mark.parametrize(
    "scale",
    [
        {"scale": "labels", "maximum": None, "allowed": ["A", "B"]},
        {"scale": "discrete", "maximum": 5, "allowed": ["1", "5"]},
    ],
)
def test_it_refuses_a_percentage_that_the_scale_does_not_hold(send, registered, scale):
    registration = registered()
    registration.unit.grade_columns.update(**scale)
    response = send("PUT", f"/{registration.pk}", {"grade": 50})
    assert response.status_code == 400
    assert response.json()["fieldErrors"].keys() == {"grade"}
    assert not Grade.objects.exists()


def test_it_finds_no_conditional_one(send, registered):
    registration = registered(state=Registration.State.CONDITIONAL)
    assert send("PUT", f"/{registration.pk}", {"grade": 50}).status_code == 404


def test_a_closed_term_takes_no_grades(send, registered, offering):
    offering.semester.grades_closed_at = timezone.now()
    offering.semester.save()
    registration = registered()
    response = send("PUT", f"/{registration.pk}", {"grade": 50})
    assert response.status_code == 400
    assert response.json() == {"errors": ["The term is closed for grades."]}
    assert not Grade.objects.exists()


def test_a_closed_term_takes_late_grades_with_a_reason(
    send, registered, offering, http_of
):
    offering.semester.grades_closed_at = timezone.now()
    offering.semester.save()
    registration = registered()
    late = http_of(REGISTRATIONS_READ, REGISTRATIONS_WRITE, REGISTRATIONS_LATE)
    silent = send("PUT", f"/{registration.pk}", {"grade": 50}, of=late)
    said = send(
        "PUT",
        f"/{registration.pk}",
        {"grade": 50},
        of=late,
        **{"X-Change-Reason": "An appeal"},
    )
    assert (silent.status_code, said.status_code) == (400, 204)


def test_it_writes_only_at_the_version_that_was_read(send, registered):
    registration = registered()
    tag = send("GET", f"/{registration.pk}")["ETag"]
    first = send("PUT", f"/{registration.pk}", {"grade": 50}, **{"If-Match": tag})
    second = send("PUT", f"/{registration.pk}", {"grade": 60}, **{"If-Match": tag})
    assert (first.status_code, second.status_code) == (204, 412)
    assert Grade.objects.get().value == "100"


def test_a_lecturer_grades_only_their_own(send, registered, offering, http_of):
    registration = registered()
    theirs = http_of(
        REGISTRATIONS_WRITE, role=LECTURER, lecturer_id=offering.lecturer_id
    )
    others = http_of(REGISTRATIONS_WRITE, role=LECTURER, lecturer_id="somebody")
    refused = send("PUT", f"/{registration.pk}", {"grade": 50}, of=others)
    accepted = send("PUT", f"/{registration.pk}", {"grade": 60}, of=theirs)
    assert (refused.status_code, accepted.status_code) == (403, 204)
    assert Grade.objects.get().value == "120"


def test_it_cannot_be_deleted(send, registered):
    registration = registered()
    response = send("DELETE", f"/{registration.pk}")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS, PUT"
