"""GET /apis/registrations/units/{unit_id}/registrations"""

from datetime import UTC, datetime

import pytest

from access.models import Disclosure
from access.scopes import PEOPLE_PRIVATE, REGISTRATIONS_READ, REGISTRATIONS_WRITE
from tests.factories import RegistrationFactory, UnitFactory


@pytest.fixture
def unit(db):
    return UnitFactory()


@pytest.fixture
def get(http, unit):
    def get(query="", of=http):
        return of.get(f"/apis/registrations/units/{unit.pk}/registrations{query}")

    return get


@pytest.fixture
def roster(unit):
    """Seven registrations, two made at each moment but the last."""
    return [
        RegistrationFactory(
            pk=f"r{number}",
            unit=unit,
            created_at=datetime(2024, 1, 1 + number // 2, 9, 30, 0, 123456, UTC),
        )
        for number in range(7)
    ]


def ids(response):
    assert response.status_code == 200
    return [registration["id"] for registration in response.json()]


def next_of(response):
    link = response["Link"]
    assert link.endswith('>; rel="next"')
    return link[1 : link.index(">")]


def test_it_shows_the_roster_in_the_order_in_which_it_was_made(get, roster):
    RegistrationFactory()
    response = get()
    assert ids(response) == ["r0", "r1", "r2", "r3", "r4", "r5", "r6"]
    assert "Link" not in response
    assert response.json()[0]["profile_id"] == roster[0].profile_id


def test_it_walks_on_by_its_links(get, http, roster):
    pages = [get("?limit=3")]
    pages.append(http.get(next_of(pages[0])))
    pages.append(http.get(next_of(pages[1])))
    assert [ids(page) for page in pages] == [
        ["r0", "r1", "r2"],
        ["r3", "r4", "r5"],
        ["r6"],
    ]
    assert "Link" not in pages[2]


def test_it_skips_and_then_walks_on(get, http, roster):
    page = get("?limit=2&skip=3")
    assert ids(page) == ["r3", "r4"]
    assert ids(http.get(next_of(page))) == ["r5", "r6"]


@pytest.mark.parametrize("skip", ["7", "1000000", "9" * 40])
def test_it_shows_nothing_past_the_end(get, roster, skip):
    assert ids(get(f"?skip={skip}")) == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?limit=0", "limit"),
        ("?limit=1001", "limit"),
        ("?limit=-1", "limit"),
        ("?limit=x", "limit"),
        ("?limit=", "limit"),
        ("?skip=-1", "skip"),
        ("?skip=x", "skip"),
        ("?cursor=x", "cursor"),
        ("?cursor=", "cursor"),
    ],
)
def test_it_refuses_what_leads_to_no_page(get, roster, query, field):
    response = get(query)
    assert (response.status_code, response.json()["field"]) == (400, field)


def test_it_shows_latest_attempts_only(get, unit):
    first = RegistrationFactory(unit=unit)
    second = RegistrationFactory(
        unit=unit, profile=first.profile, intake=first.intake, attempt=2
    )
    assert ids(get()) == [second.pk]


def test_it_leaves_held_people_out(get, unit, http_of):
    RegistrationFactory(pk="a", unit=unit)
    RegistrationFactory(pk="b", unit=unit, profile__is_confidential=True)
    RegistrationFactory(pk="c", unit=unit)
    assert ids(get("?limit=2")) == ["a", "c"]
    assert "Link" not in get("?limit=2")
    seeing = http_of(REGISTRATIONS_READ, PEOPLE_PRIVATE)
    assert ids(get(of=seeing)) == ["a", "b", "c"]


def test_it_does_not_know_a_unit_that_there_is_not(http):
    response = http.get("/apis/registrations/units/nope/registrations")
    assert (response.status_code, response.json()["error"]) == (404, "unknown_unit")


def test_it_wants_the_scope_to_read(get, http_of):
    assert get(of=http_of(REGISTRATIONS_WRITE)).status_code == 403


def test_it_logs_whom_it_showed(get, roster):
    get("?limit=2")
    shown = Disclosure.objects.get().profile_ids
    assert shown == [roster[0].profile_id, roster[1].profile_id]


def test_it_costs_the_same_for_any_page(get, roster, django_assert_num_queries):
    get("?limit=1")
    with django_assert_num_queries(4):  # the unit, ids, rows, disclosure
        get("?limit=1")
    with django_assert_num_queries(4):
        get("?limit=7")
