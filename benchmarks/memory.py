"""Whether a web process and a worker hold more the longer they work.

BENCH_MEMORY says how many requests (default 20,000; a tenth as many tasks).
"""

import os

from benchmarks import machine
from benchmarks.accept import BODY, empty
from benchmarks.client import load, request
from benchmarks.get_one import some_ids
from benchmarks.list_page import URL, continuation_key, page_request
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import World, wait_for
from tasks.models import Task

MEBIBYTE = 2**20
REQUESTS = int(os.environ.get("BENCH_MEMORY", 20_000))
WARM = 2_000  # requests after which nothing new should be kept
MOST_GROWTH = 1.05


def questions(world: World) -> list[Question]:
    return [
        grown(
            "memory_web", f"Web process over {REQUESTS:,} requests", web_process(world)
        ),
        grown(
            "memory_worker",
            f"Worker over {REQUESTS // 10:,} tasks",
            worker_process(world),
        ),
    ]


def grown(name: str, title: str, held: tuple[float, float]) -> Question:
    before, after = held
    return Question(
        name,
        f"Memory: {title}",
        "MB",
        {"in the end": lambda: Sample(after), "when warm": lambda: Sample(before)},
        [Goal("when warm", most=MOST_GROWTH)],
        rounds=1,
    )


def web_process(world: World) -> tuple[float, float]:
    """Megabytes held when warm and in the end, by all kinds of requests."""
    server = world.server("product")
    ids = some_ids(200)
    key = continuation_key(world, 100)
    pages = [page_request(world, key, page, 100) for page in range(1, 20)]
    ones = [request("GET", f"{URL}/{pk}", key=world.key) for pk in ids]
    searches = [
        request("GET", f"{URL}?netid=b00{n:05}", key=world.key) for n in range(50)
    ]
    mixed = [*ones, *pages, *searches]
    load(server.port, mixed, count=WARM)
    before = machine.resident(server.pid) / MEBIBYTE
    load(server.port, mixed, count=REQUESTS)
    return before, machine.resident(server.pid) / MEBIBYTE


def worker_process(world: World) -> tuple[float, float]:
    """Megabytes held by the worker's processes when warm and in the end."""
    with world.worker() as worker:
        work(world, WARM // 10)
        before = machine.resident(worker.pid) / MEBIBYTE
        work(world, REQUESTS // 10)
        return before, machine.resident(worker.pid) / MEBIBYTE


def work(world: World, tasks: int) -> None:
    ids = some_ids(500)
    requests = [request("PATCH", f"{URL}/{pk}", key=world.key, body=BODY) for pk in ids]
    load(world.server("product").port, requests, count=tasks, expected=202)
    wait_for(
        lambda: not Task.objects.unfinished().exists(), "the end of all tasks", 600
    )
    empty()
