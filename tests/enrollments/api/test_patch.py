import pytest

from access.models import Disclosure
from access.scopes import ENROLLMENTS_READ, ENROLLMENTS_WRITE, PEOPLE_PRIVATE
from enrollments.models import Enrollment
from tasks import lanes
from tasks.models import Task
from tests.access.http import caller, send
from tests.enrollments.api.conftest import ADA, ADA_NOW, BOB, TEACHER, URL

pytestmark = pytest.mark.usefixtures("record")

SUBMITTED = {"submit_date": "2024-05-01T10:00:00Z", "opt_out_date": None}
BOTH = {"submit_date": "2024-05-01T10:00:00Z", "opt_out_date": "2024-05-02T10:00:00Z"}
NEITHER = {"submit_date": None, "opt_out_date": None}


def patch(http, dates, pk=ADA_NOW, query="", **headers):
    body = {"course_assessment": dates}
    return send(http, "PATCH", f"{URL}/{pk}{query}", body, **headers)


def ended(http, response, pk=ADA_NOW):
    lanes.run_turn(f"enrollments:{pk}")
    return http.get(response["Location"]).json()


def assessment(http, pk=ADA_NOW):
    return http.get(f"{URL}/{pk}").json()["course_assessment"]


def test_it_is_accepted_and_done_by_a_task(writer):
    response = patch(writer, SUBMITTED)
    assert response.status_code == 202
    assert response.json() == {"status": "accepted"}
    assert response["Retry-After"] == "1"
    assert assessment(writer) is None
    task = ended(writer, response)
    assert task == {
        "status": "complete",
        "path": f"http://testserver{URL}/{ADA_NOW}",
        "message": "Enrollment updated successfully.",
        "id": response["Location"].removeprefix("/api/tasks/"),
    }
    assert assessment(writer) == SUBMITTED


def test_it_clears_with_two_nulls(writer):
    ended(writer, patch(writer, NEITHER, ADA), ADA)
    assert assessment(writer, ADA) is None


def test_it_shows_dates_in_utc_without_their_fraction(writer):
    dates = {"submit_date": None, "opt_out_date": "2024-05-01t10:00:00.999+02:00"}
    ended(writer, patch(writer, dates))
    assert assessment(writer) == {
        "submit_date": None,
        "opt_out_date": "2024-05-01T08:00:00Z",
    }


@pytest.mark.parametrize(
    ("pk", "dates", "message"),
    [
        (
            ADA,
            BOTH,
            "['Payload is invalid, contains values for both submit_date and "
            "opt_out_date.']",
        ),
        (
            TEACHER,
            SUBMITTED,
            "['Enrollment is of the role instructor, only a student has a course "
            "assessment.']",
        ),
    ],
)
def test_it_ends_in_error_and_changes_nothing(writer, pk, dates, message):
    before = assessment(writer, pk)
    task = ended(writer, patch(writer, dates, pk), pk)
    assert (task["status"], task["message"]) == ("error", message)
    assert task["path"] == f"http://testserver{URL}/{pk}"
    assert assessment(writer, pk) == before


def test_it_ends_in_error_where_the_enrollment_was_removed_meanwhile(writer):
    response = patch(writer, SUBMITTED)
    Enrollment.objects.filter(pk=ADA_NOW).delete()
    task = ended(writer, response)
    assert (task["status"], task["message"]) == (
        "error",
        "['There is no such enrollment.']",
    )


def test_it_does_patches_in_the_order_of_their_acceptance(writer):
    patch(writer, SUBMITTED)
    later = {"submit_date": None, "opt_out_date": "2024-06-01T00:00:00Z"}
    ended(writer, patch(writer, later))
    assert assessment(writer) == later


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (b"", ["payload"]),
        (b"{", ["payload"]),
        (b"[]", ["payload"]),
        (b"null", ["payload"]),
        (b"{}", ["course_assessment"]),
        ({"course_assessment": None}, ["course_assessment"]),
        ({"course_assessment": []}, ["course_assessment"]),
        ({"course_assessment": SUBMITTED, "color": 1}, ["color"]),
        (
            {"course_assessment": {"submit_date": None}},
            ["course_assessment.opt_out_date"],
        ),
        (
            {"course_assessment": {**NEITHER, "color": 1}},
            ["course_assessment.color"],
        ),
        (
            {"course_assessment": {"submit_date": 1, "opt_out_date": "soon"}},
            ["course_assessment.submit_date", "course_assessment.opt_out_date"],
        ),
        (
            {"course_assessment": {**NEITHER, "submit_date": "2024-05-01"}},
            ["course_assessment.submit_date"],
        ),
        (
            {"course_assessment": {**NEITHER, "submit_date": ""}},
            ["course_assessment.submit_date"],
        ),
        (
            {
                "course_assessment": {
                    **NEITHER,
                    "submit_date": "0001-01-01T00:00:00+01:00",
                }
            },
            ["course_assessment.submit_date"],
        ),
    ],
)
def test_it_refuses_a_payload_that_is_not_whole(writer, body, errors):
    response = send(writer, "PATCH", f"{URL}/{ADA}", body)
    assert response.status_code == 400
    assert [*response.json()] == ["message", "errors"]
    assert [*response.json()["errors"]] == errors
    assert Task.objects.count() == 0


def test_it_says_what_is_wrong_with_each_attribute(writer):
    dates = {"submit_date": "soon", "opt_out_date": True}
    assert patch(writer, dates).json() == {
        "message": (
            "course_assessment.submit_date: Is not a timestamp such as "
            "2020-03-05T17:53:46Z."
        ),
        "errors": {
            "course_assessment.submit_date": [
                "Is not a timestamp such as 2020-03-05T17:53:46Z."
            ],
            "course_assessment.opt_out_date": [
                "Must be a timestamp such as 2020-03-05T17:53:46Z."
            ],
        },
    }


def test_it_finds_before_it_parses(writer):
    response = send(writer, "PATCH", f"{URL}/none", b"{")
    assert response.status_code == 404
    assert response.json() == {"message": "There is no such enrollment."}


def test_it_does_not_find_who_is_held(writer):
    assert patch(writer, SUBMITTED, BOB).status_code == 404
    assert Task.objects.count() == 0


def test_it_finds_who_is_held_for_who_may_see_them(db):
    scopes = [ENROLLMENTS_READ, f"{ENROLLMENTS_READ}.sensitive", ENROLLMENTS_WRITE]
    http = caller(*scopes, PEOPLE_PRIVATE)
    assert ended(http, patch(http, SUBMITTED, BOB), BOB)["status"] == "complete"
    assert assessment(http, BOB) == SUBMITTED


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (
            [ENROLLMENTS_WRITE],
            "scopes: api:academic:enrollments:read, "
            "api:academic:enrollments:read.sensitive",
        ),
        (
            [ENROLLMENTS_READ, ENROLLMENTS_WRITE],
            "scope: api:academic:enrollments:read.sensitive",
        ),
        (
            [ENROLLMENTS_READ, f"{ENROLLMENTS_READ}.sensitive"],
            "scope: api:academic:enrollments:write",
        ),
    ],
)
def test_it_names_the_scopes_that_are_missing(scopes, missing):
    response = patch(caller(*scopes), SUBMITTED)
    assert response.status_code == 403
    assert response.json() == {"message": f"Missing required {missing}"}


def test_it_tells_how_the_task_would_end_in_a_dry_run(writer):
    response = patch(writer, BOTH, query="?dry_run=true")
    assert response.status_code == 200
    assert response["Dry-Run"] == "true"
    assert response.json() == {
        "status": "error",
        "path": f"http://testserver{URL}/{ADA_NOW}",
        "message": (
            "['Payload is invalid, contains values for both submit_date and "
            "opt_out_date.']"
        ),
        "id": None,
    }
    assert patch(writer, SUBMITTED, query="?dry_run=true").json()["status"] == (
        "complete"
    )
    assert assessment(writer) is None
    assert Task.objects.count() == 0


def test_it_refuses_if_match(writer):
    assert patch(writer, SUBMITTED, If_Match='"1"').status_code == 400


def test_it_refuses_a_payload_that_is_too_large(writer):
    response = patch(writer, {**SUBMITTED, "x": "x" * 256 * 1024})
    assert response.status_code == 413


def test_it_logs_whose_record_is_written(writer):
    patch(writer, SUBMITTED)
    disclosure = Disclosure.objects.get()
    assert (disclosure.profile_ids, disclosure.what) == (
        ["ada"],
        "enrollments partial_update",
    )


def test_it_keeps_who_asked_and_why_in_the_history(writer):
    ended(
        writer,
        patch(writer, SUBMITTED, X_Change_Reason="sent late", X_Request_Id="r1"),
    )
    event = Enrollment.objects.get(pk=ADA_NOW).events.latest("pgh_id")
    context = event.pgh_context.metadata
    assert (context["door"], context["reason"], context["request_id"]) == (
        "enrollments",
        "sent late",
        "r1",
    )
