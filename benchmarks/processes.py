"""What a process costs before it has done anything: time to start, and memory."""

import time

from benchmarks import machine
from benchmarks.client import load, request
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import APPLICATIONS, GRANIAN, World, answers, free_port, wait_for
from config.processes import stop

MEBIBYTE = 2**20


def questions(world: World) -> list[Question]:
    for name in ("product", "peer"):
        started(world, name)  # compiles what was not started before
    return [
        Question(
            "process_start",
            "Web process: from start to the first answer",
            "ms",
            {
                "product": lambda: started(world, "product")[0],
                "peer": lambda: started(world, "peer")[0],
            },
            [Goal("peer", most=3)],
            rounds=3,
        ),
        Question(
            "process_memory",
            "Web process: memory after 200 requests",
            "MB",
            {
                "product": lambda: started(world, "product")[1],
                "peer": lambda: started(world, "peer")[1],
            },
            [Goal("peer", most=2.5)],
            rounds=1,
        ),
    ]


def started(world: World, name: str) -> tuple[Sample, Sample]:
    """Start a server; return what its start took and what it holds."""
    port = free_port()
    began = time.perf_counter()
    process = world.spawn([*GRANIAN, "--port", str(port), APPLICATIONS[name]])
    try:
        wait_for(lambda: answers(port), f"the {name} server")
        milliseconds = 1000 * (time.perf_counter() - began)
        load(port, [request("GET", "/healthz")], count=200)
        held = machine.resident(process.pid) / MEBIBYTE
        time.sleep(1.5)  # it loses a signal that comes too early
    finally:
        stop(process, 15, 15)
    return Sample(milliseconds), Sample(held)
