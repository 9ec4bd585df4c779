"""Handlers whose effect can be seen and counted: they add to a tally."""

import threading

from django.db import DatabaseError, connection, transaction

from access.models import Client
from config.errors import Invalid
from tasks import registry
from tasks.models import Tally

ADD = """
INSERT INTO tasks_tally AS tally (name, value) VALUES (%s, 1)
ON CONFLICT (name) DO UPDATE SET value = tally.value + 1
"""


def path_of(resource_id: str) -> str:
    return f"/api/effects/{resource_id}"


def count(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD, [name])


def times(name: str) -> int:
    """How often the effect of that name stands in the database."""
    return sum(Tally.objects.filter(name=name).values_list("value", flat=True))


@registry.handler("effects", "PATCH", view=registry.SHORT, path=path_of)
def add(task):
    count(task.resource_id)
    return "Counted."


@registry.handler("effects", "TELL", view=registry.FULL, path=path_of)
def tell(task):
    count(task.resource_id)
    return registry.Done("Counted.", worker_data={"counted": 1})


@registry.handler(
    "effects",
    "REFUSE",
    view=registry.SHORT,
    path=path_of,
    path_on_error=True,
    refusal=lambda error: f"['{error}']",
)
def refuse(task):
    count(task.resource_id)
    raise Invalid("That cannot be.", code="not_so")


@registry.handler("effects", "PROMISE", view=registry.FULL, path=path_of)
def promise(task):
    """Promise something for after the commit, and refuse; an inner change breaks."""
    transaction.on_commit(lambda: count("kept"))
    with transaction.atomic(savepoint=False):
        raise Invalid("That cannot be.", code="not_so")


@registry.handler("effects", "RECORD", view=registry.FULL, path=path_of)
def record(task):
    Client.objects.create(name="a change that history tracks")
    return "Recorded."


@registry.handler("effects", "BREAK", view=registry.FULL, path=path_of)
def break_down(task):
    count(task.resource_id)
    raise RuntimeError("a fault of ours")


@registry.handler("effects", "CUT", view=registry.FULL, path=path_of)
def cut(task):
    count(task.resource_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    raise DatabaseError("not reached")


begun, may_end = threading.Event(), threading.Event()


@registry.handler("effects", "WAIT", view=registry.FULL, path=path_of)
def wait(task):
    begun.set()
    may_end.wait(30)
    count(task.resource_id)
    return "Counted."
