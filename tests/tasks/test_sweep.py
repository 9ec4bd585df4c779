"""The sweep: what finds lanes that nobody was told of."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from config import chores
from config.broker import client
from tasks import dispatch, sweep
from tasks.models import Lane, Turn
from tests.tasks.handlers import times

pytestmark = pytest.mark.django_db

LONG_AGO = "2020-01-01T00:00:00Z"
IN_A_CENTURY = "2100-01-01T00:00:00Z"


def hints() -> int:
    return client().llen("lanes")


@pytest.fixture
def untold(submit):
    """A task in the lane `a` that nobody was told of, due so long ago."""

    def untold(resource_id="a", **values):
        submit(resource_id=resource_id)
        lane = Lane.objects.filter(pk=f"effects:{resource_id}")
        lane.update(hinted_at=None, **values)

    return untold


@pytest.fixture
def no_broker():
    """The broker was asked a moment ago, in vain."""
    dispatch.breaker.trip()


# --- Finding ----------------------------------------------------------------------


def test_it_finds_a_lane_that_nobody_was_told_of_once(untold):
    untold()
    assert sweep.find() == [("effects:a", False)]
    assert sweep.find() == []


def test_it_finds_a_lane_whose_last_hint_is_old(untold):
    untold()
    Lane.objects.update(hinted_at=LONG_AGO)
    assert sweep.find() == [("effects:a", False)]


def test_it_says_which_lane_has_been_due_for_long(untold):
    untold(ready_at=LONG_AGO)
    assert sweep.find() == [("effects:a", True)]


@pytest.mark.parametrize(
    "values",
    [{"ready_at": IN_A_CENTURY}, {"is_held": True}, {"lease_until": IN_A_CENTURY}],
    ids=["paused", "held", "claimed"],
)
def test_it_leaves_a_lane_whose_next_may_not_begin(untold, values):
    untold(**values)
    assert sweep.find() == []


def test_it_leaves_a_lane_that_was_told_of_just_now(submit):
    submit()
    assert sweep.find() == []


def test_it_leaves_a_lane_where_nothing_waits(submit, work):
    submit()
    work()
    Lane.objects.update(hinted_at=None)
    assert sweep.find() == []


@pytest.mark.django_db(transaction=True)
def test_it_leaves_a_lane_that_is_being_worked(untold, beside):
    untold()
    found = []
    with transaction.atomic():
        Lane.objects.select_for_update().get()
        beside(lambda: found.append(sweep.find())).join()
    assert found == [[]]


# --- Telling, and working here ------------------------------------------------------


def test_it_tells_the_workers_of_what_it_found():
    assert sweep.tell([("effects:a", False), ("effects:b", False)]) == []
    assert hints() == 2


def test_it_tells_of_an_overdue_lane_and_works_it_too():
    assert sweep.tell([("effects:a", True), ("effects:b", False)]) == ["effects:a"]
    assert hints() == 2


def test_it_works_what_the_broker_does_not_take(no_broker):
    assert sweep.tell([("effects:a", False)]) == ["effects:a"]


def test_it_makes_a_long_queue_no_longer(monkeypatch):
    monkeypatch.setattr(dispatch, "LONG_QUEUE", 1)
    sweep.tell([("effects:a", False), ("effects:b", False)])
    assert sweep.tell([("effects:c", False), ("effects:d", True)]) == ["effects:d"]
    assert hints() == 2


def test_it_works_a_lane_in_this_process_and_counts_its_turns(submit):
    submit()
    sweep.work_here(["effects:a"])
    assert (times("a"), times("inline_runs")) == (1, 1)


def test_it_works_on_without_a_broker_until_nothing_is_left(submit, no_broker):
    [submit() for _ in range(12)]
    submit(resource_id="b")
    sweep.work_here(["effects:a", "effects:b"])
    assert (times("a"), times("b"), times("inline_runs")) == (12, 1, 3)


def test_it_hands_what_is_left_to_the_workers_where_there_is_a_broker(submit):
    [submit() for _ in range(12)]
    sweep.work_here(["effects:a"])
    assert (times("a"), hints()) == (10, 1)


def test_it_leaves_to_the_next_sweep_what_takes_too_long(submit, monkeypatch):
    monkeypatch.setattr(sweep, "SECONDS_HERE", -1)
    submit()
    sweep.work_here(["effects:a"])
    assert times("a") == 0


# --- Chores -----------------------------------------------------------------------


@pytest.fixture
def done(monkeypatch):
    """What chores were done; there are two, one of them due every minute."""
    done = []

    def chore(name, every):
        return chores.Chore(name, every, lambda: done.append(name))

    ours = [chore("daily", timedelta(days=1)), chore("always", timedelta(0))]
    monkeypatch.setattr(chores, "registered", {each.name: each for each in ours})
    return done


def test_it_does_each_chore_when_it_is_due_again(done):
    sweep.do_chores()
    sweep.do_chores()
    assert done == ["daily", "always", "always"]


def test_it_does_no_chore_that_another_worker_has_taken(done):
    Turn.objects.create(chore="daily", taken_at=timezone.now())
    sweep.do_chores()
    assert done == ["always"]


def test_it_does_a_chore_that_was_taken_before_the_clock_was_set_back(done):
    Turn.objects.create(chore="daily", taken_at=IN_A_CENTURY)
    sweep.do_chores()
    assert done == ["daily", "always"]


@pytest.mark.parametrize("column", ["ready_at", "lease_until", "hinted_at"])
def test_it_wakes_a_lane_that_a_clock_set_back_has_left_in_the_future(untold, column):
    untold(lease_until=LONG_AGO)
    Lane.objects.update(**{column: IN_A_CENTURY})
    assert sweep.find() == []
    chores.registered["tasks.chores.recall"].run()
    Lane.objects.update(hinted_at=F("hinted_at") - timedelta(seconds=3))
    assert sweep.find() == [("effects:a", False)]


def test_it_leaves_a_pause_as_it_is(untold):
    soon = timezone.now() + timedelta(seconds=40)
    untold(ready_at=soon)
    assert sweep.recall() == 0
    assert Lane.objects.get().ready_at == soon


def test_the_audit_and_the_recall_are_chores():
    found = {name: each.every for name, each in chores.registered.items()}
    assert found["tasks.chores.audit"] == timedelta(minutes=10)
    assert found["tasks.chores.recall"] == timedelta(minutes=1)


# --- The threads ------------------------------------------------------------------


def test_the_helper_does_one_thing_at_a_time():
    helper, going, done = sweep.Helper(), threading.Event(), []
    helper.offer(lambda: (going.wait(30), done.append("first")))
    helper.offer(lambda: done.append("second"))
    is_busy = helper.busy_since is not None
    going.set()
    wait_until(lambda: helper.busy_since is None)
    helper.offer(lambda: done.append("third"))
    wait_until(lambda: helper.busy_since is None)
    assert (is_busy, done) == (True, ["first", "third"])


def test_the_helper_is_free_again_after_what_failed(caplog):
    helper = sweep.Helper()
    with caplog.at_level(logging.ERROR):
        helper.offer(lambda: 1 / 0)
        wait_until(lambda: helper.busy_since is None)
    assert [record.message for record in caplog.records] == ["sweep_failed"]


def test_the_helper_is_stuck_when_one_thing_takes_a_minute():
    helper = sweep.Helper()
    assert not helper.is_stuck
    helper.busy_since = time.monotonic() - 61
    assert helper.is_stuck


@pytest.mark.django_db(transaction=True)
def test_a_round_works_an_overdue_lane_beside_the_sweep(untold):
    untold(ready_at=LONG_AGO)
    sweeper = sweep.Sweeper()
    sweeper.round()
    wait_until(lambda: sweeper.helper.busy_since is None)
    assert (times("a"), hints()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_a_round_that_finds_nothing_does_the_chores_now_and_then(done):
    sweeper = sweep.Sweeper()
    sweeper.round()
    wait_until(lambda: sweeper.helper.busy_since is None)
    sweeper.round()
    wait_until(lambda: sweeper.helper.busy_since is None)
    assert done == ["daily", "always"]


@pytest.mark.django_db(transaction=True)
def test_the_sweep_goes_on_after_a_round_that_failed(monkeypatch, untold, caplog):
    monkeypatch.setattr(sweep, "PAUSE", 0.01)
    rounds = iter([lambda: 1 / 0])
    real = sweep.Sweeper.round
    monkeypatch.setattr(
        sweep.Sweeper, "round", lambda self: next(rounds, lambda: real(self))()
    )
    untold()
    sweeper = sweep.Sweeper()
    sweeper.start()
    wait_until(lambda: hints() == 2)  # that of the acceptance too
    sweeper.stop()
    [thread.join() for thread in threading.enumerate() if thread.name == "sweep"]
    wait_until(lambda: sweeper.helper.busy_since is None)
    assert "sweep_failed" in [record.message for record in caplog.records]


def wait_until(holds) -> None:
    ends = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.01)


# --- A worker that hears nothing any more -------------------------------------------


@pytest.fixture
def ears():
    """Ears that heard something so many seconds ago, and missed a lane so long."""

    def ears(*, heard: float, missed_since: float) -> sweep.Ears:
        ears, now = sweep.Ears(), time.monotonic()
        ears.heard_at, ears.missed_since = now - heard, now - missed_since
        ears.missed_at = now - 1
        ears.missed()
        return ears

    return ears


def test_a_worker_is_deaf_that_is_told_of_nothing_while_lanes_are_overdue(ears):
    assert ears(heard=61, missed_since=61).are_deaf


def test_a_worker_is_not_deaf_that_was_told_of_something(ears):
    listening = ears(heard=61, missed_since=61)
    listening.heard()
    assert not listening.are_deaf
    assert not ears(heard=59, missed_since=600).are_deaf


def test_a_worker_is_not_deaf_where_lanes_are_overdue_since_a_moment(ears):
    assert not ears(heard=600, missed_since=59).are_deaf


def test_a_worker_is_not_deaf_where_nothing_was_overdue_in_between(ears):
    listening = ears(heard=600, missed_since=600)
    listening.missed_at = time.monotonic() - 16
    listening.missed()
    assert not listening.are_deaf


def test_a_worker_is_not_deaf_while_the_broker_is_away(ears, no_broker):
    assert not ears(heard=600, missed_since=600).are_deaf


LEAVING = """
import signal, sys, time
sys.path.insert(0, ".")
import django; django.setup()
from tasks import sweep
{}
sweep.leave()
time.sleep(60)
"""


@pytest.mark.parametrize(
    ("before", "status"),
    [
        ("", -signal.SIGTERM),
        (
            "sweep.LAST_GRACE = 0.1; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
            70,
        ),
    ],
    ids=["in order", "by force"],
)
def test_a_worker_that_leaves_is_gone(before, status):
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    left = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LEAVING.format(before)],
        env=environ,
        capture_output=True,
        timeout=50,
    )
    assert left.returncode == status


@pytest.mark.django_db(transaction=True)
def test_what_fails_leaves_no_broken_connection_behind(caplog):
    connection.ensure_connection()
    sweep.guarded(lambda: 1 / 0)
    assert [record.message for record in caplog.records] == ["sweep_failed"]
    assert connection.connection is None
