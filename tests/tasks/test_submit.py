"""Submitting a task."""

import pytest
from django.db import connection, transaction

from config.broker import client
from tasks import acceptance, dispatch
from tasks.errors import EngineFull, LaneBusy, LaneFull
from tasks.models import Lane, Task

pytestmark = pytest.mark.django_db


def hints() -> int:
    return client().llen("lanes")


def numbers(lane="effects:a") -> list[int]:
    tasks = Task.objects.filter(lane_id=lane).order_by("accepted_at", "pk")
    return [*tasks.values_list("number", flat=True)]


def test_it_keeps_what_was_asked_and_by_whom(submit):
    task = submit(payload='{"a": 1.0}', about="p1", request_id="r1", reason="why")
    stored = Task.objects.values().get(pk=task.pk)
    assert stored == {
        "id": task.pk,
        "lane_id": "effects:a",
        "number": 1,
        "resource": "effects",
        "action": "PATCH",
        "resource_id": "a",
        "payload": '{"a": 1.0}',
        "about": "p1",
        "client_id": "c0ffee",
        "sub": "f003ghc",
        "name": "Integration Test User",
        "email": "integration@example.edu",
        "scope": "b:write,a:read",
        "issued_at": 1676902985,
        "expires_at": 1676913785,
        "request_id": "r1",
        "reason": "why",
        "retry_of": "",
        "state": "queued",
        "code": "",
        "message": None,
        "worker_data": None,
        "attempts": 0,
        "crashes": 0,
        "fence": 0,
        "accepted_at": task.accepted_at,
        "started_at": None,
        "finished_at": None,
    }


def test_it_takes_the_id_that_was_made_before(submit):
    assert submit(task_id="0123456789ab0123456789ab").pk == "0123456789ab0123456789ab"


def test_it_numbers_the_tasks_of_one_resource_from_one(submit):
    made = [submit().number, submit().number, submit(resource_id="b").number]
    assert made == [1, 2, 1]


def test_it_makes_the_lane_due_and_leaves_its_beginning(submit):
    submit()
    lane = Lane.objects.get(pk="effects:a")
    assert (lane.next_number, lane.applied_number, lane.is_waiting) == (1, 0, True)


def test_it_costs_one_statement_once_the_backlog_is_known(
    submit, django_assert_num_queries
):
    submit()
    with django_assert_num_queries(1):
        submit()


@pytest.mark.parametrize(
    ("set_to", "committed_with"), [("off", "on"), ("local", "local"), ("on", "on")]
)
def test_its_commit_waits_for_the_disk_whatever_the_server_is_set_to(
    submit, set_to, committed_with
):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL synchronous_commit = {set_to}")
        submit()
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == (committed_with,)


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_the_next_number_before_the_last_one_is_committed(submit, beside):
    refused = []

    def ask_too() -> None:
        with pytest.raises(LaneBusy) as error:
            submit()
        refused.append(error.value.code)

    with transaction.atomic():
        submit()
        beside(ask_too).join()
    assert (refused, numbers()) == (["resource_busy"], [1])


@pytest.mark.django_db(transaction=True)
def test_it_tells_the_workers_once_when_the_transaction_commits(submit):
    with transaction.atomic():
        submit()
        submit()
        before = hints()
    assert (before, hints()) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_it_tells_the_workers_again_when_the_last_hint_is_old(submit):
    submit()
    Lane.objects.update(hinted_at="2020-01-01T00:00:00Z")
    submit()
    assert hints() == 2


@pytest.mark.django_db(transaction=True)
def test_it_tells_nobody_of_a_lane_that_is_held(submit):
    submit()
    Lane.objects.update(is_held=True, hinted_at=None)
    submit()
    assert hints() == 1


@pytest.mark.django_db(transaction=True)
def test_it_leaves_nothing_where_the_transaction_is_rolled_back(submit):
    with transaction.atomic():
        submit()
        transaction.set_rollback(True)
    assert (Task.objects.count(), Lane.objects.count(), hints()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_it_is_accepted_without_a_broker(submit, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    dispatch.broker.cache_clear()
    task = submit()
    dispatch.broker.cache_clear()
    assert Task.objects.get().pk == task.pk
    assert dispatch.breaker.is_open


def test_it_refuses_more_than_may_wait_on_one_resource(submit, settings):
    settings.TASKS_WAITING_PER_RESOURCE = 2
    submit()
    submit()
    with pytest.raises(LaneFull) as refused, transaction.atomic():
        submit()
    assert refused.value.headers == {"Retry-After": "10"}
    assert numbers() == [1, 2]
    assert submit(resource_id="b").number == 1


def test_it_counts_no_cancelled_task_against_the_limit(submit, settings):
    settings.TASKS_WAITING_PER_RESOURCE = 2
    submit()
    Task.objects.filter(pk=submit().pk).update(
        state="error", message="", finished_at="2020-01-01T00:00:00Z"
    )
    assert submit().number == 3


def test_it_refuses_more_than_may_wait_in_all(submit, settings):
    settings.TASKS_WAITING_IN_ALL = 2
    submit()
    submit(resource_id="b")
    with pytest.raises(EngineFull):
        submit(resource_id="c")
    assert Task.objects.count() == 2


def test_it_lets_two_tasks_of_one_lane_never_run_at_once(submit):
    one, two = submit(), submit()
    running = {"state": "running", "started_at": "2020-01-01T00:00:00Z"}
    Task.objects.filter(pk=one.pk).update(**running)
    with pytest.raises(Exception, match="task_one_runs_in_lane"), transaction.atomic():
        Task.objects.filter(pk=two.pk).update(**running)
    assert connection.is_usable()


def test_it_counts_what_waits_in_all_now_and_then(submit, django_assert_num_queries):
    submit()
    acceptance.forget_backlog()
    with django_assert_num_queries(2):  # the count, and the acceptance
        submit()
    with django_assert_num_queries(1):
        submit()


def test_it_accepts_again_once_the_backlog_was_worked(submit, work, settings):
    settings.TASKS_WAITING_IN_ALL = 1
    submit()
    work()
    acceptance.forget_backlog()
    assert submit().number == 2
