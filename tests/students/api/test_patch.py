import pytest

from access.models import Disclosure
from access.scopes import STUDENTS_READ_SENSITIVE, STUDENTS_WRITE_SENSITIVE
from students.models import Profile
from tasks import lanes
from tasks.models import Task
from tests.access.http import caller, send
from tests.students.api.conftest import URL

pytestmark = pytest.mark.usefixtures("record")


def entry(term_code="202301", dplan_id="R", dplan_source_id="PHL", **more):
    return {
        "term_code": term_code,
        "dplan_id": dplan_id,
        "dplan_source_id": dplan_source_id,
        **more,
    }


def patch(http, *entries, netid="f00ada", query="", **headers):
    body = {"dplans": [*entries]}
    return send(http, "PATCH", f"{URL}/{netid}{query}", body, **headers)


def ended(http, response, netid="f00ada"):
    lanes.run_turn(f"students:{netid}")
    return http.get(response["Location"]).json()


def dplans(http, netid="f00ada"):
    rows = http.get(f"{URL}/{netid}").json()["dplans"]
    return {row["term_code"]: (row["dplan_id"], row["dplan_source_id"]) for row in rows}


def test_it_adds_and_replaces_by_term_through_a_task(writer):
    response = patch(writer, entry(dplan_description="x", dplan_source_description=5))
    assert response.status_code == 202
    assert response.json() == {"status": "accepted"}
    assert dplans(writer) == {"202209": ("R", "PHL"), "202301": ("L", "STU")}
    task = ended(writer, response)
    assert (task["status"], task["message"]) == ("complete", "success")
    assert task["path"] == f"http://testserver{URL}/f00ada"
    assert dplans(writer) == {"202209": ("R", "PHL"), "202301": ("R", "PHL")}
    assert dplans(writer, "f00cem") == {"202301": ("R", "PHL")}


def test_it_shows_the_registrys_own_descriptions(writer):
    ended(writer, patch(writer, entry(dplan_id="L", dplan_description="Nonsense")))
    shown = writer.get(f"{URL}/f00ada").json()["dplans"][1]
    assert shown["dplan_description"] == "Leave"


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"dplan_id": "R", "term_code": "202301"}], "'dplan_source_id'"),
        ([{}], "'term_code'"),
        ([entry(), {"term_code": "9", "surplus": 1}], "'dplan_id'"),
        ([entry("999999")], "'999999' is not a known term_code in dplans[0]"),
        (
            [entry("202209"), entry(dplan_id="Q")],
            "'Q' is not a known dplan_id in dplans[1]",
        ),
        (
            [entry(dplan_id=1, dplan_source_id=None)],
            "1 is not a known dplan_id in dplans[0]; "
            "null is not a known dplan_source_id in dplans[0]",
        ),
        (
            [entry(), entry(color="red")],
            "'color' is not a known attribute in dplans[1]; "
            "'202301' is a term_code given before in dplans[1]",
        ),
        (
            [entry(["202301"], {"a": 1.50})],
            '["202301"] is not a known term_code in dplans[0]; '
            '{"a": 1.5} is not a known dplan_id in dplans[0]',
        ),
    ],
)
def test_it_ends_in_error_and_changes_nothing(writer, entries, message):
    before = dplans(writer)
    task = ended(writer, patch(writer, *entries))
    assert (task["status"], task["path"]) == ("error", None)
    assert task["message"] == message
    assert dplans(writer) == before


def test_it_ends_in_error_where_the_student_is_gone(writer):
    response = patch(writer, entry())
    Profile.objects.filter(netid="f00ada").update(netid="f00new")
    task = ended(writer, response)
    assert (task["status"], task["message"]) == ("error", "There is no such student.")


def test_it_takes_200_dplans_and_no_more(writer):
    assert patch(writer, *[entry()] * 200).status_code == 202
    assert patch(writer, *[entry()] * 201).status_code == 400


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (b"", ["payload"]),
        (b"nonsense", ["payload"]),
        (b"null", ["payload"]),
        (b"[]", ["payload"]),
        (b"{}", ["dplans"]),
        ({"dplans": None}, ["dplans"]),
        ({"dplans": {}}, ["dplans"]),
        ({"dplans": "R"}, ["dplans"]),
        ({"dplans": []}, ["dplans"]),
        ({"dplans": [entry(), "R", None, []]}, ["dplans[1]", "dplans[2]", "dplans[3]"]),
        ({"dplans": [entry()], "first_name": "Eve"}, ["first_name"]),
    ],
)
def test_it_refuses_what_no_task_could_make_sense_of(writer, body, errors):
    response = send(writer, "PATCH", f"{URL}/f00ada", body)
    assert response.status_code == 400
    assert [*response.json()["errors"]] == errors
    assert Task.objects.count() == 0


@pytest.mark.parametrize("netid", ["nobody", "f00bob", "1ada"])
def test_it_does_not_find_who_is_held_or_not_there(writer, netid):
    response = patch(writer, entry(), netid=netid)
    assert response.status_code == 404
    assert response.json() == {"message": "There is no such student."}


def test_it_finds_who_is_held_for_who_may_see_them(privileged):
    task = ended(privileged, patch(privileged, entry(), netid="f00bob"), "f00bob")
    assert task["status"] == "complete"
    assert dplans(privileged, "f00bob") == {"202301": ("R", "PHL")}


@pytest.mark.parametrize(
    ("scope", "missing"),
    [
        (STUDENTS_READ_SENSITIVE, STUDENTS_WRITE_SENSITIVE),
        (STUDENTS_WRITE_SENSITIVE, STUDENTS_READ_SENSITIVE),
    ],
)
def test_it_names_the_scope_that_is_missing(scope, missing):
    response = patch(caller(scope), entry())
    assert response.status_code == 403
    assert response.json() == {"message": f"Missing required scope: {missing}"}


def test_it_tells_how_the_task_would_end_in_a_dry_run(writer):
    response = patch(writer, entry(), query="?dry_run=true")
    assert (response.status_code, response.json()["status"]) == (200, "complete")
    assert response.json()["id"] is None
    assert dplans(writer)["202301"] == ("L", "STU")


def test_it_logs_whose_record_is_written(writer):
    patch(writer, entry())
    assert Disclosure.objects.get().profile_ids == ["1ada"]


def test_it_shows_what_was_sent_in_the_task(writer):
    response = patch(writer, entry(dplan_description="Resident"))
    assert writer.get(response["Location"]).json()["payload"] == {
        "dplans": [entry(dplan_description="Resident")]
    }


def test_it_hides_tasks_about_who_came_under_hold(writer):
    privileged = "urn:dartmouth:tasks:students:write"
    response = patch(writer, entry())
    Profile.objects.filter(netid="f00ada").update(is_confidential=True)
    assert caller(privileged).get(response["Location"]).status_code == 404
    assert writer.get(response["Location"]).status_code == 200
