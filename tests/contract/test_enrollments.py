"""The samples of the academic enrollments page, replayed as printed."""

import re

import pytest

from tests.contract.samples import as_printed, printed

URL = "/api/academic/enrollments/AAAS.010.01-202001-U-10188-f002qt1-student"
BODY = """{
    "course_assessment": {
        "submit_date": "2020-03-05T17:53:46Z",
        "opt_out_date": null
    }
}"""
BOTH = """{
    "course_assessment": {
        "submit_date": "2020-03-05T17:53:46Z",
        "opt_out_date": "2020-03-05T17:53:46Z"
    }
}"""
NEITHER = '{"course_assessment": {"submit_date": null, "opt_out_date": null}}'
INCOMPLETE = {
    "status": "accepted",
    "path": None,
    "message": None,
    "id": "630cf2e78b1c6c251cfbc125",
}
COMPLETE = {
    "status": "complete",
    "path": "https://api-dev.dartmouth.edu",
    "message": "Enrollment updated successfully.",
    "id": "630cf2e78b1c6c251cfbc125",
}
FAILED = {
    "status": "error",
    "path": "https://api-dev.dartmouth.edu",
    "message": (
        "['Payload is invalid, contains values for both submit_date and opt_out_date.']"
    ),
    "id": "630cf3b161b5fada66eb9358",
}


@pytest.fixture(scope="module")
def token(registry):
    return registry.with_token("enrollments")


def patch(registry, token, body, url=URL):
    headers = {**token, "Content-Type": "application/json"}
    return registry.ask("PATCH", url, data=body, headers=headers)


def accepted(response):
    """The location of the task of an answer that is as the page prints it."""
    assert (response.status_code, response.json()) == (202, {"status": "accepted"})
    location = response.headers["Location"]
    assert re.fullmatch(r"/api/tasks/[0-9a-f]{24}", location)
    return location


def assessment(registry, token):
    return registry.ask("GET", URL, headers=token).json()["course_assessment"]


def test_it_accepts_and_completes_as_printed(registry, token):
    location = accepted(patch(registry, token, BODY))
    task = registry.ended(location, token)
    assert as_printed(task, COMPLETE, "id", "path") == printed(COMPLETE)
    assert task["path"] == f"{registry.server.url}{URL}"
    assert task["id"] == location.rpartition("/")[2]
    assert assessment(registry, token) == {
        "submit_date": "2020-03-05T17:53:46Z",
        "opt_out_date": None,
    }


def test_it_shows_an_incomplete_task_as_printed(registry, token):
    with registry.no_worker_at_work():
        location = accepted(patch(registry, token, BODY))
        response = registry.ask("GET", location, headers=token)
        assert response.status_code == 200
        assert as_printed(response.json(), INCOMPLETE, "id") == printed(INCOMPLETE)
    assert registry.ended(location, token)["status"] == "complete"


def test_it_fails_as_printed_and_changes_nothing(registry, token):
    registry.ended(accepted(patch(registry, token, NEITHER)), token)
    task = registry.ended(accepted(patch(registry, token, BOTH)), token)
    assert as_printed(task, FAILED, "id", "path") == printed(FAILED)
    assert task["path"] == f"{registry.server.url}{URL}"
    assert assessment(registry, token) is None


def test_it_clears_the_assessment_with_both_null(registry, token):
    registry.ended(accepted(patch(registry, token, BODY)), token)
    registry.ended(accepted(patch(registry, token, NEITHER)), token)
    assert assessment(registry, token) is None


def test_it_refuses_invalid_attributes(registry, token):
    response = patch(registry, token, '{"course_assessment": {"submit_date": null}}')
    assert response.status_code == 400
    assert sorted(response.json()) == ["errors", "message"]


def test_it_does_not_find_what_is_no_enrollment(registry, token):
    response = patch(registry, token, BODY, url=f"{URL}s")
    assert response.status_code == 404
