"""The raw floor: the same statements in a loop, without any web server.

`python -m benchmarks.floor NAME [ARGUMENT...]` runs one of them for a while and
prints how many it did a second and what CPU (ms) each took here.
"""

import itertools
import os
import sys
import time
import uuid
from collections.abc import Callable
from datetime import date

import orjson
import psycopg
import redis

from benchmarks import bulk_peer
from benchmarks.peer import ACCEPT, ONE, PAGE

SECONDS = 2.0

# What a worker must do at the least: take the task, set the date, end the task.
WORK = """
WITH task AS (
    UPDATE tasks_task SET state = 'complete', message = '', started_at = now(),
        finished_at = clock_timestamp()
    WHERE id = %s RETURNING resource_id
)
UPDATE enrollments_enrollment AS enrollment
SET assessment_submitted_at = clock_timestamp(), assessment_opted_out_at = NULL,
    version = version + 1
FROM task WHERE enrollment.id = task.resource_id
"""


def main() -> None:
    name, *arguments = sys.argv[1:]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        if name == "loop":
            loop(connection)
        else:
            measure(WORKS[name](connection, arguments))


def measure(work: Callable[[], None]) -> None:
    for _ in range(20):
        work()
    began, cpu, times = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - began < SECONDS:
        work()
        times += 1
    taken = time.perf_counter() - began
    print(times / taken, 1000 * (time.process_time() - cpu) / times)


def page(connection, after):
    places = itertools.cycle(after)
    today = date.today()
    return lambda: connection.execute(
        PAGE, {"after": next(places), "today": today}
    ).fetchall()


def one(connection, ids):
    pks = itertools.cycle(ids)
    today = date.today()
    return lambda: connection.execute(ONE, {"id": next(pks), "today": today}).fetchall()


def accept(connection, ids):
    pks = itertools.cycle(ids)
    broker = redis.Redis.from_url(os.environ["REDIS_URL"])

    def work():
        task = uuid.uuid4().hex[:24]
        asked = {"id": next(pks), "task": task, "payload": "{}"}
        connection.execute(ACCEPT, asked)
        broker.lpush("peer", task)

    return work


def grades(connection, arguments):
    unit, *ids = arguments
    turns = itertools.count()

    def work():
        items = orjson.dumps(bulk_peer.items_of(ids, next(turns))).decode()
        asked = {"items": items, "unit": unit}
        connection.execute(bulk_peer.PATCH, asked).fetchall()

    return work


def loop(connection) -> None:
    """Work what is pushed to `peer`, until it is told to stop."""
    broker = redis.Redis.from_url(os.environ["REDIS_URL"])
    while True:
        _, task = broker.brpop(["peer"])
        connection.execute(WORK, [task.decode()])


WORKS = {"page": page, "one": one, "accept": accept, "grades": grades}

if __name__ == "__main__":
    main()
