"""Accepting a change that a worker will make: a 202, with the promise stored."""

from collections.abc import Callable

import orjson
from django.conf import settings
from django.db import connection

from benchmarks.client import ask, request
from benchmarks.get_one import some_ids
from benchmarks.list_page import URL
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import World
from config.broker import client
from tasks.models import Task

BODY = orjson.dumps(
    {"course_assessment": {"submit_date": "2020-03-05T17:53:46Z", "opt_out_date": None}}
)
HOW_MANY = 2_000


def questions(world: World) -> list[Question]:
    ids = some_ids(HOW_MANY)
    product = [request("PATCH", f"{URL}/{pk}", key=world.key, body=BODY) for pk in ids]
    peer = [request("PATCH", f"/accept/{pk}", body=BODY) for pk in ids]
    for server, raw in {"product": product, "peer": peer, "naive": peer}.items():
        check(world, server, raw[0])
    return [
        Question(
            "accept",
            "Accept a PATCH (202)",
            "requests/s",
            {
                "product": emptied(lambda: accepted(world, "product", product)),
                "peer": emptied(lambda: accepted(world, "peer", peer)),
                "naive": emptied(lambda: accepted(world, "naive", peer)),
                "floor": emptied(lambda: world.floor("accept", *ids)),
            },
            [Goal("peer", least=0.15)],
        )
    ]


def accepted(world: World, server: str, requests: list[bytes]) -> Sample:
    return world.loaded(server, requests, expected=202)


def emptied(measure: Callable[[], Sample]) -> Callable[[], Sample]:
    """Measure, and take away what was accepted: nobody works it."""

    def measured() -> Sample:
        try:
            return measure()
        finally:
            empty()

    return measured


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tasks_task, tasks_lane CASCADE")
    client().delete(settings.CELERY_TASK_DEFAULT_QUEUE, "peer", "naive")


def check(world: World, server: str, raw: bytes) -> None:
    """See that the answer is the same, and that the promise is stored."""
    empty()
    answer = ask(world.server(server).port, raw)
    assert answer.status == 202, answer
    assert orjson.loads(answer.body) == {"status": "accepted"}
    assert Task.objects.filter(pk=answer.headers["location"].split("/")[-1]).exists()
    empty()
