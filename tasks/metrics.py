"""The state of the engine at each scrape, asked of the database."""

from collections.abc import Iterator

from django.db import DatabaseError, connection
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.metrics import at_scrape
from tasks.tallies import (
    AUDIT_VIOLATIONS,
    CRASHES_RECOVERED,
    FENCES_LOST,
    INLINE_RUNS,
    PUBLISH_FAILURES,
    tallies,
)

PREFIX = "matricula_tasks"

# Each is bounded: by an index, or by the number of resources ever written to.
LANES = """
SELECT
    coalesce(extract(epoch FROM clock_timestamp() - (
        SELECT min(ready_at) FROM tasks_lane
        WHERE ready_at <= clock_timestamp() AND NOT is_held
    )), 0)::float,
    (SELECT count(*) FROM tasks_lane
     WHERE ready_at < clock_timestamp() - interval '10 s' AND NOT is_held),
    coalesce(sum(next_number), 0)::bigint,
    coalesce(sum(applied_number), 0)::bigint,
    count(*) FILTER (WHERE is_held)
FROM tasks_lane
"""

OLDEST = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(accepted_at)), 0)::float
FROM (
    SELECT key, applied_number FROM tasks_lane
    WHERE ready_at IS NOT NULL AND NOT is_held ORDER BY ready_at LIMIT 1000
) AS lane CROSS JOIN LATERAL (
    SELECT accepted_at FROM tasks_task AS task
    WHERE task.lane_id = lane.key AND task.number > lane.applied_number
        AND task.state IN ('queued', 'running')
    ORDER BY task.number LIMIT 1
) AS head
"""

LATELY = """
SELECT resource, state, code, count(*) FROM tasks_task
WHERE finished_at > clock_timestamp() - interval '5 min'
GROUP BY resource, state, code
"""

COUNTED = {
    PUBLISH_FAILURES: "Hints that the broker did not take.",
    INLINE_RUNS: "Turns that a sweep worked itself, without the broker.",
    FENCES_LOST: "Attempts that were overtaken and changed nothing.",
    CRASHES_RECOVERED: "Tasks that were taken over from a worker that died.",
    AUDIT_VIOLATIONS: "Findings of the audit of lanes. Any is a fault of ours.",
}


class TaskCollector(Collector):
    def describe(self) -> list[Metric]:
        return []  # so that registering it asks nothing of the database

    def collect(self) -> Iterator[Metric]:
        try:
            yield from _lanes()
            yield from _ended_lately()
            yield from _counted()
        except DatabaseError:
            return  # what is known without the database is still told


def _lanes() -> Iterator[Metric]:
    runnable, overdue, accepted, ended, held = _row(LANES)
    (waiting,) = _row(OLDEST)
    yield _gauge(
        "oldest_runnable_seconds", "Since when a lane is due. Alert.", runnable
    )
    yield _gauge("oldest_waiting_seconds", "Since when a task waits.", waiting)
    yield _gauge("lanes_overdue", "Lanes due for more than 10 s.", overdue)
    yield _gauge("lanes_held", "Lanes that staff hold.", held)
    yield _gauge("waiting", "Tasks accepted and not yet passed.", accepted - ended)
    yield _counter("accepted", "Tasks accepted.", accepted)
    yield _counter("ended", "Tasks ended.", ended)


def _ended_lately() -> Iterator[Metric]:
    labels = ["resource", "status", "code"]
    family = GaugeMetricFamily(
        f"{PREFIX}_ended_5m", "Tasks that ended in five minutes.", labels=labels
    )
    with connection.cursor() as cursor:
        cursor.execute(LATELY)
        for *values, count in cursor.fetchall():
            family.add_metric(values, count)
    yield family


def _counted() -> Iterator[Metric]:
    values = tallies()
    for name, sentence in COUNTED.items():
        yield _counter(name, sentence, values.get(name, 0))


def _gauge(name: str, sentence: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{PREFIX}_{name}", sentence, value=value)


def _counter(name: str, sentence: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(f"{PREFIX}_{name}", sentence, value=value)


def _row(statement: str) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


at_scrape(TaskCollector())
