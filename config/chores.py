"""Work that comes round again: what is old is removed, what should hold is checked.

There is no clock process. Each worker asks the database now and then which chore
is due, and one of them does it. An app names its chores in `<app>/chores.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Chore:
    """One of them. It works in batches of its own and is over within a minute."""

    name: str
    every: timedelta
    run: Callable[[], object]


registered: dict[str, Chore] = {}


def chore(*, every: timedelta) -> Callable[[Callable], Callable]:
    """Have a worker call the decorated function so often, on one worker only."""

    def register(run: Callable[[], object]) -> Callable[[], object]:
        name = f"{run.__module__}.{run.__name__}"
        registered[name] = Chore(name, every, run)
        return run

    return register
