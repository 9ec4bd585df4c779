"""The samples of the students page, replayed as printed.

A completed task names the student's URL, as the page's text says where its sample
prints null, and an incomplete one is shown in full.
"""

import json

import pytest

from tests.contract.samples import as_printed, printed
from tests.contract.test_enrollments import accepted

FIRST = """{
    "dplans": [
        {
            "dplan_description": "Resident",
            "dplan_source_id": "PHL",
            "dplan_id": "R",
            "dplan_source_description": "Registrar Action",
            "term_code": "202301"
        },
                {
            "dplan_description": "Resident",
            "dplan_source_id": "PHL",
            "dplan_id": "R",
            "dplan_source_description": "Registrar Action",
            "term_code": "202303"
        }
    ]
}"""
PAYLOAD = {
    "dplans": [
        {
            "dplan_description": "Resident",
            "dplan_source_id": "PHL",
            "dplan_id": "R",
            "dplan_source_description": "Registrar Action",
            "term_code": "202501",
        },
        {
            "dplan_description": "Resident",
            "dplan_source_id": "PHL",
            "dplan_id": "R",
            "dplan_source_description": "Registrar Action",
            "term_code": "202503",
        },
    ]
}
REQUESTER = {
    "sub": "f003ghc",
    "name": "Integration Test User",
    "email": "Integration.Test.User@dartmouth.edu",
    "scope": (
        "urn:dartmouth:students:write.sensitive,urn:dartmouth:tasks:students:write,"
        "urn:dartmouth:students:read.sensitive"
    ),
    "exp": "1676913785",
    "iat": "1676902985",
}
COMPLETE = {
    "resource": "students",
    "action": "PATCH",
    "resource_id": "f0027k4",
    "payload": PAYLOAD,
    "requester": REQUESTER,
    "status": "complete",
    "request_date": "2023-02-20T14:34:08Z",
    "completed_date": "2023-02-20T14:34:11Z",
    "path": "the student's URL",
    "worker_data": None,
    "message": "success",
    "id": "63f384e0edba4dc38df70324",
}
INCOMPLETE = {
    **COMPLETE,
    "status": "accepted",
    "completed_date": None,
    "path": None,
    "message": None,
}
INVALID = {
    "dplans": [
        {
            "dplan_description": "Resident",
            "dplan_id": "R",
            "dplan_source_description": "Registrar Action",
            "term_code": "202501",
        },
        {
            "dplan_description": "Resident",
            "dplan_source_id": "PHL",
            "dplan_source_description": "Registrar Action",
            "term_code": "202503",
        },
    ]
}
FAILED = {
    **COMPLETE,
    "payload": INVALID,
    "status": "error",
    "request_date": "2023-02-20T14:38:17Z",
    "completed_date": "2023-02-20T14:38:28Z",
    "path": None,
    "message": "'dplan_source_id'",
    "id": "63f385d98643308c4ab37f19",
}
TIMES = ("id", "exp", "iat", "request_date", "completed_date")


@pytest.fixture(scope="module")
def token(registry):
    return registry.with_token("students")


def patch(registry, token, netid, body):
    headers = {**token, "Content-Type": "application/json"}
    return registry.ask("PATCH", f"/api/students/{netid}", data=body, headers=headers)


def dplans(registry, token, netid):
    shown = registry.ask("GET", f"/api/students/{netid}", headers=token).json()
    return [(plan["term_code"], plan["dplan_id"]) for plan in shown["dplans"]]


def test_it_accepts_the_printed_request(registry, token):
    location = accepted(patch(registry, token, "f00000x", FIRST))
    assert registry.ended(location, token)["status"] == "complete"
    assert dplans(registry, token, "f00000x") == [("202301", "R"), ("202303", "R")]


def test_it_completes_as_printed(registry, token):
    response = patch(registry, token, "f0027k4", json.dumps(PAYLOAD))
    location = accepted(response)
    task = registry.ended(location, token)
    assert as_printed(task, COMPLETE, *TIMES, "path") == printed(COMPLETE)
    assert task["path"] == f"{registry.server.url}/api/students/f0027k4"
    assert task["id"] == location.rpartition("/")[2]
    assert dplans(registry, token, "f0027k4") == [("202501", "R"), ("202503", "R")]


def test_it_shows_an_incomplete_task_in_full(registry, token):
    with registry.no_worker_at_work():
        location = accepted(patch(registry, token, "f0027k4", json.dumps(PAYLOAD)))
        shown = registry.ask("GET", location, headers=token).json()
        assert as_printed(shown, INCOMPLETE, *TIMES) == printed(INCOMPLETE)
    assert registry.ended(location, token)["status"] == "complete"


def test_it_fails_as_printed_and_changes_nothing(registry, token):
    before = dplans(registry, token, "f0027k4")
    location = accepted(patch(registry, token, "f0027k4", json.dumps(INVALID)))
    task = registry.ended(location, token)
    assert as_printed(task, FAILED, *TIMES) == printed(FAILED)
    assert dplans(registry, token, "f0027k4") == before


def test_it_does_not_find_what_is_no_identity(registry, token):
    assert patch(registry, token, "f9999zz", FIRST).status_code == 404
