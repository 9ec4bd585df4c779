from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest
import time_machine

from access.scopes import LECTURER, PEOPLE_PRIVATE, STUDENT
from offerings.models import UnitOfferingQuerySet
from tests.factories import (
    LecturerFactory,
    RegistrationFactory,
    TermFactory,
    UnitOfferingFactory,
)

LONG_AGO = datetime(2024, 1, 8, 9, tzinfo=UTC)


def codes(response):
    assert response.status_code == 200
    return [offering["Code"] for offering in response.json()["offerings"]]


@pytest.fixture
def three(db):
    return [UnitOfferingFactory(code=code) for code in ("B-2", "a-1", "A-1")]


def test_it_shows_the_offerings_in_the_order_of_their_codes(send):
    offering = UnitOfferingFactory(created_at=LONG_AGO, updated_at=LONG_AGO)
    response = send("GET")
    assert response.status_code == 200
    assert response.json() == {
        "message": "Unit offerings retrieved successfully",
        "total": 1,
        "offerings": [
            {
                "id": offering.pk,
                "Code": offering.code,
                "unitVersionId": offering.unit_version_id,
                "courseIntakeId": offering.course_intake_id,
                "lecturerId": offering.lecturer_id,
                "semesterId": offering.semester_id,
                "personalizedOutline": None,
                "studentGroupingsEnabled": False,
                "createdAt": "2024-01-08T09:00:00Z",
                "updatedAt": "2024-01-08T09:00:00Z",
                "studentsCount": 0,
            }
        ],
    }


def test_it_orders_codes_by_their_bytes(send, three):
    assert codes(send("GET")) == ["A-1", "B-2", "a-1"]


def test_it_shows_none_where_there_are_none(send):
    assert send("GET").json() == {
        "message": "Unit offerings retrieved successfully",
        "total": 0,
        "offerings": [],
    }


def test_it_goes_on_where_the_page_ended(send, three):
    first = send("GET", "?limit=2")
    assert codes(first) == ["A-1", "B-2"]
    assert first.json()["total"] == 3
    url, _, rest = first["Link"].removeprefix("<").partition(">")
    assert rest == '; rel="next"'
    path = url.removeprefix("http://testserver/api/v1/unit-offerings")
    second = send("GET", path)
    assert codes(second) == ["a-1"]
    assert second.json()["total"] == 3
    assert "Link" not in second


@pytest.mark.parametrize(
    ("parameter", "column"),
    [
        ("courseIntakeId", "course_intake_id"),
        ("lecturerId", "lecturer_id"),
        ("semesterId", "semester_id"),
        ("unitVersionId", "unit_version_id"),
    ],
)
def test_it_filters_by_what_an_offering_points_to(send, three, parameter, column):
    response = send("GET", f"?{parameter}={getattr(three[0], column)}")
    assert codes(response) == ["B-2"]
    assert response.json()["total"] == 1
    assert codes(send("GET", f"?{parameter}=nowhere")) == []
    assert codes(send("GET", f"?{parameter}=")) == []


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("a", ["A-1", "a-1"]),
        ("-1", ["A-1", "a-1"]),
        ("B-2", ["B-2"]),
        ("É", ["École_100%"]),
        ("é", ["École_100%"]),
        ("%", ["École_100%"]),
        ("_", ["École_100%"]),
        ("\\", []),
        ("'", []),
        ("", ["A-1", "B-2", "a-1", "École_100%"]),
    ],
)
def test_it_searches_codes_in_any_case_and_literally(send, three, part, found):
    UnitOfferingFactory(code="École_100%")
    assert codes(send("GET", f"?codeSearch={quote(part)}")) == found


@pytest.fixture
def terms(db):
    def term(code, starts_on, ends_on):
        semester = TermFactory(starts_on=starts_on, ends_on=ends_on)
        UnitOfferingFactory(code=code, semester=semester)

    term("OVER", date(2026, 1, 1), date(2026, 3, 31))
    term("RUNNING", date(2026, 4, 1), date(2026, 6, 30))
    term("TO-COME", date(2026, 7, 1), date(2026, 9, 30))


@pytest.mark.parametrize(
    ("today", "status", "found"),
    [
        ("2026-05-01", "ACTIVE", ["RUNNING"]),
        ("2026-04-01", "ACTIVE", ["RUNNING"]),
        ("2026-06-30", "ACTIVE", ["RUNNING"]),
        ("2026-05-01", "INACTIVE", ["TO-COME"]),
        ("2026-05-01", "COMPLETED", ["OVER"]),
    ],
)
def test_it_filters_by_how_far_the_semester_is(send, terms, today, status, found):
    with time_machine.travel(f"{today} 12:00Z", tick=False):
        assert codes(send("GET", f"?status={status}")) == found


def test_it_wants_all_filters_to_fit(send, three):
    lecturer = three[1].lecturer_id
    assert codes(send("GET", f"?lecturerId={lecturer}&codeSearch=A")) == ["a-1"]
    assert codes(send("GET", f"?lecturerId={lecturer}&codeSearch=B")) == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("status=active", "status: Must be one of ACTIVE, INACTIVE, COMPLETED."),
        ("status=", "status: Must be one of ACTIVE, INACTIVE, COMPLETED."),
        ("limit=0", "limit: limit must be a whole number from 1."),
        ("limit=1001", "limit: limit must be at most 1000."),
        ("limit=x", "limit: limit must be a whole number from 1."),
        ("cursor=x", "cursor: The cursor is not one that this list gave."),
    ],
)
def test_it_refuses_a_query_that_it_cannot_serve(send, query, sentence):
    response = send("GET", f"?{query}")
    assert response.status_code == 400
    assert response.json() == {
        "error": "Bad Request",
        "message": [sentence],
        "statusCode": 400,
    }


def test_it_names_what_it_ignores(send):
    response = send("GET", "?lecturer=1")
    assert response["Warning"] == '299 - "Ignored query parameters: lecturer"'


def test_it_says_403_to_a_student(send, http_of):
    response = send("GET", of=http_of(STUDENT))
    assert response.status_code == 403
    assert response.json()["message"] == "Admin or Lecturer privileges required"


@pytest.mark.parametrize(("scopes", "count"), [([], 1), ([PEOPLE_PRIVATE], 2)])
def test_it_counts_the_students_that_the_caller_may_see(
    send, http_of, three, scopes, count
):
    RegistrationFactory(offering=three[0])
    RegistrationFactory(offering=three[0], profile__is_confidential=True)
    shown = send("GET", of=http_of(scopes=scopes)).json()["offerings"]
    counts = {offering["Code"]: offering["studentsCount"] for offering in shown}
    assert counts == {"A-1": 0, "B-2": count, "a-1": 0}


def test_it_asks_the_database_as_often_for_many_as_for_one(
    send, three, django_assert_num_queries
):
    send("GET")
    with django_assert_num_queries(3):
        send("GET", "?limit=1")
    with django_assert_num_queries(3):
        send("GET", "?limit=3")


def test_it_shows_the_offerings_of_one_lecturer(send, http_of, three):
    lecturer = three[0].lecturer_id
    response = send("GET", f"/by-lecturer/{lecturer}", of=http_of(LECTURER))
    assert codes(response) == ["B-2"]
    assert response.json()["message"] == "Unit offerings retrieved successfully"
    assert response.json()["total"] == 1


def test_it_filters_and_pages_the_offerings_of_one_lecturer(send, db):
    lecturer = LecturerFactory()
    UnitOfferingFactory(code="A-1", lecturer=lecturer)
    UnitOfferingFactory(code="A-2", lecturer=lecturer)
    first = send("GET", f"/by-lecturer/{lecturer.pk}?codeSearch=a&limit=1")
    assert codes(first) == ["A-1"]
    assert f"/by-lecturer/{lecturer.pk}?" in first["Link"]
    assert "Warning" not in first


def test_it_says_404_of_a_lecturer_who_does_not_exist(send):
    response = send("GET", "/by-lecturer/nowhere")
    assert response.status_code == 404
    assert response.json() == {
        "error": "Not Found",
        "message": "Lecturer not found",
        "statusCode": 404,
    }


def test_it_gives_up_a_search_that_takes_too_long(send, three, monkeypatch):
    monkeypatch.setattr(
        UnitOfferingQuerySet,
        "with_code_like",
        lambda offerings, part: offerings.extra(where=["pg_sleep(3) IS NOT NULL"]),
    )
    response = send("GET", "?codeSearch=a")
    assert response.status_code == 400
    assert response.json()["error"] == "Bad Request"
    assert "take too long" in response.json()["message"]
