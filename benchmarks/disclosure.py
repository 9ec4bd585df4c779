"""What a row of the disclosure log costs, beside the page of a list that it tells of.

`python -m benchmarks.disclosure` logs a page of 100 people for a while, as each page
does, and prints the CPU (ms) that each row took of this process.
"""

import subprocess
import sys
import time

import benchmarks.registry  # noqa: F401 (first: what follows needs Django)

# isort: split
from access.callers import Caller
from access.disclosure import disclose
from benchmarks import machine
from benchmarks.list_page import PAGES, SIZE, continuation_key, page_request
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import ROOT, World

TIMES = 2_000
CALLER = Caller(client_id="benchmark", sub="benchmark", purpose="Benchmark")


def questions(world: World) -> list[Question]:
    key = continuation_key(world, SIZE)
    pages = [page_request(world, key, page, SIZE) for page in PAGES]
    return [
        Question(
            "disclosure",
            f"Disclosure log: the row of a page of {SIZE}",
            "ms CPU, of the database too",
            {
                "row": lambda: row(world),
                "list page": lambda: page(world, pages),
            },
            [Goal("list page", most=1 / 6)],
            rounds=3,
        )
    ]


def page(world: World, pages: list[bytes]) -> Sample:
    return _whole(world.loaded("product", pages))


def row(world: World) -> Sample:
    """Log in a process of its own, on the server's core."""
    database = [world.engines["postgres"]]
    before = machine.cpu_seconds(database)
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.disclosure"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    machine.pin([process.pid], machine.SERVER_CORES)
    said = process.stdout.readline() if process.stdout else ""
    after = machine.cpu_seconds(database)  # while its connection is there
    process.communicate(timeout=120)
    database_ms = 1000 * (after - before) / TIMES
    return _whole(Sample(0, server_ms=float(said), database_ms=database_ms))


def _whole(sample: Sample) -> Sample:
    whole = (sample.server_ms or 0) + (sample.database_ms or 0)
    return Sample(whole, sample.server_ms, sample.database_ms)


def main() -> None:
    ids = [f"{number:024x}" for number in range(SIZE)]
    log(ids)
    began = time.process_time()
    for _ in range(TIMES):
        log(ids)
    print(1000 * (time.process_time() - began) / TIMES, flush=True)
    sys.stdin.read()


def log(ids: list[str]) -> None:
    """As a page does, which writes nothing else."""
    disclose(caller=CALLER, door="list", what="page", profile_ids=ids, is_read=True)


if __name__ == "__main__":
    main()
