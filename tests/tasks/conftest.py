"""What every test of the task engine needs."""

import threading
import time

import pytest
from django.db import connection

from access.callers import Caller
from config.broker import client
from tasks import acceptance, dispatch, lanes, operations
from tasks.models import Task
from tests.tasks import handlers  # noqa: F401 (registers them)

REQUESTER = Caller(
    client_id="c0ffee",
    sub="f003ghc",
    name="Integration Test User",
    email="integration@example.edu",
    granted=("b:write", "a:read"),
    issued_at=1676902985,
    expires_at=1676913785,
)


@pytest.fixture(autouse=True)
def _fresh_engine():
    """Nothing is counted, and no hint lies in the queue."""
    acceptance.forget_backlog()
    dispatch.breaker.reset()
    client().delete("lanes")


@pytest.fixture
def requester() -> Caller:
    return REQUESTER


@pytest.fixture
def submit(db):
    """Accept a task on `effects`; what is not said does not matter."""

    def submit(action="PATCH", resource_id="a", caller=REQUESTER, **more) -> Task:
        asked = {"payload": "{}", **more}
        return operations.submit(
            resource="effects",
            action=action,
            resource_id=resource_id,
            caller=caller,
            **asked,
        )

    return submit


@pytest.fixture
def work():
    """Work a lane for one turn, as a worker does."""
    return lambda resource_id="a": lanes.run_turn(f"effects:{resource_id}")


@pytest.fixture
def worker(beside):
    """A worker beside the test, for the lane `a` and its first task."""

    def look() -> None:
        while not Task.objects.filter(finished_at__isnull=False).exists():
            time.sleep(0.05)
            lanes.run_turn("effects:a")

    beside(look)


@pytest.fixture
def beside():
    """Begin something in a thread of its own; it is over when the test is."""
    threads = []

    def beside(job) -> threading.Thread:
        threads.append(threading.Thread(target=closing, args=[job]))
        threads[-1].start()
        return threads[-1]

    def closing(job) -> None:
        try:
            job()
        finally:
            connection.close()

    yield beside
    [thread.join() for thread in threads]
