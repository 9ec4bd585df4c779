"""PATCH /apis/registrations/profiles/{profile_id}/registrations"""

import json

import pytest
import time_machine
from django.utils import timezone

from access.models import Disclosure
from access.scopes import (
    LECTURER,
    PEOPLE_PRIVATE,
    REGISTRATIONS_LATE,
    REGISTRATIONS_READ,
    REGISTRATIONS_WRITE,
)
from registrations.models import Grade, Registration
from tests.factories import (
    GradeFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitFactory,
    UnitOfferingFactory,
)
from tests.registrations.records import grades_of, registrations_of, stored

VERSION = "2025-05-07"


@pytest.fixture
def patch(send, registration):
    """Send items for the registration's profile; return status and answer."""

    def patch(*items, query="", profile=None, **options):
        profile_id = registration.profile_id if profile is None else profile
        url = f"/apis/registrations/profiles/{profile_id}/registrations{query}"
        response = send("PATCH", url, {"registrations": [*items]}, **options)
        return response.status_code, response.json()

    return patch


@pytest.fixture
def item(registration):
    """Return an item for the registration, with these attributes."""

    def item(**attributes):
        named = {
            "unit_id": registration.unit_id,
            "context_id": registration.intake_id,
        }
        return {**named, **attributes}

    return item


def final(value, **more):
    return [{"name": "final", "value": value, **more}]


def refusal(answer, position=0):
    """Return status, code and field of one item that was refused."""
    outcome = answer[position]
    return outcome["status"], outcome["json"]["error"], outcome["json"]["field"]


# --- What is answered ---------------------------------------------------------


@time_machine.travel("2024-09-15 14:30:00Z", tick=False)
def test_it_answers_with_the_whole_registration(
    patch, item, registration, grade_states
):
    status, answer = patch(
        item(
            grade_state_name="pass",
            grades=[
                {
                    "name": "final",
                    "value": 82.50,
                    "published": True,
                    "comment": "good",
                    "resit_value": "90",
                    "resit_justification": "was ill",
                }
            ],
            awarded=False,
            grade_notes="notes",
            grade_feedback="feedback",
        )
    )
    assert status == 200
    assert answer == [
        {
            "status": 200,
            "json": {
                "id": registration.pk,
                "unit_id": registration.unit_id,
                "course_id": registration.intake_id,
                "transcript_subject_id": registration.intake_id,
                "profile_id": registration.profile_id,
                "registration_state": "registered",
                "state_name": "pass",
                "grade_state_name": "pass",
                "awarded": False,
                "published": True,
                "grade_notes": "notes",
                "grade_feedback": "feedback",
                "grades": [
                    {
                        "id": "c-essay",
                        "label": "Essay",
                        "name": "__essay",
                        "value": None,
                        "published": False,
                        "comment": None,
                        "resit_value": None,
                        "resit_justification": None,
                    },
                    {
                        "id": "c-final",
                        "label": "Final grade",
                        "name": "final",
                        "value": "82.5",
                        "published": True,
                        "comment": "good",
                        "resit_value": "90",
                        "resit_justification": "was ill",
                    },
                ],
                "created_at": int(registration.created_at.timestamp()),
                "updated_at": 1726410600,
            },
        }
    ]


def test_it_answers_an_empty_list_with_one(patch):
    assert patch() == (200, [])


def test_it_says_the_course_where_that_is_the_context(patch, item, registration):
    Registration.objects.update(intake=None)
    _, answer = patch(item(context_id=registration.course_id))
    assert answer[0]["json"]["course_id"] == registration.course_id
    assert answer[0]["json"]["transcript_subject_id"] == registration.course_id


def test_it_is_207_where_one_is_refused_and_where_all_are(patch, item):
    good, bad = item(grades=final("85")), item(grades=final("101"))
    status, answer = patch(good, bad)
    assert (status, [outcome["status"] for outcome in answer]) == (207, [200, 422])
    status, answer = patch(bad, bad)
    assert (status, [outcome["status"] for outcome in answer]) == (207, [422, 422])


def test_it_says_what_is_wrong_and_where(patch, item):
    _, answer = patch(item(grades=[{"name": "__essay"}, *final("101")]))
    assert answer == [
        {
            "status": 422,
            "json": {
                "error": "off_scale",
                "message": (
                    "'101' is not a number from 0 to 100 with at most 6 decimals."
                ),
                "field": "grades[1].value",
            },
        }
    ]


# --- Each item by itself ------------------------------------------------------

WRONG_ITEMS = [
    ("x", 422, "wrong_type", None),
    (None, 422, "wrong_type", None),
    ([], 422, "wrong_type", None),
    ({"unit_id": None}, 422, "wrong_type", "unit_id"),
    ({"context_id": 7}, 422, "wrong_type", "context_id"),
    ({"unit_id": 7}, 422, "wrong_type", "unit_id"),
    ({"unit_id": "nope"}, 404, "unknown_unit", "unit_id"),
    ({"context_id": "nope"}, 404, "unknown_context", "context_id"),
    ({"colour": 1}, 422, "unknown_attribute", "colour"),
    ({"grade_state_name": "odd"}, 422, "unknown_grade_state", "grade_state_name"),
    ({"grade_state_name": 1}, 422, "wrong_type", "grade_state_name"),
    ({"registration_state": "odd"}, 422, "unknown_state", "registration_state"),
    ({"registration_state": None}, 422, "wrong_type", "registration_state"),
    ({"awarded": "yes"}, 422, "wrong_type", "awarded"),
    ({"awarded": 1}, 422, "wrong_type", "awarded"),
    ({"grade_notes": None}, 422, "wrong_type", "grade_notes"),
    ({"grade_feedback": 7}, 422, "wrong_type", "grade_feedback"),
    ({"grades": None}, 422, "wrong_type", "grades"),
    ({"grades": {}}, 422, "wrong_type", "grades"),
    ({"grades": ["x"]}, 422, "wrong_type", "grades[0]"),
    ({"grades": [{"value": "1"}]}, 422, "required", "grades[0].name"),
    ({"grades": [{"name": 7}]}, 422, "wrong_type", "grades[0].name"),
    ({"grades": [{"name": "x"}]}, 422, "unknown_grade", "grades[0].name"),
    ({"grades": final("85", x=1)}, 422, "unknown_attribute", "grades[0].x"),
    ({"grades": final("")}, 422, "off_scale", "grades[0].value"),
    ({"grades": final("-1")}, 422, "off_scale", "grades[0].value"),
    ({"grades": final(-1)}, 422, "off_scale", "grades[0].value"),
    ({"grades": final(100.000001)}, 422, "off_scale", "grades[0].value"),
    ({"grades": final(True)}, 422, "invalid", "grades[0].value"),
    ({"grades": final([])}, 422, "invalid", "grades[0].value"),
    ({"grades": final({})}, 422, "invalid", "grades[0].value"),
    ({"grades": final("1", published=None)}, 422, "wrong_type", "grades[0].published"),
    (
        {"grades": final("1", published="true")},
        422,
        "wrong_type",
        "grades[0].published",
    ),
    (
        {"grades": final(None, published=True)},
        422,
        "nothing_to_publish",
        "grades[0].published",
    ),
    ({"grades": final("1", comment=7)}, 422, "wrong_type", "grades[0].comment"),
    (
        {"grades": final("1", resit_value="x")},
        422,
        "off_scale",
        "grades[0].resit_value",
    ),
    (
        {"grades": final("1", resit_justification=False)},
        422,
        "wrong_type",
        "grades[0].resit_justification",
    ),
]


def test_it_refuses_each_item_for_its_own_fault_and_leaves_nothing_behind(patch, item):
    noted = {"grade_notes": "x", "grade_feedback": "y", "awarded": True}
    sent = [
        item(**{**noted, **wrong}) if isinstance(wrong, dict) else wrong
        for wrong, *_ in WRONG_ITEMS
    ]
    before = stored()
    status, answer = patch(*sent)
    assert status == 207
    assert [refusal([outcome]) for outcome in answer] == [
        tuple(expected) for _, *expected in WRONG_ITEMS
    ]
    assert stored() == before


def test_it_does_the_others_where_one_is_refused(patch, item, registration):
    status, answer = patch(
        item(awarded=True),
        item(grades=final("101"), grade_notes="x"),
        "x",
        item(grades=final("85", comment="after")),
    )
    assert (status, [outcome["status"] for outcome in answer]) == (
        207,
        [200, 422, 422, 200],
    )
    registration.refresh_from_db()
    assert (registration.awarded, registration.notes) == (True, "")
    (grade,) = registration.grades.values("value", "comment")
    assert grade == {"value": "85", "comment": "after"}


@pytest.mark.parametrize("name", ["unit_id", "context_id"])
def test_it_refuses_an_item_that_lacks_what_it_needs(patch, item, name):
    sent = item()
    del sent[name]
    _, answer = patch(sent)
    assert refusal(answer) == (422, "required", name)


def test_it_refuses_a_unit_on_which_the_profile_is_not_registered(
    patch, item, registration
):
    unit = UnitFactory(course=registration.course)
    status, answer = patch(item(unit_id=unit.pk))
    assert (status, refusal(answer)) == (207, (404, "not_registered", "unit_id"))
    assert Registration.objects.count() == 1


def test_it_lists_the_intakes_where_more_than_one_fits(patch, item, registration):
    other = RegistrationFactory(profile=registration.profile, unit=registration.unit)
    _, answer = patch(item(context_id=registration.course_id))
    assert refusal(answer) == (409, "ambiguous_context", "context_id")
    assert registration.intake_id in answer[0]["json"]["message"]
    assert other.intake_id in answer[0]["json"]["message"]


def test_it_refuses_a_unit_outside_the_course(patch, item):
    _, answer = patch(item(context_id=UnitFactory().course_id))
    assert refusal(answer) == (422, "unit_outside_course", "context_id")


def test_it_does_one_registration_twice_in_order(patch, item, registration):
    _, answer = patch(
        item(grades=final("10"), grade_notes="a"),
        item(grades=final("1000")),
        item(grades=final(None, comment="x")),
    )
    shown = [outcome["json"].get("grades", [{}])[-1] for outcome in answer]
    assert [grade.get("value") for grade in shown] == ["10", None, None]
    assert [grade.get("comment") for grade in shown] == [None, None, "x"]
    registration.refresh_from_db()
    assert registration.notes == "a"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"82", "82"),
        (b"82.50", "82.5"),
        (b"8.25e1", "82.5"),
        (b"0.000001", "0.000001"),
        (b"1E2", "100"),
        (b"-0", "0"),
        (b'"82.50"', "82.50"),
        (b'" 82 "', "82"),
        (b'"082"', "082"),
        (b'"\\u0038\\u0032"', "82"),
        (b"33.333333", "33.333333"),
    ],
)
def test_it_keeps_numbers_exactly(send, registration, value, kept):
    body = (
        b'{"registrations": [{"unit_id": "%s", "context_id": "%s", "grades": '
        b'[{"name": "final", "value": %s}]}]}'
        % (registration.unit_id.encode(), registration.intake_id.encode(), value)
    )
    url = f"/apis/registrations/profiles/{registration.profile_id}/registrations"
    response = send("PATCH", url, body)
    assert response.status_code == 200, response.content
    assert grades_of(registration) == {"final": kept}


@pytest.mark.parametrize(
    "value",
    [
        b"33.3333333",
        b"101",
        b"1e40",
        b"1e-40",
        b"100000000000000000000000000000000000000000",
        b'"1e1"',
        b'"' + b"0" * 41 + b'"',
    ],
)
def test_it_refuses_numbers_that_are_too_large_or_too_fine(send, registration, value):
    body = (
        b'{"registrations": [{"unit_id": "%s", "context_id": "%s", "grades": '
        b'[{"name": "final", "value": %s}]}]}'
        % (registration.unit_id.encode(), registration.intake_id.encode(), value)
    )
    url = f"/apis/registrations/profiles/{registration.profile_id}/registrations"
    response = send("PATCH", url, body)
    assert response.status_code == 207
    assert refusal(response.json()) == (422, "off_scale", "grades[0].value")


@pytest.mark.parametrize(
    "id",
    ["", '"', "\\", '\\"', "{}", "a,b", "NULL", "'; --", "%s", "é\n\t", "x" * 9000],
)
def test_it_takes_an_id_for_nothing_but_an_id(patch, item, id):
    before = stored()
    status, answer = patch(item(unit_id=id), item(context_id=id))
    assert status == 207
    assert refusal(answer, 0) == (404, "unknown_unit", "unit_id")
    assert refusal(answer, 1) == (404, "unknown_context", "context_id")
    assert stored() == before


# --- The body as a whole ------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"", 400, "not_json", None),
        (b"{", 400, "not_json", None),
        (b'{"registrations": [1,]}', 400, "not_json", None),
        (b'{"registrations": [NaN]}', 400, "not_json", None),
        (b'{"registrations": [1e999999999]}', 400, "not_json", None),
        (b'{"registrations": ["\\u0000"]}', 400, "not_json", None),
        (b'{"registrations": ["\\ud800"]}', 400, "not_json", None),
        (b'{"registrations": ["\xff"]}', 400, "not_json", None),
        (b'{"registrations": ' + b"[" * 100_000, 400, "not_json", None),
        (
            b'{"registrations": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            400,
            "not_json",
            None,
        ),
        (b"[]", 422, "wrong_type", None),
        (b"null", 422, "wrong_type", None),
        (b"7", 422, "wrong_type", None),
        (b"{}", 422, "required", "registrations"),
        (b'{"registrations": null}', 422, "wrong_type", "registrations"),
        (b'{"registrations": {}}', 422, "wrong_type", "registrations"),
        (b'{"registrations": [], "x": 1}', 422, "unknown_attribute", "x"),
        (
            b'{"registrations": [], "send_notifications": true}',
            422,
            "unknown_attribute",
            "send_notifications",
        ),
        (
            json.dumps({"registrations": [{}] * 1001}).encode(),
            422,
            "invalid",
            "registrations",
        ),
    ],
)
def test_it_refuses_a_body_that_is_no_list_of_items(
    send, registration, body, status, code, field
):
    url = f"/apis/registrations/profiles/{registration.profile_id}/registrations"
    response = send("PATCH", url, body)
    assert response.status_code == status
    error = response.json()
    assert (error["error"], error["field"]) == (code, field)
    assert [*error] == ["error", "message", "field"]


def test_it_counts_the_last_of_a_repeated_key(send, registration):
    body = (
        b'{"registrations": 7, "registrations": [{"unit_id": 7, "unit_id": "%s", '
        b'"context_id": "%s", "grade_notes": "a", "grade_notes": "b"}]}'
        % (registration.unit_id.encode(), registration.intake_id.encode())
    )
    url = f"/apis/registrations/profiles/{registration.profile_id}/registrations"
    assert send("PATCH", url, body).status_code == 200
    registration.refresh_from_db()
    assert registration.notes == "b"


def test_it_takes_a_thousand_items(patch, item, registration):
    status, answer = patch(*[item(grades=final(n % 100)) for n in range(1000)])
    assert (status, len(answer)) == (200, 1000)
    assert grades_of(registration) == {"final": "99"}


# --- Who may ------------------------------------------------------------------


def test_it_wants_the_scope_to_write(patch, item, http_of):
    status, answer = patch(item(), of=http_of(REGISTRATIONS_READ))
    assert status == 403
    assert REGISTRATIONS_WRITE in answer["message"]


def test_it_does_not_know_a_profile_that_there_is_not(patch, item):
    status, answer = patch(item(), profile="nobody")
    assert (status, answer["error"]) == (404, "unknown_profile")


def test_it_answers_for_a_held_profile_as_for_none(patch, item, registration):
    held = ProfileFactory(is_confidential=True)
    assert patch(item(), profile=held.pk) == patch(item(), profile="nobody")


def test_it_reaches_a_held_profile_with_the_scope_for_it(
    patch, item, registration, http_of
):
    type(registration.profile).objects.update(is_confidential=True)
    seeing = http_of(REGISTRATIONS_WRITE, PEOPLE_PRIVATE)
    status, _ = patch(item(grades=final("85")), of=seeing)
    assert status == 200
    assert grades_of(registration) == {"final": "85"}


def test_it_keeps_a_lecturer_to_their_own_offerings(patch, item, registration, http_of):
    offering = UnitOfferingFactory()
    Registration.objects.update(offering=offering)
    other = http_of(role=LECTURER, lecturer_id="another")
    status, answer = patch(item(grades=final("85")), of=other)
    assert (status, refusal(answer)) == (207, (403, "not_your_offering", None))
    theirs = http_of(role=LECTURER, lecturer_id=offering.lecturer_id)
    assert patch(item(grades=final("86")), of=theirs)[0] == 200
    assert grades_of(registration) == {"final": "86"}


# --- A closed term ------------------------------------------------------------


@pytest.fixture
def closed(registration):
    offering = UnitOfferingFactory(semester__grades_closed_at=timezone.now())
    Registration.objects.update(offering=offering)


@pytest.fixture
def late(http_of):
    return http_of(REGISTRATIONS_WRITE, REGISTRATIONS_LATE)


def test_it_holds_off_grades_of_a_closed_term(patch, item, closed):
    status, answer = patch(item(grades=final("85")), item(grade_notes="x"))
    assert (status, refusal(answer)) == (207, (409, "term_closed", None))
    assert answer[1]["status"] == 200


def test_it_wants_a_reason_for_a_late_grade(patch, item, closed, late):
    _, answer = patch(item(grades=final("85")), of=late)
    assert refusal(answer) == (422, "reason_required", None)


def test_it_takes_a_late_grade_with_its_reason(patch, item, registration, closed, late):
    reason = {"X-Change-Reason": "appeal"}
    assert patch(item(grades=final("85")), of=late, **reason)[0] == 200
    assert grades_of(registration) == {"final": "85"}


def test_it_wants_the_scope_even_with_a_reason(patch, item, closed):
    _, answer = patch(item(grades=final("85")), **{"X-Change-Reason": "appeal"})
    assert refusal(answer) == (409, "term_closed", None)


# --- All or nothing, dry runs, repeats, versions ------------------------------


def test_it_undoes_all_where_one_is_refused_and_all_was_asked(patch, item):
    before = stored()
    status, answer = patch(
        item(grades=final("85")),
        item(grades=final("850")),
        query="?all_or_nothing=true",
    )
    assert status == 207
    assert refusal(answer, 0) == (424, "failed_dependency", None)
    assert refusal(answer, 1) == (422, "off_scale", "grades[0].value")
    assert stored() == before


def test_it_does_all_where_all_are_good(patch, item, registration):
    status, answer = patch(item(grades=final("85")), query="?all_or_nothing=true")
    assert (status, answer[0]["status"]) == (200, 200)
    assert grades_of(registration) == {"final": "85"}


@pytest.mark.parametrize("value", ["", "yes", "True", "1"])
def test_it_refuses_another_value_of_all_or_nothing(patch, item, value):
    status, _ = patch(item(), query=f"?all_or_nothing={value}")
    assert status == 400


def test_it_answers_a_dry_run_as_if_and_stores_nothing(patch, item):
    before = stored()
    status, answer = patch(item(grades=final("85")), query="?dry_run=true")
    assert (status, answer[0]["json"]["grades"][-1]["value"]) == (200, "85")
    assert stored() == before


def test_it_replays_an_answer_with_a_refused_item(patch, item, registration):
    key = {"Idempotency-Key": "k1"}
    items = [item(grades=final("85")), item(grades=final("850"))]
    first = patch(*items, **key)
    GradeFactory._meta.model.objects.update(value="1")
    assert patch(*items, **key) == first
    assert grades_of(registration) == {"final": "1"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"X-API-Version": VERSION}, 200),
        ({"Accept": f"application/json;version={VERSION}"}, 200),
        ({"Accept": f'text/html, application/json; version="{VERSION}";q=0.9'}, 200),
        ({"Accept": "text/html"}, 200),
        ({"X-API-Version": "2024-01-01"}, 400),
        ({"X-API-Version": ""}, 400),
        ({"Accept": "application/json;version=1"}, 400),
        ({"Accept": f"application/json;version={VERSION}", "X-API-Version": "2"}, 400),
    ],
)
def test_it_knows_its_one_version(patch, headers, status):
    assert patch(**headers)[0] == status


def test_it_refuses_if_match_on_a_bulk_write(patch, item):
    status, _ = patch(item(), **{"If-Match": '"1-abc"'})
    assert status == 400


# --- Disclosure and cost ------------------------------------------------------


def test_it_logs_whose_record_it_showed(patch, item, registration, http):
    patch(item(grades=final("85")), item(unit_id="nope"))
    (row,) = Disclosure.objects.values("client_id", "door", "profile_ids")
    assert row == {
        "client_id": http.client_id,
        "door": "profile-registrations",
        "profile_ids": [registration.profile_id],
    }


def test_it_logs_nothing_where_it_showed_nothing(patch, item):
    patch(item(unit_id="nope"))
    assert not Disclosure.objects.exists()


@pytest.mark.parametrize("count", [2, 500])
def test_it_costs_the_same_statements_for_2_items_and_for_500(
    patch, registration, count, django_assert_num_queries
):
    made = registrations_of(registration.profile, count)
    items = [
        {
            "unit_id": one.unit_id,
            "context_id": one.intake_id,
            "grade_notes": "x",
            "grades": final("85"),
        }
        for one in made
    ]
    patch()  # the caller is recognised by now
    with django_assert_num_queries(8):
        status, _ = patch(*items)
    assert status == 200
    assert Grade.objects.filter(value="85").count() == count
