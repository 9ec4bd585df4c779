"""The count of requests and the epoch, in Redis and without it."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
import time_machine
from django.conf import settings
from django.db import transaction

from access import epoch
from access.epoch import Rate, count, raise_epoch_on_commit, read_epoch


@pytest.fixture
def no_redis(monkeypatch, settings):
    """Redis is gone: nobody listens on its socket."""
    gone = redis.Redis.from_url("unix:///nowhere/redis.sock")
    monkeypatch.setattr(epoch, "_redis", lambda: gone)
    monkeypatch.setattr(epoch, "_line", epoch._Line())
    monkeypatch.setattr(epoch, "_away_until", 0.0)


def server():
    return redis.Redis.from_url(settings.REDIS_URL)


def test_it_grants_the_limit_and_not_one_more():
    granted = [count("a", 3).is_granted for _ in range(5)]
    assert granted == [True, True, True, False, False]


def test_it_says_what_is_left_and_when_more_comes():
    first, second = count("a", 2), count("a", 2)
    assert (first.remaining, second.remaining) == (1, 0)
    assert 59 <= first.reset <= 61


def test_it_counts_each_bucket_by_itself():
    count("a", 1)
    assert count("b", 1).is_granted


def test_it_counts_nothing_without_a_limit():
    assert [count("a", 0).is_granted for _ in range(3)] == [True, True, True]
    assert not server().exists("rate:a")


def test_it_grants_no_more_than_the_limit_to_many_at_once():
    with ThreadPoolExecutor(8) as pool:
        rates = list(pool.map(lambda _: count("a", 50), range(200)))
    assert sum(rate.is_granted for rate in rates) == 50


def test_it_forgets_what_is_older_than_a_minute():
    now = server().time()[0]
    server().hset(
        "rate:a", mapping={"used": 3, "oldest": now - 61, now - 61: 2, now: 1}
    )
    assert count("a", 3) == Rate(3, True, 1, 61, read_epoch())


def test_it_still_counts_what_is_a_minute_old():
    now = server().time()[0]
    server().hset("rate:a", mapping={"used": 2, "oldest": now - 58, now - 58: 2})
    rate = count("a", 2)
    assert not rate.is_granted
    assert rate.reset in (2, 3)


def test_it_leaves_nothing_of_a_client_that_went_away():
    count("a", 5)
    assert 0 < server().ttl("rate:a") <= 62


def test_the_epoch_stays_until_it_is_raised():
    before = read_epoch()
    assert read_epoch() == before


@pytest.mark.django_db(transaction=True)
def test_the_epoch_is_raised_by_a_commit():
    before = read_epoch()
    with transaction.atomic():
        raise_epoch_on_commit()
        assert read_epoch() == before
    assert read_epoch() == before + 1


@pytest.mark.django_db(transaction=True)
def test_the_epoch_is_not_raised_by_what_was_rolled_back():
    before = read_epoch()
    with transaction.atomic():
        raise_epoch_on_commit()
        transaction.set_rollback(True)
    assert read_epoch() == before


@pytest.mark.django_db(transaction=True)
def test_the_epoch_is_raised_by_who_failed_to_reach_redis_a_moment_ago(monkeypatch):
    before = read_epoch()
    monkeypatch.setattr(epoch, "_away_until", time.monotonic() + 60)
    raise_epoch_on_commit()
    assert read_epoch() == before + 1


@pytest.mark.django_db(transaction=True)
def test_an_epoch_that_was_lost_never_comes_back():
    before = read_epoch()
    server().delete(epoch.EPOCH)
    raise_epoch_on_commit()
    assert read_epoch() > before


def test_it_counts_here_while_redis_is_away(no_redis):
    rates = [count("a", 2) for _ in range(3)]
    assert [rate.is_granted for rate in rates] == [True, True, False]
    assert [rate.epoch for rate in rates] == [None, None, None]


def test_what_was_counted_here_is_forgotten_after_a_minute(no_redis):
    with time_machine.travel(0, tick=False) as clock:
        count("a", 1)
        clock.shift(60)
        at_sixty = count("a", 1)
        clock.shift(1)
        assert (at_sixty.is_granted, at_sixty.reset) == (False, 1)
        assert count("a", 1).is_granted


def test_it_leaves_redis_alone_for_a_while_after_it_failed(no_redis):
    count("a", 2)
    assert epoch._away_until > 0


def test_it_goes_on_after_redis_closed_the_connection():
    count("a", 5)
    server().client_kill_filter(_type="normal")
    assert count("a", 5).remaining == 3


def test_it_goes_on_after_redis_forgot_the_script():
    count("a", 5)
    server().script_flush()
    assert count("a", 5).remaining == 3


def test_it_counts_here_while_redis_hangs(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hanging = redis.Redis(port=port, socket_timeout=0.1, retry=None)
        monkeypatch.setattr(epoch, "_redis", lambda: hanging)
        monkeypatch.setattr(epoch, "_line", epoch._Line())
        monkeypatch.setattr(epoch, "_away_until", 0.0)
        rates = [count("a", 2) for _ in range(3)]
    assert [rate.is_granted for rate in rates] == [True, True, False]
