"""How many tasks one worker process does in a second, with many waiting."""

import signal
import time
import uuid

from django.db import connection
from django.db.models import Max, Min

from benchmarks import machine
from benchmarks.accept import BODY, empty
from benchmarks.client import load, request
from benchmarks.get_one import some_ids
from benchmarks.list_page import URL
from benchmarks.peer import ACCEPT
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import World, wait_for
from config.broker import client
from tasks.models import Task

TIMES = 2_000


def questions(world: World) -> list[Question]:
    ids = some_ids(TIMES)
    return [
        Question(
            "tasks_rate",
            "Tasks by one worker process",
            "tasks/s",
            {
                "product": lambda: by_the_product(world, ids),
                "loop": lambda: by_the_loop(world, ids),
            },
            [Goal("loop", least=0.2)],
            rounds=3,
        )
    ]


def by_the_product(world: World, ids: list[str]) -> Sample:
    requests = [request("PATCH", f"{URL}/{pk}", key=world.key, body=BODY) for pk in ids]
    with world.worker() as worker:
        signalled(worker.pid, signal.SIGSTOP)
        load(world.server("product").port, requests, count=len(ids), expected=202)
        signalled(worker.pid, signal.SIGCONT)
        return ended()


def by_the_loop(world: World, ids: list[str]) -> Sample:
    tasks = [uuid.uuid4().hex[:24] for _ in ids]
    with connection.cursor() as cursor:
        for pk, task in zip(ids, tasks, strict=True):
            cursor.execute(ACCEPT, {"id": pk, "task": task, "payload": "{}"})
    client().lpush("peer", *tasks)
    with world.loop():
        return ended()


def signalled(pid: int, number: int) -> None:
    for process in machine.family(pid):
        process.send_signal(number)


def ended() -> Sample:
    """Wait for all to end; return how many that was a second."""
    wait_for(lambda: not unfinished(), "the end of all tasks")
    assert not Task.objects.exclude(state="complete").exists()
    bounds = Task.objects.aggregate(begin=Min("started_at"), end=Max("finished_at"))
    seconds = (bounds["end"] - bounds["begin"]).total_seconds()
    rate = Task.objects.count() / seconds
    empty()
    return Sample(rate)


def unfinished() -> bool:
    time.sleep(0.2)
    return Task.objects.unfinished().exists()
