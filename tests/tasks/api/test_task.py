"""GET and DELETE /api/tasks/{id}."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from access.models import Disclosure
from access.scopes import ENROLLMENTS_WRITE, PEOPLE_PRIVATE
from config.rest.conditional import etag
from tasks import waiting
from tasks.models import Lane, Task
from tests.factories import ProfileFactory
from tests.tasks.handlers import times

pytestmark = pytest.mark.django_db

EFFECTS_TASKS = "urn:dartmouth:tasks:effects:write"


@pytest.fixture
def url(patch):
    """Accept a task; return its URL."""
    return lambda *args, **more: patch(*args, **more)["Location"]


def last_id() -> str:
    return Task.objects.latest("accepted_at", "pk").pk


def test_it_shows_its_requester_the_short_view_while_it_waits(http, url):
    response = http.get(url())
    assert response.status_code == 200
    assert response.json() == {
        "status": "accepted",
        "path": None,
        "message": None,
        "id": last_id(),
    }
    assert response["Retry-After"] == "1"
    assert [*response.json()] == ["status", "path", "message", "id"]


def test_it_shows_how_it_ended(http, url, work):
    location = url()
    work()
    response = http.get(location)
    assert response.json() == {
        "status": "complete",
        "path": "http://testserver/api/effects/a",
        "message": "Counted.",
        "id": last_id(),
    }
    assert "Retry-After" not in response


def test_it_shows_the_path_of_a_failure_only_where_that_is_promised(http, url, work):
    promised, other = url(query="?action=REFUSE"), url("b", query="?action=BREAK")
    Task.objects.update(attempts=4)
    work("a")
    work("b")
    assert http.get(promised).json()["path"] == "http://testserver/api/effects/a"
    assert http.get(other).json()["path"] is None


def test_it_shows_the_full_view_where_that_is_promised(http, url, work):
    location = url(query="?action=TELL", body='{"n": 1.50}')
    work()
    task = Task.objects.get()
    response = http.get(location)
    assert response.json() == {
        "resource": "effects",
        "action": "TELL",
        "resource_id": "a",
        "payload": {"n": 1.5},
        "requester": {
            "sub": task.client_id,
            "name": "Portal",
            "email": "portal@example.org",
            "scope": ENROLLMENTS_WRITE,
            "exp": None,
            "iat": None,
        },
        "status": "complete",
        "request_date": f"{task.accepted_at:%Y-%m-%dT%H:%M:%SZ}",
        "completed_date": f"{task.finished_at:%Y-%m-%dT%H:%M:%SZ}",
        "path": "http://testserver/api/effects/a",
        "worker_data": {"counted": 1},
        "message": "Counted.",
        "id": task.pk,
    }
    assert b'"payload":{"n": 1.50}' in response.content


def test_it_says_when_the_requesters_token_was_made_and_ends(http, url):
    location = url(query="?action=TELL")
    Task.objects.update(issued_at=1676902985, expires_at=1676913785)
    requester = http.get(location).json()["requester"]
    assert (requester["iat"], requester["exp"]) == ("1676902985", "1676913785")


def test_it_shows_no_payload_that_was_not_kept(http, url):
    location = url(query="?action=TELL")
    Task.objects.update(payload="")
    assert http.get(location).json()["payload"] is None


def test_it_is_404_for_who_did_not_ask_for_it(http_of, url):
    response = http_of(ENROLLMENTS_WRITE).get(url())
    assert response.status_code == 404
    assert response.json() == {"message": "Not Found"}


def test_it_is_404_for_an_id_that_is_not_there(http):
    response = http.get("/api/tasks/000000000000000000000000")
    assert response.status_code == 404
    assert response.json() == {"message": "Not Found"}


def test_it_is_401_for_nobody(client, url):
    response = client.get(url())
    assert (response.status_code, response.json()) == (
        401,
        {"message": "Unauthorized"},
    )


def test_it_shows_others_in_full_with_the_resources_scope(http_of, url):
    answer = http_of(EFFECTS_TASKS).get(url()).json()
    assert answer["requester"]["name"] == "Portal"
    assert [*answer] == [
        "resource",
        "action",
        "resource_id",
        "payload",
        "requester",
        "status",
        "request_date",
        "completed_date",
        "path",
        "worker_data",
        "message",
        "id",
    ]


def test_it_logs_the_disclosure_of_anothers_task_and_not_of_ones_own(
    http, http_of, url
):
    location = url()
    http.get(location)
    assert Disclosure.objects.count() == 0
    http_of(EFFECTS_TASKS).get(location)
    assert Disclosure.objects.get().profile_ids == ["p-a"]


def test_it_hides_others_tasks_about_people_under_hold(http, http_of, url):
    ProfileFactory(id="p-a", is_confidential=True)
    location = url()
    assert http_of(EFFECTS_TASKS).get(location).status_code == 404
    assert http_of(EFFECTS_TASKS, PEOPLE_PRIVATE).get(location).status_code == 200
    assert http.get(location).status_code == 200


def test_it_hides_others_tasks_about_who_came_under_hold_while_it_waited(
    http, http_of, url, monkeypatch
):
    person, location = ProfileFactory(id="p-a"), url()
    held = type(person).objects.filter(pk=person.pk)
    monkeypatch.setattr(
        waiting.time, "sleep", lambda _: held.update(is_confidential=True)
    )
    other = http_of(EFFECTS_TASKS).get(f"{location}?wait=0.02")
    own = http.get(f"{location}?wait=0.02")
    assert (other.status_code, other.json()) == (404, {"message": "Not Found"})
    assert own.status_code == 200
    assert not Disclosure.objects.exists()


def test_it_is_unchanged_until_it_ends(http, url, work):
    location = url()
    tag = http.get(location)["ETag"]
    unchanged = http.get(location, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged["ETag"]) == (304, tag)
    assert unchanged["Retry-After"] == "1"
    work()
    changed = http.get(location, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] == etag(2, changed.json())


@pytest.mark.parametrize(
    ("age", "place", "seconds"),
    [(0, 1, "1"), (6, 1, "2"), (0, 11, "2"), (31, 1, "5"), (0, 101, "5")]
    + [(121, 1, "10"), (0, 1001, "10")],
)
def test_it_says_to_ask_later_the_longer_it_takes(http, url, age, place, seconds):
    location = url()
    Task.objects.update(
        number=place, accepted_at=timezone.now() - timedelta(seconds=age)
    )
    Lane.objects.update(next_number=place)
    assert http.get(location)["Retry-After"] == seconds


def test_it_costs_one_query(http, url, django_assert_num_queries):
    location = url()
    http.get(location)
    with django_assert_num_queries(1):
        http.get(location)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_it_waits_for_the_end(http, url):
    response = http.get(f"{url()}?wait=20")
    assert response.json()["status"] == "complete"


def test_it_answers_as_it_stands_when_the_time_is_over(http, url):
    assert http.get(f"{url()}?wait=0.05").json()["status"] == "accepted"


def test_it_does_not_wait_where_half_of_the_threads_do(http, url, monkeypatch):
    monkeypatch.setattr(waiting, "_places", threading.BoundedSemaphore(1))
    waiting._places.acquire()
    assert http.get(f"{url()}?wait=20").json()["status"] == "accepted"


@pytest.mark.parametrize("wait", ["-1", "soon", "nan", "inf", "", "1e3", "١"])
def test_it_refuses_a_wait_that_is_no_number_of_seconds(http, url, wait):
    response = http.get(url(), {"wait": wait})
    assert response.status_code == 400
    assert response.json() == {"message": "wait must be a number of seconds."}


def test_it_is_cancelled_by_its_requester_before_it_begins(http, url, work):
    location = url()
    response = http.delete(location)
    assert response.status_code == 200
    assert response.json() == {
        "status": "error",
        "path": None,
        "message": "Cancelled by the requester.",
        "id": last_id(),
    }
    work()
    assert times("a") == 0
    assert http.get(location).json() == response.json()
    assert response["ETag"] == http.get(location)["ETag"]


def test_it_is_not_cancelled_once_it_has_begun(http, url, work):
    location = url(query="?action=BREAK")
    work()
    response = http.delete(location)
    assert response.status_code == 409
    assert response.json() == {"message": "The task has already begun or ended."}
    assert Task.objects.get().state == "queued"


def test_it_is_not_cancelled_by_another(http_of, url):
    location = url()
    assert http_of(EFFECTS_TASKS).delete(location).status_code == 403
    assert http_of(ENROLLMENTS_WRITE).delete(location).status_code == 404
    assert Task.objects.get().state == "queued"


def test_a_dry_run_cancels_nothing(http, url):
    response = http.delete(f"{url()}?dry_run=true")
    assert (response.status_code, response.json()["status"]) == (200, "error")
    assert Task.objects.get().state == "queued"
