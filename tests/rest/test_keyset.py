import base64
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.http import QueryDict

from config.errors import Invalid
from config.rest.pagination import (
    Keyset,
    Page,
    limit_of,
    link_to_next,
    url_with,
    whole_number,
)
from students.models import Profile
from tests.factories import ProfileFactory

pytestmark = pytest.mark.django_db

EARLY = datetime(2024, 1, 1, tzinfo=UTC)
LATE = datetime(2024, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
OLDEST_FIRST = Keyset("created_at", "id")
NEWEST_FIRST = Keyset("-created_at", "-id")


@pytest.fixture
def people():
    ProfileFactory(id="b", created_at=EARLY)
    ProfileFactory(id="a", created_at=LATE)
    ProfileFactory(id="c", created_at=EARLY)
    ProfileFactory(id="d", created_at=LATE)


def page(keyset=OLDEST_FIRST, rows=None, **options):
    rows = Profile.objects.all() if rows is None else rows
    found = keyset.page(rows, **{"limit": 2, **options})
    return "".join(row.pk for row in found.rows), found


def cursor(words: bytes) -> str:
    return base64.urlsafe_b64encode(words).decode().rstrip("=")


def test_it_gives_the_first_rows_in_order(people):
    ids, first = page()
    assert ids == "bc"
    assert first.previous is None


def test_it_goes_on_after_the_last_row(people):
    _, first = page()
    ids, second = page(cursor=first.next)
    assert ids == "ad"
    assert second.next is None


def test_it_walks_back(people):
    _, first = page()
    _, second = page(cursor=first.next)
    ids, back = page(cursor=second.previous)
    assert ids == "bc"
    assert back.previous is None
    assert page(cursor=back.next)[0] == "ad"


def test_it_walks_back_in_the_middle(people):
    _, second = page(limit=1, skip=2)
    ids, back = page(limit=1, cursor=second.previous)
    assert ids == "c"
    assert page(limit=1, cursor=back.previous)[0] == "b"


def test_it_walks_newest_first(people):
    ids, first = page(NEWEST_FIRST)
    assert ids == "da"
    assert page(NEWEST_FIRST, cursor=first.next)[0] == "cb"


def test_it_skips_rows_and_knows_that_some_are_before(people):
    ids, found = page(skip=1)
    assert ids == "ca"
    assert page(cursor=found.previous)[0] == "b"


def test_it_reads_rows_of_values(people):
    rows = Profile.objects.values("id", "created_at")
    first = OLDEST_FIRST.page(rows, limit=2)
    second = OLDEST_FIRST.page(rows, limit=2, cursor=first.next)
    assert [row["id"] for row in second.rows] == ["a", "d"]


def test_it_is_not_moved_by_rows_that_come_and_go(people):
    _, first = page()
    Profile.objects.filter(pk="c").delete()
    ProfileFactory(id="aa", created_at=EARLY)
    assert page(cursor=first.next)[0] == "ad"


def test_it_gives_an_empty_page_past_the_end(people):
    assert page(skip=9) == ("", Page([]))


def test_it_compares_as_a_row(people):
    _, first = page()
    rows = Profile.objects.filter(
        OLDEST_FIRST._beyond(OLDEST_FIRST._read(first.next, Profile.objects.all()))
    )
    assert '("students_profile"."created_at", "students_profile"."id") > (' in str(
        rows.query
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense!",
        "é",
        "A" * 2000,
        cursor(b"{}"),
        cursor(b"[]"),
        cursor(b'[false,"2024-01-01T00:00:00+00:00"]'),
        cursor(b'[false,"2024-01-01T00:00:00+00:00","a","b"]'),
        cursor(b'["no","2024-01-01T00:00:00+00:00","a"]'),
        cursor(b'[false,"2024-01-01T00:00:00","a"]'),
        cursor(b'[false,"2024-01-01","a"]'),
        cursor(b'[false,"2024-13-01T00:00:00Z","a"]'),
        cursor(b'[false,"soon","a"]'),
        cursor(b"[false,5,7]"),
        cursor(b"[false,null,null]"),
        cursor(b'[false,"2024-01-01T00:00:00+00:00","\\u0000"]'),
        cursor(b'[false,"2024-01-01T00:00:00+00:00",["a"]]'),
        cursor(b'[false,"2024-01-01T00:00:00+00:00","\xff"]'),
    ],
)
def test_it_refuses_a_cursor_that_it_did_not_give(people, text):
    with pytest.raises(Invalid, match="not one that this list gave") as refusal:
        page(cursor=text)
    assert refusal.value.field == "cursor"


def asking(query, rf=None):
    return SimpleNamespace(
        query_params=QueryDict(query),
        path="/things",
        build_absolute_uri=lambda path: f"https://registry.example{path}",
    )


@pytest.mark.parametrize(
    ("query", "number"),
    [("", 7), ("skip=0", 0), ("skip=12", 12), ("skip=1&skip=2", 2)],
)
def test_it_reads_a_whole_number(query, number):
    assert whole_number(asking(query), "skip", default=7) == number


def test_it_reads_a_number_of_any_length():
    assert whole_number(asking("skip=" + "9" * 9_000), "skip", default=0) >= 10**18
    assert whole_number(asking("skip=" + "0" * 9_000 + "4"), "skip", default=0) == 4


@pytest.mark.parametrize("text", ["", "-1", "+1", "1.0", "1e3", " 1", "٣", "²", "x"])
def test_it_refuses_what_is_no_whole_number(text):
    with pytest.raises(Invalid, match="whole number from 0") as refusal:
        whole_number(asking(f"skip={text.replace('+', '%2B')}"), "skip", default=0)
    assert refusal.value.field == "skip"


def test_it_takes_a_limit_up_to_the_most():
    assert limit_of(asking("limit=100"), default=15, most=100) == 100


@pytest.mark.parametrize("text", ["0", "101", "9" * 50])
def test_it_refuses_a_limit_outside(text):
    with pytest.raises(Invalid, match="limit must be"):
        limit_of(asking(f"limit={text}"), default=15, most=100)


def test_it_links_to_the_next_page_with_the_same_filters():
    link = link_to_next(asking("a=%26&cursor=x&skip=5"), Page([], next="y"), "skip")
    url = "https://registry.example/things?a=%26&cursor=y"
    assert link == {"Link": f'<{url}>; rel="next"'}


def test_it_links_to_nothing_at_the_end():
    assert link_to_next(asking("cursor=x"), Page([])) == {}


def test_it_leaves_a_bare_url_bare():
    assert (
        url_with(asking("cursor=x"), cursor=None) == "https://registry.example/things"
    )
