"""What it costs to know who calls, beside a PATCH of two items.

`python -m benchmarks.access` reads a key or a token, recognises it for a while, as
each request does, and prints the CPU (ms) that each time took.
"""

import subprocess
import sys
import time

import orjson

import benchmarks.registry  # noqa: F401 (first: what follows needs Django)

# isort: split
from access.recognition import recognise
from benchmarks import machine
from benchmarks.bulk_patch import URL, bodies, some_rosters
from benchmarks.client import ask, request
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import ROOT, World

TIMES = 3_000
SCOPES = "registrations:read registrations:write"


def questions(world: World) -> list[Question]:
    token = token_of(world)
    patches = [
        request("PATCH", f"{URL}/{unit}/registrations", key=world.key, body=body)
        for unit, body in bodies(some_rosters(), 2)
    ]

    def patch() -> Sample:
        sample = world.loaded("product", patches)
        return Sample(sample.server_ms or 0.0)

    return [
        Question(
            f"access_{name}",
            f"Check of a {name}",
            "ms CPU",
            {name: lambda given=given: checked(given), "PATCH of 2 items": patch},
            [Goal("PATCH of 2 items", most=0.1)],
            rounds=3,
        )
        for name, given in {"key": world.key, "token": token}.items()
    ]


def token_of(world: World) -> str:
    query = SCOPES.replace(" ", "%20")
    raw = request("POST", f"/api/jwt?scope={query}", key=world.key, body=b"{}")
    return orjson.loads(ask(world.server("product").port, raw).body)["jwt"]


def checked(credential: str) -> Sample:
    """Recognise it in a process of its own, on the server's core."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.access"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    machine.pin([process.pid], machine.SERVER_CORES)
    said, _ = process.communicate(credential, timeout=120)
    return Sample(float(said))


def main() -> None:
    credential = sys.stdin.read()
    recognise(credential)
    began = time.process_time()
    for _ in range(TIMES):
        recognise(credential)
    print(1000 * (time.process_time() - began) / TIMES)


if __name__ == "__main__":
    main()
