"""Holds what clients saw against what is in the database.

It asks nothing of the engine but the rows of tasks; what was done is told by the
effects, which are written in the same transaction as the accounts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from tests.faults.clients import Sent
from tests.faults.house import House

TASKS = """
SELECT id, lane_id, number, state, code, attempts, crashes FROM tasks_task
"""
EFFECTS = "SELECT task, lane, number, token, added FROM effects_effect ORDER BY id"
ACCOUNTS = "SELECT key, total, count, last FROM effects_account"


@dataclass
class Report:
    """How much was asked, what came of it, and which promises were broken."""

    sent: int = 0
    accepted: int = 0
    complete: int = 0
    errors: int = 0
    unknown: int = 0  # without an answer and without a key
    crashes: int = 0
    retries: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    updates_lost: list[str] = field(default_factory=list)

    @property
    def broken(self) -> dict[str, list[str]]:
        """The promises that were broken; empty where all were kept."""
        names = ("lost", "twice", "out_of_order", "updates_lost")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.accepted} accepted, {self.complete} complete, "
            f"{self.errors} errors, {self.unknown} unanswered, "
            f"{self.crashes} crashes and {self.retries} further attempts; "
            f"{len(self.lost)} lost, {len(self.twice)} applied twice, "
            f"{len(self.out_of_order)} out of order, "
            f"{len(self.updates_lost)} updates lost"
        )


def check(house: House, log: list[Sent]) -> Report:
    """Compare; call it once every task has ended."""
    tasks = {row[0]: row for row in house.rows(TASKS)}
    effects = house.rows(EFFECTS)
    report = Report(
        sent=len(log),
        accepted=sum(sent.is_accepted for sent in log),
        complete=sum(row[3] == "complete" for row in tasks.values()),
        errors=sum(row[3] == "error" for row in tasks.values()),
        unknown=sum(not sent.is_accepted and sent.status != 429 for sent in log),
        crashes=sum(row[6] for row in tasks.values()),
        retries=sum(max(0, row[5] - 1) for row in tasks.values()),
    )
    by_task = Counter(effect[0] for effect in effects)
    by_token = Counter(effect[3] for effect in effects)
    report.lost += _lost(log, tasks, by_task, by_token)
    report.twice += _twice(tasks, by_task, by_token)
    report.out_of_order += [*_out_of_order(effects), *_before_its_time(log, tasks)]
    report.updates_lost += _updates_lost(house, effects)
    return report


def _lost(log, tasks, by_task, by_token) -> Iterator[str]:
    for sent in log:
        if sent.is_accepted and sent.task not in tasks:
            yield f"{sent.token}: no task {sent.task}"
        if sent.key and not sent.is_accepted:
            yield f"{sent.token}: never accepted, {sent.status} at last"
    for task, lane, number, state, *_ in tasks.values():
        if state not in ("complete", "error"):
            yield f"{lane} #{number} has not ended"
        if state == "complete" and by_task[task] == 0:
            yield f"{lane} #{number} is complete without an effect"
        if state == "error" and by_task[task] > 0:
            yield f"{lane} #{number} is an error with an effect"


def _twice(tasks, by_task, by_token) -> Iterator[str]:
    yield from (f"task {task}: {n} effects" for task, n in by_task.items() if n > 1)
    yield from (f"wish {token}: {n} effects" for token, n in by_token.items() if n > 1)
    yield from (f"task {task}: an effect of nothing" for task in by_task.keys() - tasks)


def _out_of_order(effects) -> Iterator[str]:
    lanes = defaultdict(list)
    for _, lane, number, *_ in effects:
        lanes[lane].append(number)
    for lane, numbers in lanes.items():
        for before, after in pairwise(numbers):
            if after <= before:
                yield f"{lane}: #{after} after #{before}"


def _before_its_time(log, tasks) -> Iterator[str]:
    """Whoever asks after another was answered has the higher number."""
    lanes = defaultdict(list)
    for sent in log:
        if sent.is_accepted and sent.task in tasks:
            lanes[sent.account].append((sent, tasks[sent.task][2]))
    for account, answered in lanes.items():
        yield from _overtakings(account, answered)


def _overtakings(account: str, answered: list[tuple[Sent, int]]) -> Iterator[str]:
    by_answer = sorted(answered, key=lambda pair: pair[0].answered_at)
    highest, begun = 0, iter(by_answer)
    upcoming = next(begun, None)
    for sent, number in sorted(answered, key=lambda pair: pair[0].sent_at):
        while upcoming and upcoming[0].answered_at < sent.sent_at:
            highest = max(highest, upcoming[1])
            upcoming = next(begun, None)
        if number < highest:
            yield f"{account}: {sent.token} has #{number}, sent after #{highest}"


def _updates_lost(house: House, effects) -> Iterator[str]:
    replayed = defaultdict(lambda: (0, 0, ""))
    for _, lane, _, token, added in effects:
        total, count, _ = replayed[lane.partition(":")[2]]
        replayed[lane.partition(":")[2]] = (total + added, count + 1, token)
    found = {key: tuple(values) for key, *values in house.rows(ACCOUNTS)}
    for key in replayed:
        if found.get(key) != replayed[key]:
            yield f"{key} is {found.get(key)}, and by its effects {replayed[key]}"
