"""GET /apis/registrations/registrations/{id}/history"""

import pytest
from django.db import connection

from access.models import Disclosure
from access.scopes import PEOPLE_PRIVATE, REGISTRATIONS_HISTORY, REGISTRATIONS_READ
from config.history import recorded
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.models import Grade, Registration
from registrations.operations import apply_changes
from tests.factories import GradeStateFactory, ProfileFactory, RegistrationFactory
from tests.history import by_hand

WHO = ("actor", "door", "request_id", "task_id", "reason")
NOBODY = dict.fromkeys(WHO)


@pytest.fixture
def history(http, registration):
    """Return the entries of the registration's history."""

    def history(query="", of=http):
        url = f"/apis/registrations/registrations/{registration.pk}/history{query}"
        return of.get(url)

    return history


@pytest.fixture
def change(registration):
    """Change the registration in a context of its own."""

    def change(grades=(), actor=None, context=None, grader_id="grader", **asked):
        target = Target(registration_id=registration.pk)
        grades = [GradeChange(*grade) for grade in grades]
        who = {"actor": actor or {"command": "x"}, "door": "command"}
        with recorded(**{**who, **(context or {})}):
            apply_changes(
                [Change(target=target, grades=grades, **asked)],
                writer=Writer(grader_id=grader_id),
            )

    return change


def told(response):
    """Return the entries without their moments."""
    assert response.status_code == 200
    entries = response.json()
    moments = [entry.pop("at") for entry in entries]
    assert moments == sorted(moments, reverse=True)
    return entries


def changes(response):
    return [entry["changes"] for entry in told(response)]


def test_it_tells_a_write_through_an_interface(
    history, send, http, registration, grade_states
):
    url = f"/apis/registrations/profiles/{registration.profile_id}/registrations"
    item = {
        "unit_id": registration.unit_id,
        "context_id": registration.intake_id,
        "grade_state_name": "pass",
        "grade_notes": "n",
        "grades": [
            {"name": "final", "value": "85", "published": True},
            {"name": "__essay", "comment": "late"},
        ],
    }
    headers = {"X-Request-Id": "request-1", "X-Change-Reason": "appeal"}
    send("PATCH", url, {"registrations": [item]}, **headers)
    entry = told(history())[0]
    ended_at = entry["changes"].pop("ended_at")
    assert ended_at[0] is None
    assert entry == {
        "actor": {"client": http.client_id, "sub": http.client_id},
        "door": "profile-registrations",
        "request_id": "request-1",
        "task_id": None,
        "reason": "appeal",
        "changes": {
            "grade_state_name": [None, "pass"],
            "grade_notes": ["", "n"],
            "grader_id": [None, http.client_id],
            "grades.final.value": [None, "85"],
            "grades.final.published": [False, True],
            "grades.__essay.comment": [None, "late"],
        },
    }


def test_it_tells_before_and_after_newest_first(history, change):
    change([("final", "10")], grade_notes="a")
    change([("final", "20", True)])
    change([("final", None)], grade_notes="")
    change([("__essay", None, False, "x", "7", "ill")], awarded=True)
    assert changes(history())[:-1] == [
        {
            "awarded": [None, True],
            "grades.__essay.comment": [None, "x"],
            "grades.__essay.resit_value": [None, "7"],
            "grades.__essay.resit_justification": [None, "ill"],
        },
        {
            "grade_notes": ["a", ""],
            "grades.final.value": ["20", None],
            "grades.final.published": [True, False],
        },
        {
            "grades.final.value": ["10", "20"],
            "grades.final.published": [False, True],
        },
        {
            "grade_notes": ["", "a"],
            "grader_id": [None, "grader"],
            "grades.final.value": [None, "10"],
        },
    ]


def test_it_begins_with_the_making(history, registration):
    (made,) = told(history())
    assert made == {
        **NOBODY,
        **by_hand(),
        "changes": {
            "profile_id": [None, registration.profile_id],
            "unit_id": [None, registration.unit_id],
            "transcript_subject_id": [None, registration.intake_id],
            "attempt": [None, 1],
            "registration_state": [None, "registered"],
        },
    }


def test_it_tells_who_whatever_wrote(history, change):
    Registration.objects.update(notes="a")
    change(grade_notes="b", actor={"staff": "registrar"}, context={"door": "admin"})
    change(grade_notes="c", context={"task_id": "t1", "reason": "moved"})
    who = [
        {name: entry[name] for name in WHO if entry[name]} for entry in told(history())
    ]
    assert who == [
        {
            "actor": {"command": "x"},
            "door": "command",
            "task_id": "t1",
            "reason": "moved",
        },
        {"actor": {"staff": "registrar"}, "door": "admin"},
        by_hand(),
        by_hand(),
    ]


def test_it_tells_grades_that_were_written_or_deleted_by_hand(history, registration):
    Grade.objects.create(registration=registration, column_id="c-final", value="85")
    Grade.objects.all().delete()
    assert changes(history())[:-1] == [
        {"grades.final.value": ["85", None]},
        {"grades.final.value": [None, "85"]},
    ]


def test_it_tells_a_state_and_what_it_dates(history, change):
    change(registration_state="rejected")
    latest = changes(history())[0]
    assert [*latest] == ["registration_state", "ended_at", "ejected_at"]
    assert latest["registration_state"] == ["registered", "rejected"]


def test_it_walks_on_by_its_links(history, change, http):
    for number in range(5):
        change([("final", str(number))], grade_notes=str(number))
    page = history("?limit=2")
    assert [entry["changes"]["grade_notes"] for entry in told(page)] == [
        ["3", "4"],
        ["2", "3"],
    ]
    link = page["Link"]
    page = http.get(link[1 : link.index(">")])
    assert [entry["changes"]["grade_notes"] for entry in told(page)] == [
        ["1", "2"],
        ["0", "1"],
    ]
    link = page["Link"]
    page = http.get(link[1 : link.index(">")])
    assert [entry["changes"].get("grade_notes") for entry in told(page)] == [
        ["", "0"],
        None,
    ]
    assert "Link" not in page


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?limit=0", "limit"),
        ("?limit=1001", "limit"),
        ("?cursor=x", "cursor"),
        ("?cursor=-1", "cursor"),
        ("?cursor=9999999999999999999", "cursor"),
        ("?cursor=999999999999999999", "cursor"),
        ("?cursor=", "cursor"),
    ],
)
def test_it_refuses_what_leads_to_no_page(history, query, field):
    response = history(query)
    assert (response.status_code, response.json()["field"]) == (400, field)


def test_it_tells_nothing_of_another_registration(history, change):
    other = RegistrationFactory()
    Registration.objects.filter(pk=other.pk).update(notes="x")
    assert len(told(history())) == 1


def test_it_wants_a_scope_of_its_own(history, http_of):
    response = history(of=http_of(REGISTRATIONS_READ))
    assert response.status_code == 403
    assert REGISTRATIONS_HISTORY in response.json()["message"]


def test_it_does_not_know_a_registration_that_there_is_not(http, history, http_of):
    missing = http.get("/apis/registrations/registrations/nope/history")
    assert (missing.status_code, missing.json()["error"]) == (404, "not_registered")
    type(RegistrationFactory().profile).objects.update(is_confidential=True)
    held = history()
    assert (held.status_code, held.json()) == (404, missing.json())
    seeing = http_of(REGISTRATIONS_HISTORY, PEOPLE_PRIVATE)
    assert history(of=seeing).status_code == 200


def test_it_logs_whose_history_it_showed(history, registration):
    history()
    assert Disclosure.objects.get().profile_ids == [registration.profile_id]


def test_it_costs_the_same_for_any_length(history, change, django_assert_num_queries):
    change([("final", "0")])
    history()
    # The registration, its history, who of those named is hidden, disclosure.
    with django_assert_num_queries(4):
        history()
    for number in range(1, 11):
        change([("final", str(number))])
    with django_assert_num_queries(4):
        assert len(told(history())) == 12


def test_it_is_read_by_indexes_alone(registration):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT DISTINCT pgh_created_at "
            "FROM registrations_registrationevent WHERE pgh_obj_id = 'x' "
            "AND pgh_created_at < now() ORDER BY pgh_created_at DESC LIMIT 10"
        )
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert "registration_event_of" in plan


@pytest.fixture
def held_writer(change):
    """Somebody under hold, who graded by a client that acts as them."""
    GradeStateFactory(name="pass")
    person = ProfileFactory(netid="f0zero", is_confidential=True)
    change(
        grade_state_name="pass",
        actor={"client": "their-client", "sub": person.netid},
        grader_id=person.pk,
    )
    return person


def by_door(response):
    return {entry["door"]: entry for entry in told(response)}


def test_it_names_no_one_under_hold_as_who_did_it(history, held_writer):
    response = history()
    entry = by_door(response)["command"]
    assert entry["actor"] == {"client": "their-client", "sub": "their-client"}
    assert "grader_id" not in entry["changes"]
    assert held_writer.pk not in response.content.decode()


def test_it_names_them_to_who_may_know(history, held_writer, http_of):
    response = history(of=http_of(REGISTRATIONS_HISTORY, PEOPLE_PRIVATE))
    entry = by_door(response)["command"]
    assert entry["actor"] == {"client": "their-client", "sub": "f0zero"}
    assert entry["changes"]["grader_id"] == [None, held_writer.pk]
