"""Working a lane."""

import pytest
from django.db import OperationalError, connection

from access.models import ClientEvent
from config import prepared
from tasks import attempts, lanes
from tasks.models import Lane, Task
from tests.tasks.handlers import begun, may_end, times

pytestmark = pytest.mark.django_db

LONG_AGO = "2020-01-01T00:00:00Z"


def lane() -> dict:
    columns = ("next_number", "applied_number", "fence", "lease_until")
    row = Lane.objects.get(pk="effects:a")
    return {name: getattr(row, name) for name in columns} | {
        "is_waiting": row.is_waiting
    }


def ending(task) -> tuple:
    task.refresh_from_db()
    return task.state, task.code, task.message


def expire_lease() -> None:
    Lane.objects.update(lease_until=LONG_AGO)


def test_it_ends_the_task_with_the_handlers_message(submit, work):
    task = submit()
    assert work() is False
    assert ending(task) == ("complete", "", "Counted.")
    assert times("a") == 1
    assert lane() == {
        "next_number": 1,
        "applied_number": 1,
        "fence": 1,
        "lease_until": None,
        "is_waiting": False,
    }


def test_it_keeps_what_the_handler_wants_to_tell(submit, work):
    task = submit("TELL")
    work()
    task.refresh_from_db()
    assert task.worker_data == {"counted": 1}


def test_it_does_nothing_where_nothing_waits(submit, work):
    submit()
    work()
    assert work() is False
    assert times("a") == 1


def test_it_does_nothing_for_a_lane_that_is_not_there(work):
    assert work("nowhere") is False


def test_it_works_what_waits_in_order(submit, work):
    made = [submit(), submit(), submit()]
    work()
    by_end = Task.objects.order_by("finished_at").values_list("pk", flat=True)
    assert [*by_end] == [task.pk for task in made]


def test_it_hands_on_what_is_left_after_one_turn(submit, work, monkeypatch):
    monkeypatch.setattr(lanes, "SECONDS_PER_TURN", 60)
    [submit() for _ in range(12)]
    assert (work(), times("a")) == (True, 10)
    assert (work(), times("a")) == (False, 12)


def test_it_undoes_what_a_refused_task_did_and_says_why(submit, work):
    task = submit("REFUSE")
    work()
    assert ending(task) == ("error", "not_so", "['That cannot be.']")
    assert times("a") == 0


@pytest.mark.django_db(transaction=True)
def test_it_forgets_what_a_refused_task_left_for_after_the_commit(submit, work):
    task = submit("PROMISE")
    work()
    assert ending(task) == ("error", "not_so", "That cannot be.")
    assert times("kept") == 0


def test_it_goes_on_after_a_refused_task(submit, work):
    submit("REFUSE")
    submit()
    work()
    assert times("a") == 1


def test_it_leaves_a_lane_that_is_held(submit, work):
    task = submit()
    Lane.objects.update(is_held=True)
    work()
    assert ending(task) == ("queued", "", None)


def test_it_leaves_a_lane_that_is_not_due_yet(submit, work):
    submit()
    Lane.objects.update(ready_at="2100-01-01T00:00:00Z")
    work()
    assert times("a") == 0


def test_it_leaves_a_lane_that_another_worker_has_claimed(submit, work):
    submit()
    lanes.claim("effects:a")
    work()
    assert times("a") == 0


@pytest.mark.django_db(transaction=True)
def test_it_leaves_a_lane_that_is_worked_for_longer_than_its_lease(submit, beside):
    task = submit("WAIT")
    claimed = lanes.claim("effects:a")
    expire_lease()
    worker = beside(lambda: attempts.attempt(claimed))
    begun.wait(30)
    taken_over = lanes.claim("effects:a")
    may_end.set()
    worker.join()
    assert taken_over is None
    assert ending(task) == ("complete", "", "Counted.")
    assert (task.attempts, task.crashes, times("a")) == (1, 0, 1)


def test_it_leaves_an_action_that_only_a_newer_worker_knows(submit, work):
    task = submit("FROM_TOMORROW")
    later = submit()
    work()
    assert (ending(task), ending(later)) == (("queued", "", None),) * 2
    assert (task.attempts, lane()["is_waiting"]) == (0, True)


def test_it_passes_over_a_cancelled_task(submit, work):
    Task.objects.filter(pk=submit().pk).update(
        state="error", message="", finished_at=LONG_AGO
    )
    task = submit()
    work()
    assert ending(task)[0] == "complete"
    assert lane()["is_waiting"] is False


def test_it_closes_a_lane_where_only_cancelled_tasks_are_left(submit, work):
    submit()
    work()
    Task.objects.filter(pk=submit().pk).update(
        state="error", message="", finished_at=LONG_AGO
    )
    work()
    assert (lane()["applied_number"], lane()["is_waiting"]) == (2, False)


def test_it_takes_over_from_a_worker_that_died(submit, work):
    task = submit()
    lanes.claim("effects:a")
    expire_lease()
    work()
    assert ending(task) == ("complete", "", "Counted.")
    assert (task.attempts, task.crashes, task.fence) == (2, 1, 2)
    assert (times("a"), times("crashes_recovered")) == (1, 1)


def test_it_ends_a_task_that_took_three_workers_with_it(submit, work):
    task = submit()
    for_each_death = [(lanes.claim("effects:a"), expire_lease()) for _ in range(3)]
    work()
    assert len(for_each_death) == 3
    assert ending(task) == ("error", "worker_lost", attempts.GAVE_UP)
    assert times("a") == 0


def test_it_changes_nothing_once_it_was_overtaken(submit, work):
    task = submit()
    overtaken = lanes.claim("effects:a")
    expire_lease()
    lanes.claim("effects:a")
    assert attempts.attempt(overtaken) is False
    assert ending(task) == ("running", "", None)
    assert (times("a"), times("fences_lost")) == (0, 1)


def test_it_applies_nothing_twice_when_two_hold_one_fence(submit):
    """As after a crash of the database, which a claim need not survive."""
    submit()
    first, second = [lanes.claim("effects:a")] * 2
    attempts.attempt(first)
    attempts.attempt(second)
    assert times("a") == 1


def test_it_tries_again_later_what_failed_unexpectedly(submit, work):
    task = submit("BREAK")
    work()
    assert ending(task) == ("queued", "", None)
    assert (task.attempts, times("a")) == (1, 0)
    pause = Lane.objects.get().ready_at - task.started_at
    assert 1.9 < pause.total_seconds() < 3


def test_it_gives_up_after_five_failures(submit, work):
    task = submit("BREAK")
    Task.objects.update(attempts=4)
    work()
    assert ending(task) == ("error", "failed_RuntimeError", attempts.GAVE_UP)
    assert (times("a"), lane()["is_waiting"]) == (0, False)


def test_it_gives_up_two_minutes_after_the_first_attempt(submit, work):
    task = submit("BREAK")
    Task.objects.update(started_at=LONG_AGO)
    work()
    assert ending(task)[1] == "failed_RuntimeError"


@pytest.mark.django_db(transaction=True)
def test_it_puts_a_task_off_that_lost_its_connection(submit, work):
    task = submit("CUT")
    work()
    assert ending(task) == ("queued", "", None)
    assert (task.attempts, task.crashes, times("a")) == (1, 0, 0)
    assert lane()["lease_until"] is None


@pytest.mark.django_db(transaction=True)
def test_it_bounds_what_a_task_may_take(submit, work):
    work()
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("20s",)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("5s",)
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("30s",)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_it_ends_outlives_the_database(submit, work):
    """An ending that was read and then lost would be a status that changed back."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        work()
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
    connection.close()


def test_it_records_who_asked_and_by_which_task(submit, work):
    task = submit("RECORD", request_id="r1", reason="why")
    work()
    assert ClientEvent.objects.get().pgh_context.metadata == {
        "actor": {"client": "c0ffee", "sub": "f003ghc"},
        "door": "effects",
        "request_id": "r1",
        "task_id": task.pk,
        "reason": "why",
    }


@pytest.mark.django_db(transaction=True)
def test_it_works_on_with_another_connection_when_the_database_restarted(submit, work):
    submit()
    work("b")
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    work()
    assert times("a") == 1


@pytest.mark.django_db(transaction=True)
def test_it_makes_its_plans_anew_after_a_while(submit, work, monkeypatch):
    monkeypatch.setattr(prepared, "PLANS_LAST", -1)
    work()
    submit()
    work()
    assert times("a") == 1
    connection.close()
