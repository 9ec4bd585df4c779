"""The log of a server that was asked through every door tells who asked and what
came of it, and no name, grade or secret."""

import json
from itertools import count

import pytest

PROFILE = "507f1f77bcf86cd799439011"
REGISTRATION = "65ade781cc98d136543678191005431a"
ENROLLMENT = "AAAS.010.01-202001-U-10188-f002qt1-student"
NAMES = ["Wintergreen", "Quillfeather"]
GRADES = ["87.654321", "76.543211", "76.5432109"]
REMARK = "A remark of the grader"
REASON = "Case of the student"
SECRETS = ["sk-Zz9Zz9Zz9Zz9", "hunter2hunter2"]

GRADE = {
    "unit_id": "6385baad976a7719120008e3",
    "context_id": "6385bcf1976a77191200ba5d",
    "grade_state_name": "pass",
    "grade_notes": REMARK,
    "grades": [{"name": "final", "value": GRADES[0], "comment": REMARK}],
}
DATES = {"submit_date": "2020-03-01T12:00:00Z", "opt_out_date": None}
DPLAN = {"term_code": NAMES[0], "dplan_id": "O", "dplan_source_id": "STU"}
GRADES_OF_PROFILE = f"/apis/registrations/profiles/{PROFILE}/registrations"
ASKED = [
    ("profile-registrations", "PATCH", GRADES_OF_PROFILE, {"registrations": [GRADE]}),
    ("profile-registrations", "PATCH", GRADES_OF_PROFILE, [NAMES[0], GRADES[0]]),
    (
        "offering-registrations",
        "PUT",
        f"/dc/api/v5/registrations/{REGISTRATION}",
        {"grade": 76.543211, "graderComment": REMARK},
    ),
    (
        "offering-registrations",
        "PUT",
        f"/dc/api/v5/registrations/{REGISTRATION}",
        {"grade": GRADES[2]},
    ),
    (
        "unit-offerings",
        "PATCH",
        "/api/v1/unit-offerings/unit-offering-uuid",
        {"personalizedOutline": REMARK, "lecturerId": NAMES[1]},
    ),
    (
        "enrollments",
        "PATCH",
        f"/api/academic/enrollments/{ENROLLMENT}",
        {"course_assessment": {**DATES, "note": REMARK}},
    ),
    ("students", "PATCH", "/api/students/f002qt1", {"dplans": [DPLAN]}),
    ("students", "GET", f"/api/students?last_name={NAMES[1]}", None),
]


@pytest.fixture(scope="module")
def lines(registry):
    """Ask through every door; return the lines that the log has of it."""
    before = len(registry.server.said)
    numbers = count()
    for door, verb, path, body in ASKED:
        registry.ask(
            verb,
            path,
            json=body,
            params={"dry_run": "true"} if body else None,
            headers={**registry.with_key(door), **said(numbers)},
        )
    strangers = [
        {"Authorization": f"Bearer {secret}", **said(numbers)} for secret in SECRETS
    ]
    for headers in strangers:
        registry.ask("GET", "/api/students", headers=headers)
    form = {"username": NAMES[0], "password": SECRETS[1]}
    registry.ask("POST", "/admin/login/", data=form, headers=said(numbers))
    return registry.server.said[before:].splitlines()


def said(numbers):
    return {"X-Request-Id": f"log-{next(numbers)}", "X-Change-Reason": REASON}


def test_it_is_one_object_a_line(lines):
    read = [json.loads(line) for line in lines]

    assert {"timestamp", "level", "logger", "event"} <= set.intersection(
        *map(set, read)
    )


def test_it_tells_of_each_request_who_asked_and_by_which_door(lines, registry):
    asked = {
        line["request_id"]: line
        for line in map(json.loads, lines)
        if line["event"] == "request" and line["request_id"].startswith("log-")
    }

    assert [*asked] == [f"log-{n}" for n in range(len(ASKED) + len(SECRETS) + 1)]
    assert [asked[f"log-{n}"]["door"] for n in range(len(ASKED))] == [
        door for door, *_ in ASKED
    ]
    clients = {asked[f"log-{n}"]["client"] for n in range(len(ASKED))}
    assert len(clients) == 5


@pytest.mark.parametrize("word", [*NAMES, *GRADES, *SECRETS, REMARK, REASON])
def test_it_holds_no_name_grade_remark_or_secret(lines, word):
    assert [line for line in lines if word in line] == []


def test_it_holds_no_key(registry):
    keys = [*registry.keys.values()]

    assert [key for key in keys if key in registry.server.said] == []
