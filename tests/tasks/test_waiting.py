"""Waiting for a task to end."""

import threading

import pytest
from django.db import connection

from tasks import waiting
from tasks.models import Task

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def places(monkeypatch):
    """Two may wait at once."""
    places = threading.BoundedSemaphore(2)
    monkeypatch.setattr(waiting, "_places", places)
    return places


class Clock:
    """Time that passes in pauses alone; keeps whether each kept a connection."""

    def __init__(self):
        self.now, self.pauses = 0.0, []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.pauses.append((seconds, connection.connection is not None))
        self.now += seconds


@pytest.fixture
def pauses(monkeypatch):
    """The pauses between two looks, each with whether a connection was kept."""
    clock = Clock()
    monkeypatch.setattr(waiting, "time", clock)
    return clock.pauses


def test_it_returns_at_once_where_the_task_has_ended(submit, work, pauses):
    task = submit()
    work()
    ended = waiting.until_ended(Task.objects.get(pk=task.pk), 30)
    assert (ended.state, pauses) == ("complete", [])


def test_it_keeps_no_connection_between_two_looks(submit, pauses):
    waiting.until_ended(submit(), 0.05)
    assert {kept for _, kept in pauses} == {False}


def test_it_looks_less_and_less_often(submit, pauses):
    waiting.until_ended(submit(), 0.1)
    asked = [seconds for seconds, _ in pauses]
    assert asked == pytest.approx([0.01, 0.015, 0.0225, 0.03375, 0.01875])


def test_it_shows_the_ending_that_came_while_it_waited(submit, worker):
    assert waiting.until_ended(submit(), 30).state == "complete"


def test_it_gives_its_place_back_whatever_happens(submit, places, monkeypatch):
    def fail(task, ends):
        raise RuntimeError

    task = submit()
    waiting.until_ended(task, 0)
    monkeypatch.setattr(waiting, "_look", fail)
    with pytest.raises(RuntimeError):
        waiting.until_ended(task, 0)
    assert [places.acquire(blocking=False) for _ in range(3)] == [True, True, False]


def test_it_does_not_wait_where_no_place_is_left(submit, places, pauses):
    places.acquire()
    places.acquire()
    assert waiting.until_ended(submit(), 30).has_ended is False
    assert pauses == []
