"""The promises of a 202, with real processes that die."""

import signal
import threading

import pytest

from tasks import failpoints
from tests.faults import arms

ACCOUNTS = [f"a{number}" for number in range(8)]
WORKER_POINTS = [
    failpoints.AFTER_CLAIM_COMMIT,
    failpoints.BEFORE_EFFECT,
    failpoints.AFTER_EFFECT,
    failpoints.AFTER_EFFECT_COMMIT,
]
WEB_POINTS = [failpoints.BEFORE_ACCEPT_COMMIT, failpoints.AFTER_ACCEPT_COMMIT]


def send(client, count: int, **options) -> None:
    """PATCH so many accounts in turn."""
    for number in range(count):
        client.patch(ACCOUNTS[number % len(ACCOUNTS)], **options)


def states(house) -> list[tuple]:
    return house.rows("SELECT state, code FROM tasks_task ORDER BY lane_id, number")


def test_it_keeps_its_promises_in_peace(house, client_of, broken):
    client = client_of(house)
    send(client, 40)
    assert broken(house, client) == {}
    assert set(states(house)) == {("complete", "")}


@pytest.mark.parametrize("act", [arms.KILL, arms.FAIL])
def test_it_keeps_them_when_workers_die_or_fail_anywhere(house, client_of, broken, act):
    [house.arm(name, act) for name in [*WORKER_POINTS, failpoints.IN_SWEEP]]
    client = client_of(house)
    send(client, 40)
    assert broken(house, client) == {}
    assert set(states(house)) == {("complete", "")}
    house.wait(lambda: arms.armed(house.failpoints) == [])


def test_it_keeps_them_when_the_web_server_dies_while_it_accepts(
    house, client_of, broken
):
    [house.arm(name, arms.KILL) for name in WEB_POINTS]
    client = client_of(house)
    house.meanwhile(lambda: send(client, 16, key=True))
    assert broken(house, client) == {}
    assert len(states(house)) == 16
    assert arms.armed(house.failpoints) == []


def test_a_worker_that_comes_back_from_the_dead_changes_nothing(
    house, client_of, broken
):
    house.arm(failpoints.AFTER_CLAIM_COMMIT, arms.STOP)
    client = client_of(house)
    client.patch("a0")
    house.settle()
    assert len(house.wake()) == 1
    client.patch("a0")
    assert broken(house, client) == {}
    house.wait(lambda: house.rows("SELECT value FROM tasks_tally") != [])
    tallies = dict(house.rows("SELECT name, value FROM tasks_tally"))
    assert (tallies["crashes_recovered"], tallies["fences_lost"]) == (1, 1)


def test_it_keeps_them_when_the_broker_is_wiped_and_when_it_is_away(
    house, client_of, broken
):
    client = client_of(house)
    send(client, 16)
    house.redis().flushall()
    send(client, 8)
    house.kill("broker")
    send(client, 16)
    house.settle()
    house.start_broker()
    send(client, 8)
    assert broken(house, client) == {}
    assert set(states(house)) == {("complete", "")}


def test_it_keeps_them_when_hints_are_doubled_reversed_and_dropped(
    house, client_of, broken
):
    client = client_of(house)

    def told():
        """Whether hints lie there; none do while a broken circuit is still open."""
        send(client, 12)
        return house.redis().llen("lanes") > 4

    [house.signal(name, signal.SIGSTOP) for name in house.wanted]
    house.wait(told)
    hints = house.redis().lrange("lanes", 0, -1)
    house.redis().delete("lanes")
    house.redis().rpush("lanes", *hints[::2], *hints[::2])
    [house.signal(name, signal.SIGCONT) for name in house.wanted]
    assert broken(house, client) == {}


def test_it_keeps_them_when_the_database_restarts(house, client_of, broken):
    client = client_of(house)
    crowd = threading.Thread(target=send, args=[client, 40], kwargs={"key": True})
    crowd.start()
    house.restart_postgres()
    house.restart_postgres()
    crowd.join()
    assert broken(house, client) == {}
    assert len(states(house)) == 40


def test_two_lanes_that_lock_each_others_rows_both_go_on(house, client_of, broken):
    client = client_of(house)
    for_each_pair = [
        (
            client.patch("a0", "CROSS", order=["x", "y"]),
            client.patch("a1", "CROSS", order=["y", "x"]),
        )
        for _ in range(5)
    ]
    assert len(for_each_pair) == 5
    assert broken(house, client) == {}
    assert set(states(house)) == {("complete", "")}


def test_a_task_that_takes_longer_than_its_lease_is_begun_once(
    house, client_of, broken
):
    client = client_of(house)
    client.patch("a0", sleep=7)
    client.patch("a0", key=True)  # the first holds the lane, if it has begun
    assert broken(house, client) == {}
    begun = house.rows("SELECT attempts, crashes FROM tasks_task ORDER BY number")
    assert begun == [(1, 0), (1, 0)]


@pytest.mark.soak
def test_a_task_that_kills_its_workers_ends_and_lets_the_next_begin(
    house, client_of, broken
):
    client = client_of(house)
    client.patch("a0", "KILL")
    client.patch("a0")
    assert broken(house, client) == {}
    assert states(house) == [("error", "worker_lost"), ("complete", "")]


@pytest.mark.soak
def test_an_old_worker_leaves_what_only_a_newer_one_knows(house, client_of, broken):
    house.extra_environ |= {name: {"RELEASE": "old"} for name in house.wanted}
    [house.kill(name) for name in house.wanted]
    house.keep()
    client = client_of(house)
    client.patch("a0")
    client.patch("a0", "NEW")
    client.patch("a1")
    house.wait(lambda: house.unfinished() == 1)
    [house.extra_environ.pop(name) for name in house.wanted]
    house.kill(house.wanted[0])
    assert broken(house, client) == {}
    assert set(states(house)) == {("complete", "")}
    house.kill(house.wanted[1])


def test_one_key_from_twenty_threads_is_accepted_once(house, client_of, broken):
    client = client_of(house)
    body = '{"token": "once", "add": 1}'
    answers = []

    def ask():
        answers.append(client.ask("PATCH", "/accounts/a0", body, "the-key"))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    accepted = {location for status, location in answers if status == 202}
    assert broken(house) == {}
    assert {status for status, _ in answers} <= {202, 409}
    assert (len(accepted), len(states(house))) == (1, 1)


@pytest.mark.parametrize("key", [True, False])
def test_it_finds_what_it_accepted_when_the_commits_answer_was_lost(
    house, client_of, broken, key
):
    client = client_of(house)
    client.patch("a0")
    house.proxy.is_to_lose.set()
    sent = client.patch("a0", key=key)
    assert (sent.status, house.proxy.is_to_lose.is_set()) == (202, False)
    assert broken(house, client) == {}
    assert len(states(house)) == 2


def test_waiters_leave_threads_for_those_who_do_not_wait(house, client_of, broken):
    client = client_of(house)
    [house.signal(name, signal.SIGSTOP) for name in house.wanted]
    sent = client.patch("a0")
    ask = ("GET", f"/api/tasks/{sent.task}?wait=5")
    waiters = [
        threading.Thread(target=client.ask, args=ask) for _ in range(2 * house.threads)
    ]
    [waiter.start() for waiter in waiters]
    status, _ = client.ask("GET", "/healthz")
    is_one_waiting = any(waiter.is_alive() for waiter in waiters)
    [house.signal(name, signal.SIGCONT) for name in house.wanted]
    [waiter.join() for waiter in waiters]
    assert (status, is_one_waiting) == (200, True)
    assert broken(house, client) == {}
