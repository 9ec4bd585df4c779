import threading
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection

from access.scopes import LECTURER, STUDENT
from offerings.models import UnitOffering
from tests.factories import (
    CourseIntakeFactory,
    LecturerFactory,
    TermFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)

NEW = {
    "unitVersionId": "version-1",
    "courseIntakeId": "intake-1",
    "lecturerId": "lecturer-1",
    "semesterId": "semester-1",
    "Code": "CS101-2024-1",
}


@pytest.fixture
def related(db):
    UnitVersionFactory(pk="version-1")
    CourseIntakeFactory(pk="intake-1")
    LecturerFactory(pk="lecturer-1")
    TermFactory(pk="semester-1")


@time_machine.travel(datetime(2024, 9, 15, 14, 30, tzinfo=UTC), tick=False)
def test_it_makes_an_offering(send, related):
    response = send("POST", body=NEW)
    offering = UnitOffering.objects.get()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/unit-offerings/{offering.pk}"
    assert response["ETag"] == send("GET", f"/{offering.pk}")["ETag"]
    assert response.json() == {
        "message": "Unit offering created successfully",
        "success": True,
        "offering": {
            "id": offering.pk,
            **NEW,
            "personalizedOutline": None,
            "studentGroupingsEnabled": False,
            "createdAt": "2024-09-15T14:30:00Z",
            "updatedAt": "2024-09-15T14:30:00Z",
            "studentsCount": 0,
        },
    }


def test_it_keeps_what_has_a_default(send, related):
    more = {"personalizedOutline": "Our own", "studentGroupingsEnabled": True}
    shown = send("POST", body={**NEW, **more}).json()["offering"]
    assert {name: shown[name] for name in more} == more


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}"])
def test_it_refuses_a_body_that_is_no_offering(send, body):
    response = send("POST", body=body)
    assert response.status_code == 400
    assert response.json() == {
        "error": "Bad Request",
        "message": "Failed to create unit offering",
        "statusCode": 400,
    }


def test_it_names_what_is_missing(send, related):
    response = send("POST", body={"personalizedOutline": None})
    assert response.status_code == 400
    assert response.json()["message"] == [
        "unitVersionId: This field is required.",
        "courseIntakeId: This field is required.",
        "lecturerId: This field is required.",
        "semesterId: This field is required.",
        "Code: This field is required.",
    ]
    assert not UnitOffering.objects.exists()


def test_it_says_404_of_what_the_body_names(send, related):
    response = send("POST", body={**NEW, "semesterId": "nowhere"})
    assert response.status_code == 404
    assert response.json()["message"] == "Semester not found"
    assert not UnitOffering.objects.exists()


def test_it_says_409_of_a_code_that_another_has(send, related):
    UnitOfferingFactory(code="CS101-2024-1")
    response = send("POST", body=NEW)
    assert response.status_code == 409
    assert response.json() == {
        "error": "Conflict",
        "message": "Unit offering with code 'CS101-2024-1' already exists",
        "statusCode": 409,
    }
    assert UnitOffering.objects.count() == 1


def test_it_says_403_to_a_student(send, http_of):
    response = send("POST", body=NEW, of=http_of(STUDENT))
    assert response.status_code == 403
    assert response.json()["message"] == "Admin or Lecturer privileges required"


def test_it_says_403_to_a_lecturer_of_anothers(send, http_of, related):
    http = http_of(LECTURER, lecturer_id=LecturerFactory().pk)
    assert send("POST", body=NEW, of=http).status_code == 403
    assert not UnitOffering.objects.exists()


def test_it_lets_a_lecturer_make_their_own(send, http_of, related):
    http = http_of(LECTURER, lecturer_id="lecturer-1")
    assert send("POST", body=NEW, of=http).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_it_makes_one_of_two_that_race_for_a_code(send, related):
    gate = threading.Barrier(2)
    statuses = []

    def post():
        gate.wait()
        statuses.append(send("POST", body=NEW).status_code)
        connection.close()

    racers = [threading.Thread(target=post) for _ in range(2)]
    [racer.start() for racer in racers]
    [racer.join() for racer in racers]
    assert sorted(statuses) == [201, 409]
    assert UnitOffering.objects.count() == 1
