from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client as Http

from access.scopes import LECTURER, STUDENT
from offerings.models import UnitOffering
from tests.factories import (
    CourseIntakeFactory,
    LecturerFactory,
    RegistrationFactory,
    TermFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)

LONG_AGO = datetime(2024, 1, 8, 9, tzinfo=UTC)


@pytest.fixture
def offering(db):
    return UnitOfferingFactory(
        pk="offering-1", code="CS101", created_at=LONG_AGO, updated_at=LONG_AGO
    )


@pytest.fixture
def related(db):
    return {
        "unitVersionId": UnitVersionFactory().pk,
        "courseIntakeId": CourseIntakeFactory().pk,
        "lecturerId": LecturerFactory().pk,
        "semesterId": TermFactory().pk,
    }


def refused(response):
    return response.status_code, response.json()


@time_machine.travel("2024-09-15 14:30:00Z", tick=False)
def test_it_answers_with_the_whole_offering(send, offering, related):
    body = {
        **related,
        "Code": "CS101-UPDATED",
        "personalizedOutline": "Updated",
        "studentGroupingsEnabled": True,
    }
    response = send("PATCH", "/offering-1", body)
    assert response.status_code == 200
    assert response.json() == {
        "message": "Unit offering updated successfully",
        "success": True,
        "offering": {
            "id": "offering-1",
            **body,
            "createdAt": "2024-01-08T09:00:00Z",
            "updatedAt": "2024-09-15T14:30:00Z",
            "studentsCount": 0,
        },
    }


def test_it_tags_its_answer_as_the_next_look_is_tagged(send, offering):
    response = send("PATCH", "/offering-1", {"Code": "CS102"})
    assert response["ETag"].startswith('"2-')
    assert response["ETag"] == send("GET", "/offering-1")["ETag"]


def test_it_leaves_what_is_left_out(send, offering, stored):
    UnitOffering.objects.update(student_groupings_enabled=True)
    before = stored("offering-1")
    send("PATCH", "/offering-1", {"personalizedOutline": None})
    send("PATCH", "/offering-1", {"personalizedOutline": ""})
    after = stored("offering-1")
    assert after == {
        **before,
        "personalized_outline": "",
        "version": 2,
        "updated_at": after["updated_at"],
    }


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[]", b'"Code"', b"null", b"7", b"{}"]
)
def test_it_refuses_a_body_that_is_no_update(send, offering, stored, body):
    before = stored("offering-1")
    assert refused(send("PATCH", "/offering-1", body)) == (
        400,
        {
            "error": "Bad Request",
            "message": "Failed to update unit offering",
            "statusCode": 400,
        },
    )
    assert stored("offering-1") == before


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"Code": 7}, "Code: Must be a string."),
        ({"Code": None}, "Code: This field may not be null."),
        ({"Code": ""}, "Code: This field may not be blank."),
        ({"Code": "  "}, "Code: Must be more than space."),
        (
            {"Code": "x" * 256},
            "Code: Ensure this field has no more than 255 characters.",
        ),
        (
            {"code": "CS102"},
            "code: Is not an attribute that can be given here.",
        ),
        ({"id": "x"}, "id: Is not an attribute that can be given here."),
        ({"lecturerId": None}, "lecturerId: This field may not be null."),
        ({"lecturerId": "a b"}, "lecturerId: Is not an id of this registry."),
        ({"semesterId": ["x"]}, "semesterId: Must be a string."),
        (
            {"studentGroupingsEnabled": "true"},
            "studentGroupingsEnabled: Must be true or false.",
        ),
        (
            {"studentGroupingsEnabled": None},
            "studentGroupingsEnabled: This field may not be null.",
        ),
        ({"personalizedOutline": 1}, "personalizedOutline: Must be a string."),
    ],
)
def test_it_names_the_attribute_at_fault(send, offering, stored, body, sentence):
    before = stored("offering-1")
    response = send("PATCH", "/offering-1", {"personalizedOutline": "New", **body})
    assert refused(response) == (
        400,
        {"error": "Bad Request", "message": [sentence], "statusCode": 400},
    )
    assert stored("offering-1") == before


def test_it_names_every_attribute_at_fault(send, offering):
    response = send("PATCH", "/offering-1", {"Code": 7, "lecturerId": 8, "x": 9})
    assert response.json()["message"] == [
        "lecturerId: Must be a string.",
        "Code: Must be a string.",
        "x: Is not an attribute that can be given here.",
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("unitVersionId", "Unit version not found"),
        ("courseIntakeId", "Course intake not found"),
        ("lecturerId", "Lecturer not found"),
        ("semesterId", "Semester not found"),
    ],
)
def test_it_says_404_of_what_the_body_names(send, offering, stored, name, message):
    before = stored("offering-1")
    response = send("PATCH", "/offering-1", {"Code": "NEW", name: "nowhere"})
    assert refused(response) == (
        404,
        {"error": "Not Found", "message": message, "statusCode": 404},
    )
    assert stored("offering-1") == before


def test_it_says_404_of_what_the_url_names(send):
    assert refused(send("PATCH", "/nowhere", b"{")) == (
        404,
        {
            "error": "Not Found",
            "message": "Unit offering not found",
            "statusCode": 404,
        },
    )


def test_it_says_409_of_a_code_that_another_has(send, offering, stored):
    UnitOfferingFactory(code="CS101-2024-1")
    before = stored("offering-1")
    assert refused(send("PATCH", "/offering-1", {"Code": "CS101-2024-1"})) == (
        409,
        {
            "error": "Conflict",
            "message": "Unit offering with code 'CS101-2024-1' already exists",
            "statusCode": 409,
        },
    )
    assert stored("offering-1") == before


@pytest.mark.parametrize("name", ["unitVersionId", "courseIntakeId"])
def test_it_says_409_of_a_move_away_from_its_registrations(
    send, offering, related, stored, name
):
    RegistrationFactory(offering=offering)
    before = stored("offering-1")
    response = send("PATCH", "/offering-1", {name: related[name]})
    assert response.status_code == 409
    assert stored("offering-1") == before


def test_it_says_412_of_a_version_that_is_not_the_last(send, offering, stored):
    before = stored("offering-1")
    response = send(
        "PATCH", "/offering-1", {"Code": "CS102"}, **{"If-Match": '"2-abc"'}
    )
    assert response.status_code == 412
    assert response.json()["error"] == "Precondition Failed"
    assert stored("offering-1") == before


def test_it_changes_the_version_that_was_seen(send, offering):
    tag = send("GET", "/offering-1")["ETag"]
    response = send("PATCH", "/offering-1", {"Code": "CS102"}, **{"If-Match": tag})
    assert response.status_code == 200


def test_it_says_401_to_who_says_not_who(offering, send):
    response = send("PATCH", "/offering-1", {"Code": "CS102"}, of=Http())
    assert refused(response) == (
        401,
        {
            "error": "Unauthorized",
            "message": "Authentication required",
            "statusCode": 401,
        },
    )


@pytest.mark.parametrize("role", ["", STUDENT])
def test_it_says_403_to_another_role(send, http_of, role):
    response = send("PATCH", "/nowhere", b"{", of=http_of(role))
    assert refused(response) == (
        403,
        {
            "error": "Forbidden",
            "message": "Admin or Lecturer privileges required",
            "statusCode": 403,
        },
    )


def test_it_lets_a_lecturer_tied_to_nobody_change_any(send, http_of, offering):
    response = send("PATCH", "/offering-1", {"Code": "CS102"}, of=http_of(LECTURER))
    assert response.status_code == 200


def test_it_lets_a_lecturer_change_their_own(send, http_of, offering):
    theirs = http_of(LECTURER, lecturer_id=offering.lecturer_id)
    response = send("PATCH", "/offering-1", {"Code": "CS102"}, of=theirs)
    assert response.status_code == 200


def test_it_says_403_of_another_lecturers_before_it_reads_the_body(
    send, http_of, offering
):
    other = http_of(LECTURER, lecturer_id=LecturerFactory().pk)
    response = send("PATCH", "/offering-1", b"{", of=other)
    assert refused(response) == (
        403,
        {
            "error": "Forbidden",
            "message": "Only the lecturer of a unit offering may write it",
            "statusCode": 403,
        },
    )


def test_it_limits_no_admin_that_acts_as_a_lecturer(send, http_of, offering):
    http = http_of(lecturer_id=LecturerFactory().pk)
    response = send("PATCH", "/offering-1", {"Code": "CS102"}, of=http)
    assert response.status_code == 200


def test_it_asks_the_database_the_same_number_of_questions(
    send, offering, related, django_assert_max_num_queries
):
    send("GET", "/offering-1")
    with django_assert_max_num_queries(18):
        send("PATCH", "/offering-1", {**related, "Code": "CS102"})
