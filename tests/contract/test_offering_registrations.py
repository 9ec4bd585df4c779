"""The published calls of offering registrations, against the demo record."""

import pytest
from django.test import Client

from access.scopes import (
    ENROLLMENTS_READ,
    ENROLLMENTS_READ_SENSITIVE,
    REGISTRATIONS_READ,
    REGISTRATIONS_WRITE,
)
from config.demo import load
from tests.access.factories import make_secret

pytestmark = pytest.mark.django_db

REGISTRATION = "65ade781cc98d136543678191005431a"
USER = "6629aeada89133acedfad6d7d110123d"
COURSE_1 = "89cd2eada89133acedfad6d766a2d931"
COURSE_2 = "89cd2eada89133acedfad6d766a2d932"
SCOPES = [
    REGISTRATIONS_READ,
    REGISTRATIONS_WRITE,
    ENROLLMENTS_READ,
    ENROLLMENTS_READ_SENSITIVE,
]


@pytest.fixture
def http():
    load()
    key = make_secret(client__scopes=SCOPES)
    return Client(headers={"Authorization": f"Bearer {key}"})


def put(http, url, body):
    return http.put(url, body, content_type="application/json")


@pytest.mark.parametrize("prefix", ["/dc/api/v5", "/api/v5"])
def test_it_registers_grades_and_ejects_as_published(http, prefix):
    url = f"{prefix}/registrations"
    shown = http.get(f"{url}/{REGISTRATION}").json()
    assert {name: shown[name] for name in shown if name != "createdDate"} == {
        "id": REGISTRATION,
        "userId": USER,
        "offeringId": COURSE_1,
        "title": "Course 1",
        "status": "active",
    }
    graded = put(http, f"{url}/{REGISTRATION}", {"gradePercentage": 99.7})
    assert (graded.status_code, graded.content) == (204, b"")
    shown = http.get(f"{url}/{REGISTRATION}").json()
    assert (shown["status"], shown["grade"]) == ("passed", 99.7)
    body = {"userId": USER, "offeringId": COURSE_2}
    made = http.post(url, body, content_type="application/json")
    assert (made.status_code, made.content) == (201, b"")
    assert made["Location"].startswith(f"{url}/")
    ejected = put(http, made["Location"], {"status": "ejected"})
    assert (ejected.status_code, ejected.content) == (204, b"")
    shown = http.get(made["Location"]).json()
    assert shown["status"] == "ejected"
    assert "grade" not in shown
    listed = http.get(f"{url}?userId={USER}").json()["results"]
    assert [one["status"] for one in listed] == ["passed", "ejected"]


def test_it_shows_what_another_interface_graded(http):
    student = "507f1f77bcf86cd799439011"
    item = {
        "unit_id": "6385baad976a7719120008e3",
        "context_id": "6385baad976a7719120008ca",
        "grade_state_name": "pass",
        "grades": [{"name": "final", "value": "85", "published": True}],
    }
    written = http.patch(
        f"/apis/registrations/profiles/{student}/registrations",
        {"registrations": [item]},
        content_type="application/json",
    )
    assert written.status_code == 200
    shown = http.get("/dc/api/v5/registrations/65e6e5aaf398a642a7022ab5").json()
    assert (shown["status"], shown["grade"]) == ("passed", 85)
    enrollment = "AAAS.010.01-202001-U-10188-f002qt1-student"
    enrolled = http.get(f"/api/academic/enrollments/{enrollment}").json()
    assert enrolled["final_grade"] == "85"
