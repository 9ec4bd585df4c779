"""The disclosure log: who was shown, or wrote, whose record."""

import pytest
from django.db import connection, transaction

from access.callers import Caller
from access.disclosure import MOST_IDS, NotLogged, disclose
from access.models import Disclosure
from tasks.models import Task
from tests.access.http import caller as http_of
from tests.factories import ProfileFactory
from tests.staff import make_admin

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)  # commits, as a server does

READ = "urn:dartmouth:students:read.sensitive"
WRITE = "urn:dartmouth:students:write.sensitive"
CALLER = Caller(client_id="client-1", sub="f003ghc", purpose="Transcripts")


def columns(row: Disclosure) -> dict:
    names = ["client_id", "sub", "staff", "door", "what", "purpose", "request_id"]
    return {name: getattr(row, name) for name in [*names, "profile_ids"]}


def is_waiting_for_the_disk() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0]


def test_it_says_who_saw_whom_by_which_door_and_what_for():
    disclose(
        caller=CALLER,
        door="students",
        what="students list",
        profile_ids=["b", "a", "b"],
        request_id="r-1",
    )
    assert columns(Disclosure.objects.get()) == {
        "client_id": "client-1",
        "sub": "f003ghc",
        "staff": "",
        "door": "students",
        "what": "students list",
        "purpose": "Transcripts",
        "request_id": "r-1",
        "profile_ids": ["b", "a"],
    }


def test_it_names_staff():
    disclose(staff="clerk", door="admin", what="page", profile_ids=["a"])
    row = Disclosure.objects.get()
    assert (row.staff, row.client_id, row.sub) == ("clerk", "", "")


def test_it_is_one_statement(django_assert_num_queries):
    ids = [f"{number:024x}" for number in range(100)]
    with django_assert_num_queries(1):
        disclose(caller=CALLER, door="d", what="w", profile_ids=ids, is_read=True)


def test_it_logs_nothing_for_nobody(django_assert_num_queries):
    with django_assert_num_queries(0):
        disclose(caller=CALLER, door="d", what="w", profile_ids=[])


def test_it_splits_what_is_longer_than_a_row():
    ids = [f"{number:024x}" for number in range(MOST_IDS + 1)]
    disclose(caller=CALLER, door="command", what="export", profile_ids=iter(ids))
    parts = [row.profile_ids for row in Disclosure.objects.order_by("pk")]
    assert [len(part) for part in parts] == [MOST_IDS, 1]
    assert sum(parts, []) == ids


@committed
def test_it_goes_with_the_transaction():
    with transaction.atomic():
        disclose(caller=CALLER, door="d", what="w", profile_ids=["a"])
        transaction.set_rollback(True)
    assert not Disclosure.objects.exists()


@committed
@pytest.mark.parametrize(("is_read", "setting"), [(True, "off"), (False, "on")])
def test_only_a_read_does_not_wait_for_the_disk(is_read, setting):
    connection.cursor().execute("SET synchronous_commit = on")
    with transaction.atomic():
        disclose(caller=CALLER, door="d", what="w", profile_ids=["a"], is_read=is_read)
        inside = is_waiting_for_the_disk()
    assert (inside, is_waiting_for_the_disk()) == (setting, "on")


@committed
def test_it_must_name_somebody():
    with pytest.raises(NotLogged):
        disclose(door="d", what="w", profile_ids=["a"])


def test_it_is_found_by_student():
    disclose(staff="one", door="d", what="w", profile_ids=["a", "b"])
    disclose(staff="two", door="d", what="w", profile_ids=["b"])
    assert [row.staff for row in Disclosure.objects.of_profile("b")] == ["two", "one"]
    assert [row.staff for row in Disclosure.objects.of_profile("a")] == ["one"]


@pytest.fixture
def unwritable():
    """The log refuses every row, as without the right to insert."""
    refuse = "ALTER TABLE access_disclosure ADD CONSTRAINT no CHECK (false) NOT VALID"
    connection.cursor().execute(refuse)
    yield
    connection.cursor().execute("ALTER TABLE access_disclosure DROP CONSTRAINT no")


@pytest.fixture
def student():
    return ProfileFactory(netid="f00ada", last_name="Lovelace")


@committed
def test_what_cannot_be_logged_is_not_answered(student, unwritable):
    response = http_of(READ).get("/api/students/f00ada")
    assert response.status_code == 503
    assert response["Retry-After"] == "1"
    assert b"Lovelace" not in response.content


@committed
def test_a_write_that_cannot_be_logged_is_not_done(student, unwritable):
    body = '{"dplans": [{"term_code": "1", "dplan_id": "R", "dplan_source_id": "P"}]}'
    response = http_of(READ, WRITE).patch(
        "/api/students/f00ada", body, content_type="application/json"
    )
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert not Task.objects.exists()


@committed
def test_a_page_that_cannot_be_logged_is_not_shown(student, unwritable):
    response = make_admin().get(f"/admin/students/profile/{student.pk}/change/")
    assert response.status_code == 503
    assert b"Lovelace" not in response.content


def test_an_answer_is_logged_with_its_request_id(student):
    http = http_of(READ, purpose="Transcripts")
    http.get("/api/students/f00ada", headers={"X-Request-Id": "look-1"})
    row = Disclosure.objects.get()
    assert (row.request_id, row.purpose, row.profile_ids) == (
        "look-1",
        "Transcripts",
        [student.pk],
    )


def test_a_head_and_an_answer_that_was_known_release_nothing(student):
    http = http_of(READ)
    tag = http.get("/api/students/f00ada")["ETag"]
    http.head("/api/students/f00ada")
    again = http.get("/api/students/f00ada", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert Disclosure.objects.count() == 1


def test_what_was_not_found_is_not_logged(student):
    assert http_of(READ).get("/api/students/f0none").status_code == 404
    assert not Disclosure.objects.exists()
