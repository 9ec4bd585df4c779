from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from access.models import Disclosure
from access.scopes import PEOPLE_PRIVATE, REGISTRATIONS_READ
from registrations.models import Registration
from tests.factories import ProfileFactory

DAY = datetime(2024, 3, 5, 9, 28, 10, tzinfo=UTC)
REJECTED = Registration.State.REJECTED


@pytest.fixture
def five(registered):
    """Five registrations, a day apart, newest made first."""
    made = [registered(created_at=DAY + timedelta(days=day)) for day in (4, 3, 2, 1, 0)]
    return [registration.pk for registration in reversed(made)]


def ids(response):
    return [each["id"] for each in response.json()["results"]]


def followed(send, response, link):
    url = urlsplit(response.json()[link])
    return send("GET", f"?{url.query}")


def test_it_lists_by_creation(send, five):
    response = send("GET")
    assert ids(response) == five
    assert response.json().keys() == {"results"}


def test_it_is_empty_where_there_is_none(send):
    assert send("GET").json() == {"results": []}


def test_it_links_to_the_pages_around(send, five):
    first = send("GET", "?limit=2")
    second = followed(send, first, "next")
    third = followed(send, second, "next")
    back = followed(send, third, "previous")
    assert [ids(page) for page in (first, second, third, back)] == [
        five[:2],
        five[2:4],
        five[4:],
        five[2:4],
    ]
    assert first.json().keys() == {"results", "next"}
    assert second.json().keys() == {"results", "next", "prev", "previous"}
    assert third.json().keys() == {"results", "prev", "previous"}
    assert second.json()["prev"] == second.json()["previous"]
    assert first.json()["next"].startswith(
        "http://testserver/dc/api/v5/registrations?limit=2&offset=2"
    )


def test_it_begins_at_an_offset(send, five):
    assert ids(send("GET", "?offset=3")) == five[3:]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=",
        "offset=-1",
        "offset=100001",
        "offset=x",
        "cursor=x",
        "status=",
        "status=conditional",
        "createdDate=",
        "createdDate=..",
        "createdDate=2012-13",
        "createdDate=2012-3",
        "createdDate=0000",
        "createdDate=2012..x",
        "beginDate=today",
        "lastActiveDate=2012-02-30",
        "endDate=2012-03-01T00:00:00",
    ],
)
def test_it_refuses_what_is_no_such_value(send, query):
    response = send("GET", f"?{query}")
    name = query.partition("=")[0]
    assert response.status_code == 400
    assert response.json()["fieldErrors"].keys() == {name}


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ("2024", slice(0, 5)),
        ("2023", slice(0, 0)),
        ("2024-03", slice(0, 5)),
        ("2024-03-06", slice(1, 2)),
        ("2024-03-06T09:28:10Z", slice(1, 2)),
        ("2024-03-06T09:28:11Z", slice(0, 0)),
        ("2024-03-06..2024-03-08", slice(1, 4)),
        ("2024-03-07..", slice(2, 5)),
        ("..2024-03-06T09:28:10Z", slice(0, 2)),
        ("9999..", slice(0, 0)),
        ("..9999-12-31", slice(0, 5)),
        ("..9999-12-31T23:59:59Z", slice(0, 5)),
    ],
)
def test_it_is_narrowed_down_by_date(send, five, span, found):
    assert ids(send("GET", f"?createdDate={span}")) == five[found]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("beginDate", "began_at"),
        ("lastActiveDate", "last_active_at"),
        ("endDate", "ended_at"),
    ],
)
def test_it_knows_each_date(send, registered, name, column):
    registered()
    registration = registered(**{column: DAY})
    assert ids(send("GET", f"?{name}=2024-03-05")) == [registration.pk]


@pytest.mark.parametrize("status", ["active", "passed", "failed", "ejected"])
def test_it_is_narrowed_down_by_status(send, registered, status):
    by_status = {
        "active": registered(),
        "passed": registered(grade_state_id="pass", ended_at=DAY),
        "failed": registered(grade_state_id="fail", ended_at=DAY),
        "ejected": registered(state=REJECTED, ejected_at=DAY, ended_at=DAY),
    }
    response = send("GET", f"?status={status}")
    assert ids(response) == [by_status[status].pk]
    assert response.json()["results"][0]["status"] == status


def test_it_is_narrowed_down_by_person_and_offering(send, registered, offering):
    profile = ProfileFactory()
    registered()
    registration = registered(profile=profile)
    query = f"?userId={profile.pk}&offeringId={offering.pk}"
    assert ids(send("GET", query)) == [registration.pk]
    assert ids(send("GET", f"?userId={profile.pk}&offeringId=other")) == []


def test_it_names_a_parameter_that_it_does_not_know(send):
    response = send("GET", "?size=3")
    assert response["Warning"] == '299 - "Ignored query parameters: size"'


def test_it_leaves_out_conditional_ones_and_people_under_hold(
    send, registered, http_of
):
    registration = registered()
    registered(state=Registration.State.CONDITIONAL)
    held = registered(profile=ProfileFactory(is_confidential=True))
    private = http_of(REGISTRATIONS_READ, PEOPLE_PRIVATE)
    assert ids(send("GET")) == [registration.pk]
    assert ids(send("GET", f"?userId={held.profile_id}")) == []
    assert ids(send("GET", of=private)) == [registration.pk, held.pk]


def test_it_logs_whose_records_it_showed(send, registered):
    first, second = registered(), registered()
    send("GET")
    assert Disclosure.objects.get().profile_ids == [
        first.profile_id,
        second.profile_id,
    ]


def test_it_costs_the_same_whatever_it_finds(
    send, registered, django_assert_num_queries
):
    send("GET")
    with django_assert_num_queries(1):
        send("GET")
    for _ in range(3):
        registered(grade_state_id="pass", grader_id="f001abc")
    with django_assert_num_queries(3):  # the keys, the rows, the disclosure
        send("GET")
