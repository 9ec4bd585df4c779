"""What the worker asks costs the same however much waits in other lanes."""

import pytest
from django.db import connection

from tasks import attempts, lanes

pytestmark = pytest.mark.django_db

ENDED = """
INSERT INTO tasks_lane (key, next_number, applied_number, fence, is_held)
SELECT 'effects:' || n, 1, 1, 1, false FROM generate_series(1, 200) AS n;
INSERT INTO tasks_task (id, lane_id, number, resource, action, resource_id, payload,
    about, client_id, sub, name, email, scope, request_id, reason, retry_of,
    state, message, finished_at)
SELECT 'ended' || n, 'effects:' || n, 1, 'effects', 'PATCH', n, '{}',
    '', '', '', '', '', '', '', '', '', 'complete', '', now()
FROM generate_series(1, 200) AS n;
ANALYZE tasks_lane, tasks_task
"""
FLOOD = """
INSERT INTO tasks_lane (key, next_number, applied_number, ready_at, fence, is_held)
VALUES ('effects:deep', 20000, 0, now(), 0, false);
INSERT INTO tasks_task (id, lane_id, number, resource, action, resource_id, payload,
    about, client_id, sub, name, email, scope, request_id, reason, retry_of)
SELECT 'waiting' || n, 'effects:deep', n, 'effects', 'PATCH', 'deep', '{}',
    '', '', '', '', '', '', '', '', ''
FROM generate_series(1, 20000) AS n
"""

BY_INDEX = {"Index Cond", "Recheck Cond"}  # what a node says that looks rows up

STATEMENTS = {
    "claim": (lanes.CLAIM, {"lane": "effects:1", "known": ["effects PATCH"]}),
    "end": (
        attempts.END,
        {
            **{"id": "ended1", "fence": 1, "state": "complete"},
            **{"code": "", "message": "", "worker_data": None},
        },
    ),
    "put off": (attempts.PUT_OFF, {"id": "ended1", "fence": 1, "pause": 2}),
}


def reads(plan: dict, table: str):
    """The nodes of a plan that read a table."""
    if plan.get("Relation Name") == table and "Scan" in plan["Node Type"]:
        yield plan
    for child in plan.get("Plans", ()):
        yield from reads(child, table)


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_reads_single_tasks_though_the_flood_is_newer_than_the_statistics(name):
    statement, parameters = STATEMENTS[name]
    with connection.cursor() as cursor:
        cursor.execute(ENDED)
        cursor.execute(FLOOD)
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
        ((explained,),) = cursor.fetchone()
    found = [*reads(explained["Plan"], "tasks_task")]
    assert found != []
    assert [node for node in found if not node.keys() & BY_INDEX] == []
