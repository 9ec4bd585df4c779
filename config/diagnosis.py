"""What `manage.py doctor` looks at: an app says in `<app>/findings.py` what it knows.

A look asks and changes nothing. It yields what it found, with what to do where
something is not as it should be.
"""

from collections.abc import Callable, Iterator
from typing import Literal

from django.db import DatabaseError, transaction
from msgspec import Struct
from redis import RedisError

State = Literal["ok", "warning", "wrong"]


class Finding(Struct, frozen=True):
    """One thing that was looked at."""

    check: str
    state: State
    says: str
    do: str = ""


Look = Callable[[], Iterator[tuple]]

_looks: dict[str, Look] = {}


def look(check: str) -> Callable[[Look], Look]:
    """Register what yields `ok(...)`, `warning(...)` and `wrong(...)` of a check."""

    def register(asks: Look) -> Look:
        _looks[check] = asks
        return asks

    return register


def ok(says: str) -> tuple:
    return "ok", says


def warning(says: str, do: str) -> tuple:
    return "warning", says, do


def wrong(says: str, do: str) -> tuple:
    return "wrong", says, do


def diagnose() -> Iterator[Finding]:
    """Look at everything; what cannot be asked is wrong."""
    for check, asks in _looks.items():
        for found in _asked(asks):
            yield Finding(check, *found)


def _asked(asks: Look) -> list[tuple]:
    try:
        with transaction.atomic():
            return [*asks()]
    except (DatabaseError, RedisError) as error:
        sentence = str(error).strip().partition("\n")[0]
        return [wrong(f"It cannot be asked: {sentence}", "See that it answers.")]
