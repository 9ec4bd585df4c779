"""Telling the workers: short, never in the way, and not again and again in vain."""

import socket

import pytest

from config.broker import client
from config.celery import app
from tasks import dispatch, worker
from tests.tasks.handlers import times

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker_at(settings):
    """Have the broker elsewhere, for this test."""

    def broker_at(url) -> None:
        settings.REDIS_URL = url
        dispatch.broker.cache_clear()

    yield broker_at
    dispatch.broker.cache_clear()


def test_a_hint_is_a_message_that_celery_reads():
    assert dispatch.hint("effects:a") is True
    with app.connection_for_read() as read, read.SimpleQueue("lanes") as queue:
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload == [["effects:a"], {}, {}]
    assert message.headers["task"] == "tasks.run_lane"


def test_a_broker_that_is_away_is_counted_and_not_asked_again_for_a_while(
    broker_at, settings
):
    its_url = settings.REDIS_URL
    broker_at("unix:///nowhere/broker")
    assert dispatch.hint("effects:a") is False
    broker_at(its_url)
    assert dispatch.hint("effects:a") is False
    assert dispatch.queue_is_long() is False
    assert (dispatch.breaker.is_open, times("publish_failures")) == (True, 1)
    assert client().llen("lanes") == 0


def test_a_broker_is_asked_again_after_a_while():
    dispatch.breaker.trip()
    dispatch.breaker.open_until -= 5
    assert dispatch.hint("effects:a") is True


def test_a_broker_that_never_answers_is_given_up(broker_at, tmp_path, monkeypatch):
    monkeypatch.setattr(dispatch, "SOCKET_TIMEOUT", 0.2)
    with socket.socket(socket.AF_UNIX) as frozen:
        frozen.bind(str(tmp_path / "s"))
        frozen.listen()
        broker_at(f"unix://{tmp_path}/s")
        assert dispatch.hint("effects:a") is False
    assert dispatch.breaker.is_open


def test_a_connection_that_the_broker_closed_is_made_anew():
    client().client_kill_filter(_id=str(dispatch.broker().client_id()))
    assert dispatch.hint("effects:a") is True
    assert not dispatch.breaker.is_open


def test_the_hint_that_waited_longest_is_taken_first():
    dispatch.hint("effects:a")
    dispatch.hint("effects:b")
    assert dispatch.next_lane() == "effects:a"
    assert dispatch.next_lane() == "effects:b"
    assert dispatch.next_lane() is None


def test_what_is_no_hint_is_dropped():
    client().lpush("lanes", "{}", "no JSON", '{"body": "[]"}')
    assert [dispatch.next_lane() for _ in range(3)] == [None] * 3
    assert client().llen("lanes") == 0


def test_no_hint_is_taken_of_a_broker_that_is_away(broker_at):
    dispatch.hint("effects:a")
    broker_at("unix:///nowhere/broker")
    assert dispatch.next_lane() is None
    assert dispatch.breaker.is_open


def test_a_process_works_on_with_what_lies_in_the_queue(submit):
    submit(resource_id="a")
    submit(resource_id="b")
    client().rpop("lanes")  # as Celery does for it
    worker.run_lane("effects:a")
    assert (times("a"), times("b")) == (1, 1)
    assert client().llen("lanes") == 0


def test_a_process_leaves_the_queue_to_others_after_a_while(submit, monkeypatch):
    monkeypatch.setattr(worker, "SECONDS_AT_ONCE", 0)
    submit(resource_id="a")
    submit(resource_id="b")
    client().rpop("lanes")
    worker.run_lane("effects:a")
    assert (times("a"), times("b")) == (1, 0)
    assert client().llen("lanes") == 1


def test_a_queue_is_long_past_what_the_workers_need(monkeypatch):
    monkeypatch.setattr(dispatch, "LONG_QUEUE", 1)
    dispatch.hint("effects:a")
    assert dispatch.queue_is_long() is False
    dispatch.hint("effects:b")
    assert dispatch.queue_is_long() is True
