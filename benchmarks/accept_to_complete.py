"""From the acceptance of a change to its end, while nothing else is to be done."""

import statistics
import time
import uuid

import orjson
from django.db import connection
from django.db.models import F

from benchmarks.accept import empty
from benchmarks.client import Connection, request
from benchmarks.get_one import some_ids
from benchmarks.list_page import URL
from benchmarks.peer import ACCEPT
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import World, wait_for
from config.broker import client
from tasks.models import Task

TIMES = 150
PAUSE = 0.02  # seconds between two


def questions(world: World) -> list[Question]:
    ids = some_ids(TIMES)
    return [
        Question(
            "accept_to_complete",
            "From accept to complete, idle, p50",
            "ms",
            {
                "product": lambda: by_the_product(world, ids),
                "loop": lambda: by_the_loop(world, ids),
            },
            [Goal("loop", most=5)],
            rounds=3,
        )
    ]


def by_the_product(world: World, ids: list[str]) -> Sample:
    with world.worker():
        connection = Connection(world.server("product").port)
        for number, pk in enumerate(ids[:TIMES]):
            moment = f"2020-03-05T17:{number // 60 % 60:02}:{number % 60:02}Z"
            dates = {"submit_date": moment, "opt_out_date": None}
            body = orjson.dumps({"course_assessment": dates})
            raw = request("PATCH", f"{URL}/{pk}", key=world.key, body=body)
            assert connection.ask(raw).status == 202
            time.sleep(PAUSE)
        connection.close()
        return ended()


def by_the_loop(world: World, ids: list[str]) -> Sample:
    with world.loop():
        for pk in ids[:TIMES]:
            task = uuid.uuid4().hex[:24]
            with connection.cursor() as cursor:
                cursor.execute(ACCEPT, {"id": pk, "task": task, "payload": "{}"})
            client().lpush("peer", task)
            time.sleep(PAUSE)
        return ended()


def ended() -> Sample:
    """Wait for all to end; return how long the median took, in milliseconds."""
    wait_for(lambda: not Task.objects.unfinished().exists(), "the end of all tasks")
    assert not Task.objects.exclude(state="complete").exists()
    taken = Task.objects.values_list(F("finished_at") - F("accepted_at"), flat=True)
    milliseconds = statistics.median(1000 * each.total_seconds() for each in taken)
    empty()
    return Sample(milliseconds)
