"""Long runs and measurements: `make soak`. Each prints its seed and its numbers."""

import os
import random
import signal
import statistics
import threading
import time

import pytest

from tasks import failpoints
from tests.faults import arms
from tests.faults.checker import check
from tests.faults.clients import Client, Crowd
from tests.faults.house import House

pytestmark = pytest.mark.soak

TASKS = int(os.environ.get("SOAK_TASKS", "20000"))
SECONDS = int(os.environ.get("SOAK_SECONDS", "600"))
CLIENTS = 20
HOT = [f"hot{number}" for number in range(6)]
COLD = [f"cold{number}" for number in range(300)]


# --- Everything at once ---------------------------------------------------------


class Chaos:
    """What happens to a house, drawn from a seed and counted."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.random = house, random.Random(seed)
        self.counts: dict[str, int] = {}
        self.down: dict[str, float] = {}  # what is put right, and when
        self.deeds = {
            self.arm_a_failpoint: 12,
            self.kill_a_worker: 3,
            self.kill_a_pool_process: 4,
            self.end_a_worker_in_order: 1,
            self.kill_the_web_server: 1,
            self.kill_the_broker: 2,
            self.freeze_the_broker: 1,
            self.wipe_the_broker: 2,
            self.double_hints: 3,
            self.drop_hints: 3,
            self.reverse_hints: 2,
            self.restart_the_database: 2,
            self.lose_a_commits_answer: 3,
        }

    def step(self) -> None:
        self.put_right()
        deed = self.random.choices([*self.deeds], [*self.deeds.values()])[0]
        if deed() is not False:
            name = deed.__name__
            self.counts[name] = self.counts.get(name, 0) + 1

    def put_right(self) -> None:
        for name, due in [*self.down.items()]:
            if time.monotonic() > due:
                del self.down[name]
                {"broker": self.house.start_broker, "ice": self.thaw}[name]()
        self.house.wake(after=6)
        self.house.keep()

    def put_all_right(self) -> None:
        self.down = dict.fromkeys(self.down, 0.0)
        self.house.proxy.is_to_lose.clear()
        arms.disarm(self.house.failpoints)
        self.put_right()
        self.house.wake()

    def worker(self) -> str:
        return self.random.choice(self.house.wanted)

    def arm_a_failpoint(self) -> None:
        acts = [arms.KILL, arms.KILL, arms.FAIL, arms.STOP]
        self.house.arm(self.random.choice(arms.NAMES), self.random.choice(acts))

    def kill_a_worker(self) -> None:
        self.house.kill(self.worker())

    def kill_a_pool_process(self) -> None:
        main = self.house.running[self.worker()].pid
        with open(f"/proc/{main}/task/{main}/children") as children:
            pids = children.read().split()
        if pids:
            os.kill(int(self.random.choice(pids)), signal.SIGKILL)

    def end_a_worker_in_order(self) -> None:
        self.house.signal(self.worker(), signal.SIGTERM)

    def kill_the_web_server(self) -> None:
        self.house.kill("web")

    def kill_the_broker(self) -> bool | None:
        if self.down:
            return False
        self.house.kill("broker")
        self.down["broker"] = time.monotonic() + self.random.uniform(0.5, 8)
        return None

    def freeze_the_broker(self) -> bool | None:
        if self.down:
            return False
        self.house.signal("broker", signal.SIGSTOP)
        self.down["ice"] = time.monotonic() + self.random.uniform(0.5, 6)
        return None

    def thaw(self) -> None:
        self.house.signal("broker", signal.SIGCONT)

    def wipe_the_broker(self) -> bool | None:
        return self.hints(lambda redis, hints: redis.flushall())

    def double_hints(self) -> bool | None:
        return self.hints(lambda redis, hints: redis.rpush("lanes", *hints))

    def drop_hints(self) -> bool | None:
        return self.hints(lambda redis, hints: redis.delete("lanes"))

    def reverse_hints(self) -> bool | None:
        def turn(redis, hints):
            redis.delete("lanes")
            redis.rpush("lanes", *reversed(hints))

        return self.hints(turn)

    def hints(self, act) -> bool | None:
        if self.down:
            return False
        with self.house.redis() as redis:
            hints = redis.lrange("lanes", 0, 200)
            if not hints:
                return False
            act(redis, hints)
        return None

    def restart_the_database(self) -> None:
        self.house.restart_postgres()

    def lose_a_commits_answer(self) -> None:
        self.house.proxy.is_to_lose.set()


def act(client: Client) -> None:
    """One wish: on a hot record or a cold one, with a key or without."""
    draw = client.random
    account = draw.choice(HOT if draw.random() < 0.3 else COLD)
    action = "REFUSE" if draw.random() < 0.02 else "PATCH"
    client.patch(account, action, key=draw.random() < 0.5)


@pytest.mark.soak(seconds=SECONDS + 300)
def test_nothing_is_lost_doubled_or_out_of_order_whatever_dies(seed, capfd):
    with House(workers=2, processes=2, threads=12) as house:
        clients = [
            Client(house.port, house.key, seed * 1000 + n) for n in range(CLIENTS)
        ]
        crowd, chaos = Crowd(clients, act), Chaos(house, seed)
        began = time.monotonic()
        crowd.start()
        while time.monotonic() < began + SECONDS and len(crowd.log) < TASKS:
            chaos.step()
            time.sleep(chaos.random.uniform(0.2, 1.6))
        crowd.stop()
        chaos.put_all_right()
        house.wait(lambda: not crowd.is_alive, patience=240)
        took = time.monotonic() - began
        house.settle(patience=180)
        report = check(house, crowd.log)
        violations = house.manage("auditlanes", "--format=json")
        tallies = dict(house.rows("SELECT name, value FROM tasks_tally"))
    with capfd.disabled():
        print(f"\nFAULT_SEED={seed}: {report}; {took:.0f} s")
        print(f"what happened: {chaos.counts}")
        print(f"tallies: {tallies}")
    assert report.broken == {}
    assert violations.strip() == "[]"
    assert report.sent >= TASKS


# --- One thing at a time ----------------------------------------------------------


def seconds_to_complete(house: House, client: Client, account: str, **more) -> float:
    """From the moment before a PATCH to the end of its task."""
    began = time.monotonic()
    sent = client.patch(account, **more)
    client.ask("GET", f"/api/tasks/{sent.task}?wait=30")
    return time.monotonic() - began


def tell(capfd, sentence: str) -> None:
    with capfd.disabled():
        print(f"\n{sentence}")


def spread(values: list[float]) -> str:
    ordered = sorted(values)
    middle, most = statistics.median(ordered), ordered[int(len(ordered) * 0.95) - 1]
    return f"p50 {middle * 1000:.0f} ms, p95 {most * 1000:.0f} ms"


def test_a_killed_workers_task_is_done_about_six_seconds_later(
    house, client_of, broken, capfd
):
    client = client_of(house)
    client.patch("a0")
    house.settle()
    took = [killed(house, client, f"b{number}") for number in range(5)]
    tell(capfd, f"recovered after a SIGKILL amid the work in {max(took):.1f} s at most")
    assert broken(house, client) == {}
    assert max(took) < 12


def killed(house: House, client: Client, account: str) -> float:
    """Have the process die that does the task; return how long it takes anyway."""
    house.arm(failpoints.BEFORE_EFFECT, arms.KILL)
    return seconds_to_complete(house, client, account)


def test_it_accepts_fast_while_the_broker_is_away(house, client_of, broken, capfd):
    client = client_of(house)
    client.patch("a0")
    with_broker = [client.patch(f"b{number}").took for number in range(100)]
    house.kill("broker")
    client.patch("a1")
    without = [client.patch(f"c{number}").took for number in range(100)]
    tell(capfd, f"accepted with {spread(with_broker)}; without: {spread(without)}")
    house.settle()
    house.start_broker()
    assert broken(house, client) == {}
    assert statistics.median(without) < 0.05


def test_a_frozen_broker_holds_an_answer_for_a_second_and_then_none(
    house, client_of, broken, capfd
):
    client = client_of(house)
    house.signal("broker", signal.SIGSTOP)
    first = client.patch("a0").took
    later = [client.patch(f"b{number}").took for number in range(20)]
    house.signal("broker", signal.SIGCONT)
    tell(capfd, f"frozen broker: {first:.2f} s, then {spread(later)}")
    assert broken(house, client) == {}
    assert first < 5


def test_workers_that_begin_without_a_broker_work(house, client_of, broken):
    house.kill("broker")
    [house.kill(name) for name in house.wanted]
    house.keep()
    client = client_of(house)
    [client.patch(f"a{number}") for number in range(20)]
    assert broken(house, client) == {}
    house.start_broker()


def test_a_flood_on_one_record_holds_up_no_other(house, client_of, broken, capfd):
    flooder, client = client_of(house), client_of(house)
    alone = [seconds_to_complete(house, client, f"q{n}") for n in range(50)]
    crowd = Crowd([flooder], lambda each: each.patch("flood", sleep=0.02))
    crowd.start()
    time.sleep(3)
    beside = [seconds_to_complete(house, client, f"q{n}") for n in range(200)]
    crowd.stop()
    house.wait(lambda: not crowd.is_alive)
    tell(capfd, f"quiet records: {spread(alone)}; beside a flood: {spread(beside)}")
    assert broken(house, flooder, client) == {}
    assert sorted(beside)[189] < 2


FLOOD = """
INSERT INTO tasks_lane (key, next_number, applied_number, ready_at, fence, is_held)
VALUES ('accounts:deep', 500000, 0, now(), 0, false);
INSERT INTO tasks_task (id, lane_id, number, resource, action, resource_id, payload,
    about, client_id, sub, name, email, scope, request_id, reason, retry_of)
SELECT lpad(to_hex(n), 24, '0'), 'accounts:deep', n, 'accounts', 'PATCH', 'deep',
    '{"token": "flood-' || n || '", "add": 1}', '', '', '', '', '', '', '', '', ''
FROM generate_series(1, 500000) AS n
"""


def test_half_a_million_waiting_on_one_record_hold_up_no_other(house, client_of, capfd):
    client = client_of(house)
    before = [seconds_to_complete(house, client, f"q{n}") for n in range(100)]
    with house.database() as database:
        database.execute(FLOOD)
    time.sleep(2)
    began, first = time.monotonic(), applied(house)
    during = [seconds_to_complete(house, client, f"q{n}") for n in range(100)]
    rate = (applied(house) - first) / (time.monotonic() - began)
    tell(
        capfd,
        f"others: {spread(before)}; beside 500,000 waiting: {spread(during)}, "
        f"of which {rate:.0f} a second were done",
    )
    assert rate > 10
    assert sorted(during)[94] < max(2 * sorted(before)[94], 1)


def applied(house: House) -> int:
    ((number,),) = house.rows(
        "SELECT applied_number FROM tasks_lane WHERE key = 'accounts:deep'"
    )
    return number


def test_a_task_that_always_fails_ends_and_lets_the_next_begin(
    house, client_of, broken
):
    client = client_of(house)
    client.patch("a0", "RAISE")
    client.patch("a0")
    assert broken(house, client) == {}
    assert house.rows("SELECT state, code, attempts FROM tasks_task ORDER BY number")[
        0
    ] == ("error", "failed_RuntimeError", 5)


@pytest.mark.soak(seconds=300)
def test_a_task_that_never_returns_ends_and_lets_the_next_begin(
    house, client_of, capfd
):
    client = client_of(house)
    began = time.monotonic()
    client.patch("a0", "HANG")
    # While it hangs it holds its lane, and others are told to come again.
    client.patch("a0", key=True)
    house.settle(patience=300)
    tell(capfd, f"a task that hangs was ended in {time.monotonic() - began:.0f} s")
    report = check(house, client.log)
    assert report.broken == {}
    assert (report.complete, report.errors) == (1, 1)


def test_eight_workers_on_one_record_keep_its_order(house, client_of, broken):
    house.wanted += [f"more{number}" for number in range(6)]
    house.keep()
    clients = [client_of(house) for _ in range(4)]
    crowd = Crowd(clients, lambda each: each.patch("one"))
    crowd.start()
    time.sleep(8)
    crowd.stop()
    house.wait(lambda: not crowd.is_alive)
    kept = broken(house, *clients)
    extra, house.wanted = house.wanted[2:], house.wanted[:2]
    [house.kill(name) for name in extra]
    assert kept == {}


def test_waiters_leave_threads_for_others(house, client_of, capfd):
    client = client_of(house)
    [house.signal(name, signal.SIGSTOP) for name in house.wanted]
    sent = client.patch("a0")
    ask = [
        threading.Thread(
            target=client.ask, args=("GET", f"/api/tasks/{sent.task}?wait=4")
        )
        for _ in range(house.threads * 2)
    ]
    [thread.start() for thread in ask]
    time.sleep(0.5)
    began = time.monotonic()
    status, _ = client.ask("GET", "/healthz")
    took = time.monotonic() - began
    [thread.join() for thread in ask]
    [house.signal(name, signal.SIGCONT) for name in house.wanted]
    house.settle()
    tell(capfd, f"/healthz beside {len(ask)} waiters: {took * 1000:.0f} ms")
    assert status == 200
    assert took < 1


def test_a_storm_of_polls_is_answered_and_stops_no_work(
    house, client_of, broken, capfd
):
    client = client_of(house)
    first = client.patch("a0", sleep=2)
    pollers = [client_of(house) for _ in range(30)]
    answers = []

    def poll(each):
        status, _ = each.ask("GET", f"/api/tasks/{first.task}")
        answers.append(status)

    crowd = Crowd(pollers, poll)
    crowd.start()
    took = [seconds_to_complete(house, client, f"b{number}") for number in range(20)]
    crowd.stop()
    house.wait(lambda: not crowd.is_alive)
    tell(capfd, f"{len(answers)} polls answered; tasks beside them: {spread(took)}")
    assert set(answers) == {200}
    assert broken(house, client) == {}
