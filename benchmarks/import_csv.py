"""Importing registrations from a CSV file, and the same file once more.

BENCH_IMPORT says how many (default 200,000; at most as many as the record has).
`python -m benchmarks.import_csv product|hand FILE` does it, and prints the seconds
that it took and the most memory (MB) that the process held.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import benchmarks.registry  # noqa: F401 (first: what follows needs Django)

# isort: split
import psycopg
from django.db import connection, transaction

from benchmarks import machine
from benchmarks.client import UnexpectedAnswer
from benchmarks.rounds import Goal, Question, Sample
from benchmarks.world import ROOT, World
from config.history import recorded
from transfer import importing

ROWS = int(os.environ.get("BENCH_IMPORT", 200_000))
FEW = 1_000  # that are looked at first, whether both write the same
ACTOR = {"command": "importdata", "os_user": "bench"}

# Second attempts of the first registrations of the record.
FILE = """
COPY (
    SELECT '6' || substr(id, 2) AS id, profile_id AS profile, unit_id AS unit,
           course_id AS course, intake_id AS intake, 2 AS attempt,
           offering_id AS offering, state, grade_state_id AS grade_state
    FROM registrations_registration
    WHERE id >= '5' AND id < '6' ORDER BY id LIMIT {rows}
) TO STDOUT (FORMAT csv, HEADER)
"""

STAGE = """
CREATE TEMPORARY TABLE staged (
    id text, profile text, unit text, course text, intake text, attempt int,
    offering text, state text, grade_state text
) ON COMMIT DROP
"""
INSERT = """
INSERT INTO registrations_registration
    (id, profile_id, unit_id, course_id, intake_id, attempt, offering_id, state,
     grade_state_id, notes, feedback, ended_at, version, created_at, updated_at)
SELECT staged.id, profile, unit, course, intake, attempt, offering, staged.state,
       grade_state, '', '', CASE WHEN outcome IN ('passed', 'failed') THEN now() END,
       1, now(), now()
FROM staged LEFT JOIN registrations_gradestate ON name = grade_state
"""
CONTEXT = """
SELECT set_config('pghistory.context_id', gen_random_uuid()::text, true),
       set_config('pghistory.context_metadata', %s, true)
"""
SHOWN = """
SELECT id, profile_id, unit_id, course_id, intake_id, attempt, offering_id, state,
       grade_state_id, awarded, notes, feedback, ended_at IS NULL, version
FROM registrations_registration WHERE id >= '6' AND id < '7' ORDER BY id
"""


TAKE_AWAY = """
DELETE FROM registrations_registration WHERE id >= '6' AND id < '7';
TRUNCATE registrations_registrationevent
"""


def questions(world: World) -> list[Question]:
    check(world)
    tenth = run(world, "product", ROWS // 10)
    product, hand = run(world, "product", ROWS), run(world, "hand", ROWS)
    return [
        Question(
            "import_csv",
            f"Import {ROWS:,} registrations by CSV",
            "rows/s",
            {
                "product": lambda: Sample(ROWS / product["first"]),
                "hand-written SQL": lambda: Sample(ROWS / hand["first"]),
            },
            [Goal("hand-written SQL", least=0.6)],
            {
                "most memory of the product (MB)": product["memory"],
                "most memory for a tenth of the rows (MB)": tenth["memory"],
            },
            rounds=1,
        ),
        Question(
            "import_again",
            "Import the same file again",
            "s",
            {
                "product": lambda: Sample(product["again"]),
                "first time": lambda: Sample(product["first"]),
            },
            [Goal("first time", most=0.3)],
            rounds=1,
        ),
    ]


def check(world: World) -> None:
    """See that both write the same rows."""
    ours, theirs = (run(world, name, FEW, look=True) for name in WAYS)
    if ours["rows"] != theirs["rows"]:
        raise UnexpectedAnswer("the imports do not write the same")


def run(world: World, name: str, rows: int, *, look: bool = False) -> dict[str, Any]:
    """Import in a process of its own, on the server's core; take it all away."""
    path = world.folder / "import.csv"
    write_file(path, rows)
    command = [sys.executable, "-m", "benchmarks.import_csv", name, str(path)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    machine.pin([process.pid], machine.SERVER_CORES)
    said, _ = process.communicate(timeout=1200)
    if process.returncode:
        raise RuntimeError(f"the import {name} failed")
    found = {"rows": looked_at()} if look else {}
    take_away()
    return {**json.loads(said), **found}


def write_file(path: Path, rows: int) -> None:
    with (
        path.open("wb") as file,
        connection.cursor() as cursor,
        cursor.copy(FILE.format(rows=rows)) as copy,
    ):
        for part in copy:
            file.write(part)


def looked_at() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(SHOWN)
        return cursor.fetchall()


def take_away() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(TAKE_AWAY)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE registrations_registration")


# --- In the process that imports ----------------------------------------------


def by_the_product(path: Path) -> None:
    kind = importing.kind_named("registrations")
    with recorded(actor=ACTOR, door="command"), path.open("rb") as file:
        it = importing.receive(kind, file, file_name=path.name, actor=ACTOR)
        importing.apply(importing.check(it, file))


def by_hand(path: Path) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as hand:
        hand.execute(CONTEXT, [json.dumps({"actor": ACTOR, "door": "command"})])
        hand.execute(STAGE)
        cursor = hand.cursor()
        copied = "COPY staged FROM STDIN (FORMAT csv, HEADER)"
        with cursor.copy(copied) as copy, path.open("rb") as file:
            while part := file.read(1 << 20):
                copy.write(part)
        hand.execute("ANALYZE staged")
        hand.execute(INSERT)


def main() -> None:
    name, path = sys.argv[1], Path(sys.argv[2])
    said = {"first": timed(WAYS[name], path)}
    if name == "product":
        said["again"] = timed(by_the_product, path)
    print(json.dumps({**said, "memory": most_memory()}))


def most_memory() -> int:
    """Megabytes held at the most (getrusage would count the parent's, too)."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


def timed(work: Callable[[Path], None], path: Path) -> float:
    began = time.perf_counter()
    work(path)
    return time.perf_counter() - began


WAYS = {"product": by_the_product, "hand": by_hand}

if __name__ == "__main__":
    main()
