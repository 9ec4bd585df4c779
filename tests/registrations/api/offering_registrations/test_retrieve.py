from datetime import UTC, datetime

import pytest

from access.models import Disclosure
from access.scopes import PEOPLE_PRIVATE, REGISTRATIONS_READ
from registrations.models import Grade, Registration
from tests.factories import GradeFactory, RegistrationFactory

MADE = datetime(2024, 3, 5, 9, 28, 10, 999, UTC)
ENDED = datetime(2024, 4, 1, 12, 0, 0, tzinfo=UTC)


def final(registration, **values):
    column = registration.unit.grade_columns.get(name="final")
    return GradeFactory(registration=registration, column=column, **values)


@pytest.mark.parametrize("prefix", ["/dc/api/v5", "/api/v5"])
def test_it_shows_an_active_one_without_what_it_has_not(http, registered, prefix):
    registration = registered(created_at=MADE)
    response = http.get(f"{prefix}/registrations/{registration.pk}")
    assert response.status_code == 200
    assert response.json() == {
        "id": registration.pk,
        "userId": registration.profile_id,
        "offeringId": registration.offering_id,
        "title": "Course 1",
        "status": "active",
        "createdDate": "2024-03-05T09:28:10Z",
    }


def test_it_shows_the_grade_of_one_that_is_passed_in_percent(send, registered):
    registration = registered(
        created_at=MADE,
        grade_state_id="pass",
        grader_id="grader",
        began_at=MADE,
        last_active_at=MADE,
        ended_at=ENDED,
    )
    final(registration, value="199.4", comment="Well done", published=False)
    response = send("GET", f"/{registration.pk}")
    assert response.json() == {
        "id": registration.pk,
        "userId": registration.profile_id,
        "offeringId": registration.offering_id,
        "title": "Course 1",
        "status": "passed",
        "grade": 99.7,
        "graderId": "grader",
        "graderComment": "Well done",
        "createdDate": "2024-03-05T09:28:10Z",
        "beginDate": "2024-03-05T09:28:10Z",
        "lastActiveDate": "2024-03-05T09:28:10Z",
        "endDate": "2024-04-01T12:00:00Z",
    }


def test_it_shows_no_grade_while_active(send, registered):
    registration = registered()
    final(registration, value="150", comment="So far")
    shown = send("GET", f"/{registration.pk}").json()
    assert shown["status"] == "active"
    assert shown.keys().isdisjoint({"grade", "graderId", "graderComment", "endDate"})


def test_it_shows_the_resit_as_the_grade_of_record(send, registered):
    registration = registered(grade_state_id="fail", ended_at=ENDED)
    final(registration, value="20", resit_value="120")
    shown = send("GET", f"/{registration.pk}").json()
    assert (shown["status"], shown["grade"]) == ("failed", 60)


def test_it_leaves_the_grade_out_on_a_scale_of_labels(send, registered):
    registration = registered(grade_state_id="pass", ended_at=ENDED)
    registration.unit.grade_columns.update(
        scale="labels", maximum=None, allowed=["A", "B"]
    )
    final(registration, value="A")
    shown = send("GET", f"/{registration.pk}").json()
    assert shown["status"] == "passed"
    assert "grade" not in shown


def test_it_shows_a_rejected_one_as_ejected(send, registered):
    registration = registered(
        state=Registration.State.REJECTED, ejected_at=ENDED, ended_at=ENDED
    )
    shown = send("GET", f"/{registration.pk}").json()
    assert (shown["status"], shown["endDate"]) == ("ejected", "2024-04-01T12:00:00Z")


def test_it_leaves_out_the_offering_of_one_that_has_none(send):
    registration = RegistrationFactory()
    shown = send("GET", f"/{registration.pk}").json()
    assert shown.keys() == {"id", "userId", "status", "createdDate"}


def test_it_shows_no_conditional_one(send, registered):
    registration = registered(state=Registration.State.CONDITIONAL)
    absent = send("GET", "/absent")
    response = send("GET", f"/{registration.pk}")
    assert response.status_code == 404
    assert response.content == absent.content


def test_it_shows_nobody_under_hold_but_to_who_may_see_them(send, registered, http_of):
    registration = registered(profile__is_confidential=True)
    hidden = send("GET", f"/{registration.pk}")
    seen = send(
        "GET", f"/{registration.pk}", of=http_of(REGISTRATIONS_READ, PEOPLE_PRIVATE)
    )
    assert hidden.status_code == 404
    assert hidden.json() == {
        "error": "not_found",
        "error_description": "There is no such registration.",
    }
    assert seen.status_code == 200


def test_it_says_401_in_its_own_shape(send, http_of):
    response = send("GET", "/absent", Authorization="Bearer sk-nobody")
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_token"
    assert response.json().keys() == {"error", "error_description"}


def test_it_names_the_missing_scope(send, http_of):
    response = send("GET", "/absent", of=http_of())
    assert response.status_code == 403
    assert REGISTRATIONS_READ in response.json()["error_description"]


def test_it_answers_304_to_who_has_it(send, registered):
    registration = registered()
    tag = send("GET", f"/{registration.pk}")["ETag"]
    response = send("GET", f"/{registration.pk}", **{"If-None-Match": tag})
    assert response.status_code == 304


def test_it_logs_whose_record_it_showed(send, registered):
    registration = registered()
    send("GET", f"/{registration.pk}")
    assert Disclosure.objects.get().profile_ids == [registration.profile_id]


def test_it_reads_one_in_a_query_and_logs_it_in_another(
    send, registered, django_assert_num_queries
):
    registration = registered()
    send("GET", f"/{registration.pk}")
    with django_assert_num_queries(2):
        send("GET", f"/{registration.pk}")
    assert not Grade.objects.exists()
