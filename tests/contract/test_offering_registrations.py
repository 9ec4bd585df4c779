"""The calls that the offering registrations page lists, on the demo record."""

import re

import pytest

READ = "/api/v5/registrations"
WRITE = "/dc/api/v5/registrations"
DEMO = {
    "id": "65ade781cc98d136543678191005431a",
    "userId": "6629aeada89133acedfad6d7d110123d",
    "offeringId": "89cd2eada89133acedfad6d766a2d931",
    "title": "Course 1",
    "status": "active",
    "createdDate": "2024-01-22T03:56:49Z",
}
COURSE_2 = "89cd2eada89133acedfad6d766a2d932"


def ask(registry, verb, path, **options):
    headers = registry.with_key("offering-registrations")
    return registry.ask(verb, path, headers=headers, **options)


def registered(registry, user_id):
    """Register somebody into the offering that allows retakes; return the URL."""
    body = {"userId": user_id, "offeringId": COURSE_2}
    response = ask(registry, "POST", WRITE, json=body)
    assert (response.status_code, response.text) == (201, "")
    location = response.headers["Location"]
    assert re.fullmatch(rf"{WRITE}/[0-9a-f]{{24}}", location)
    return location


@pytest.mark.parametrize("prefix", [READ, WRITE])
def test_it_retrieves_all_registrations(registry, prefix):
    response = ask(registry, "GET", prefix, params={"limit": 100})
    assert response.status_code == 200
    assert DEMO in response.json()["results"]


@pytest.mark.parametrize("prefix", [READ, WRITE])
def test_it_retrieves_a_specific_registration(registry, prefix):
    response = ask(registry, "GET", f"{prefix}/{DEMO['id']}")
    assert (response.status_code, response.json()) == (200, DEMO)


def test_it_registers_a_user_and_assigns_a_grade(registry):
    url = registered(registry, "6385bdd4976a7719120108e9")
    response = ask(registry, "PUT", url, json={"gradePercentage": 99.7})
    assert (response.status_code, response.text) == (204, "")
    shown = ask(registry, "GET", url).json()
    assert {name: shown[name] for name in shown if not name.endswith("Date")} == {
        "id": url.rpartition("/")[2],
        "userId": "6385bdd4976a7719120108e9",
        "offeringId": COURSE_2,
        "title": "Course 2",
        "status": "passed",
        "grade": 99.7,
        "graderId": "64656d6f0000000000000002",
    }
    assert {name for name in shown if name.endswith("Date")} == {
        "createdDate",
        "endDate",
    }


def test_it_ejects_a_user_without_a_grade(registry):
    url = registered(registry, "6385bdd4976a7719120108ea")
    response = ask(registry, "PUT", url, json={"status": "ejected"})
    assert (response.status_code, response.text) == (204, "")
    shown = ask(registry, "GET", url).json()
    assert {name: shown[name] for name in shown if not name.endswith("Date")} == {
        "id": url.rpartition("/")[2],
        "userId": "6385bdd4976a7719120108ea",
        "offeringId": COURSE_2,
        "title": "Course 2",
        "status": "ejected",
    }
    assert "endDate" in shown
