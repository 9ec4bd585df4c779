"""What is accepted: 202, a dry run, Prefer: wait, and a lost commit."""

import json

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction

from tasks import failpoints, waiting
from tasks.models import Lane, Task
from tests.tasks.handlers import times

pytestmark = pytest.mark.django_db
PASSWORD = settings.DATABASES["default"].get("PASSWORD", "")


def test_it_is_answered_by_202_and_where_to_ask(patch):
    response = patch()
    task = Task.objects.get()
    assert response.status_code == 202
    assert response.json() == {"status": "accepted"}
    assert response["Location"] == f"/api/tasks/{task.pk}"
    assert response["Retry-After"] == "1"
    assert times("a") == 0


def test_it_keeps_the_very_text_that_was_sent(patch):
    patch(body='{ "n": 1.50 }', **{"X-Request-Id": "r1", "X-Change-Reason": "why"})
    task = Task.objects.get()
    assert task.payload == '{ "n": 1.50 }'
    assert (task.request_id, task.reason, task.about) == ("r1", "why", "p-a")
    assert (task.resource, task.action, task.resource_id) == ("effects", "PATCH", "a")


def test_it_refuses_a_body_of_more_than_256_kibibytes(patch):
    response = patch(body=json.dumps({"n": "x" * 256 * 1024}))
    assert response.status_code == 413
    assert Task.objects.count() == 0


def test_it_refuses_if_match(patch):
    response = patch(**{"If-Match": '"1"'})
    assert response.status_code == 400
    assert Task.objects.count() == 0


def test_it_is_done_once_however_often_it_is_sent_with_one_key(patch):
    first = patch(**{"Idempotency-Key": "k1"})
    second = patch(**{"Idempotency-Key": "k1"})
    assert (second.status_code, second["Location"]) == (202, first["Location"])
    assert second["Idempotent-Replayed"] == "true"
    assert Task.objects.count() == 1


def test_it_answers_429_and_accepts_nothing_where_too_many_wait(patch, settings):
    settings.TASKS_WAITING_PER_RESOURCE = 1
    patch()
    response = patch()
    assert (response.status_code, response["Retry-After"]) == (429, "10")
    assert response.json() == {
        "message": "Too many changes of this record wait already. Try later."
    }
    assert Task.objects.count() == 1
    assert Lane.objects.get().next_number == 1


def test_it_answers_503_and_accepts_nothing_where_too_many_wait_in_all(patch, settings):
    settings.TASKS_WAITING_IN_ALL = 1
    patch()
    response = patch("b")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_answers_503_while_a_long_change_of_the_same_resource_is_made(patch, beside):
    patch()
    with transaction.atomic():
        Lane.objects.select_for_update().get()
        answers = []
        beside(lambda: answers.append(patch())).join()
    assert (answers[0].status_code, answers[0]["Retry-After"]) == (503, "1")
    assert Task.objects.count() == 1


def test_a_dry_run_shows_how_it_would_end(patch):
    response = patch(query="?dry_run=true")
    assert response.status_code == 200
    assert response.json() == {
        "status": "complete",
        "path": "http://testserver/api/effects/a",
        "message": "Counted.",
        "id": None,
    }
    assert response["Dry-Run"] == "true"
    assert (Task.objects.count(), times("a")) == (0, 0)


def test_a_dry_run_shows_how_it_would_be_refused(patch):
    response = patch(query="?dry_run=true&action=REFUSE")
    assert response.status_code == 200
    assert response.json() == {
        "status": "error",
        "path": "http://testserver/api/effects/a",
        "message": "['That cannot be.']",
        "id": None,
    }
    assert times("a") == 0


def test_a_dry_run_shows_a_fault_of_ours_as_the_task_would(patch):
    answer = patch(query="?dry_run=true&action=BREAK").json()
    assert answer["status"] == "error"
    assert answer["message"] == (
        "The task could not be completed. Nothing was changed."
    )
    assert times("a") == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("worker")
def test_it_waits_for_the_end_where_that_is_preferred(patch):
    response = patch(Prefer="respond-async, wait=10")
    task = Task.objects.get()
    assert response.status_code == 200
    assert response["Preference-Applied"] == "wait=10"
    assert response["ETag"].startswith('"2-')
    assert response.json() == {
        "status": "complete",
        "path": "http://testserver/api/effects/a",
        "message": "Counted.",
        "id": task.pk,
    }


@pytest.mark.django_db(transaction=True)
def test_it_is_202_as_ever_where_the_time_is_over(patch):
    response = patch(Prefer="wait=0")
    assert response.status_code == 202
    assert "Preference-Applied" not in response


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("trouble", [OperationalError, Task.DoesNotExist])
def test_it_is_202_as_ever_where_the_database_goes_while_it_waits(
    patch, monkeypatch, trouble
):
    def gone(task, seconds):
        raise trouble

    monkeypatch.setattr(waiting, "until_ended", gone)
    response = patch(Prefer="wait=10")
    assert response.status_code == 202
    assert response["Location"] == f"/api/tasks/{Task.objects.get().pk}"


@pytest.fixture
def lose_commits(monkeypatch):
    """End the connection just before so many of the next commits."""

    def lose(times: int) -> None:
        losses = iter([end_connection] * times)
        monkeypatch.setitem(
            failpoints._installed,
            failpoints.BEFORE_ACCEPT_COMMIT,
            lambda: next(losses, bool)(),
        )

    return lose


def end_connection() -> None:
    pid = connection.connection.info.backend_pid
    with another_session() as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def another_session() -> psycopg.Connection:
    return psycopg.connect(connection.connection.info.dsn, password=PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_it_is_sent_again_by_itself_when_the_commit_was_lost(patch, lose_commits):
    lose_commits(1)
    response = patch()
    task = Task.objects.get()
    assert response.status_code == 202
    assert response["Location"] == f"/api/tasks/{task.pk}"
    assert task.number == 1


@pytest.mark.django_db(transaction=True)
def test_it_says_that_the_outcome_is_unknown_when_it_is(patch, lose_commits):
    lose_commits(2)
    response = patch()
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert "Send it again with the same Idempotency-Key." in response.json()["message"]
    assert Task.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_it_says_so_too_where_what_was_lost_may_be_in_the_way(patch, monkeypatch):
    """A commit whose answer was lost may not be over: then it holds the lane."""
    patch()

    def lose_and_lock() -> None:
        end_connection()
        other.execute("SELECT FROM tasks_lane WHERE key = 'effects:a' FOR UPDATE")

    monkeypatch.setitem(
        failpoints._installed, failpoints.BEFORE_ACCEPT_COMMIT, lose_and_lock
    )
    with another_session() as other:
        response = patch()
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert "cannot tell whether it did" in response.json()["message"]
    assert Task.objects.count() == 1
