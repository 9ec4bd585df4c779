"""The run: fill the record, ask each question in turn, and report."""

import argparse
import importlib
import os
import sys
import time
from collections.abc import Iterable

import benchmarks.registry  # noqa: F401 (first: what follows needs Django)

# isort: split
from django.core.management import call_command

from benchmarks import machine, rounds
from benchmarks.data import analyze, fill, students_for
from benchmarks.report import write
from benchmarks.rounds import Result
from benchmarks.world import World, world_of
from students.models import Profile

ROUNDS = 5
QUESTIONS = (
    "bulk_patch",
    "access",
    "list_page",
    "disclosure",
    "deep_pages",
    "get_one",
    "accept",
    "accept_to_complete",
    "tasks_rate",
    "import_csv",
    "processes",
    "memory",
)


def main() -> int:
    options = arguments()
    if options.list:
        print("\n".join(QUESTIONS))
        return 0
    began = time.monotonic()
    students = prepare(int(os.environ.get("BENCH_ROWS", 1_000_000)))
    with world_of(students) as world:
        results = [*ask(world, options.questions or QUESTIONS, options.rounds)]
    path = write(results, students, time.monotonic() - began)
    print(f"\n{path.read_text()}\nWritten to {path.parent}.")
    return 1 if any(result.missed for result in results) else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("questions", nargs="*", choices=[*QUESTIONS, []])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--list", action="store_true", help="name the questions")
    return parser.parse_args()


def prepare(registrations: int) -> int:
    """Migrate and fill; return how many students there are."""
    machine.pin([os.getpid()], machine.OTHER_CORES)
    say("migrate")
    call_command("migrate", verbosity=0)
    students = students_for(registrations)
    if Profile.objects.count() != students:
        fill(registrations, say)
        say("vacuum, analyze")
        analyze()
    return students


def ask(world: World, names: Iterable[str], number: int) -> Iterable[Result]:
    """Make each question, see that its variants agree, and run its rounds."""
    for name in names:
        say(name)
        for question in importlib.import_module(f"benchmarks.{name}").questions(world):
            yield rounds.run(question, number)


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
