"""Does what must hold of lanes hold? It is said, and never repaired silently."""

import logging
from dataclasses import dataclass

from django.db import connection

from tasks.tallies import AUDIT_VIOLATIONS, tally

logger = logging.getLogger(__name__)

MOST_REPORTED = 1_000

# One statement, so that all of it is seen at one moment.
AUDIT = """
WITH waiting AS (
    SELECT lane_id, count(*) AS unfinished, min(number) AS first, max(number) AS last
    FROM tasks_task WHERE state IN ('queued', 'running') GROUP BY lane_id
), lane AS (
    SELECT lane.*, coalesce(unfinished, 0) AS unfinished, first, last,
        CASE WHEN lane.next_number > lane.applied_number THEN (
            SELECT count(*) FROM tasks_task AS task
            WHERE task.lane_id = lane.key AND task.number > lane.applied_number
        ) ELSE 0 END AS kept
    FROM tasks_lane AS lane LEFT JOIN waiting ON waiting.lane_id = lane.key
    WHERE lane.ready_at IS NOT NULL OR waiting.lane_id IS NOT NULL
)
SELECT key, 'passed_over', first FROM lane WHERE first <= applied_number
UNION ALL
SELECT key, 'asleep', first FROM lane WHERE unfinished > 0 AND ready_at IS NULL
UNION ALL
SELECT key, 'beyond_the_last_number', last FROM lane WHERE last > next_number
UNION ALL
SELECT key, 'gap', applied_number + 1 FROM lane
WHERE kept <> next_number - applied_number
LIMIT %s
"""

SENTENCES = {
    "passed_over": "a task is unfinished though higher numbers have ended",
    "asleep": "tasks wait and the lane is not ready",
    "beyond_the_last_number": "a task has a number that the lane never gave",
    "gap": "a number was given that no task has",
}


@dataclass(frozen=True)
class Violation:
    """What does not hold, and where."""

    lane: str
    rule: str
    number: int

    def __str__(self) -> str:
        return f"{self.lane} #{self.number}: {SENTENCES[self.rule]}"


def find_violations() -> list[Violation]:
    """Return what does not hold."""
    with connection.cursor() as cursor:
        cursor.execute(AUDIT, [MOST_REPORTED])
        return [Violation(*row) for row in cursor.fetchall()]


def audit_lanes() -> list[Violation]:
    """Return what does not hold; log and count each."""
    violations = find_violations()
    for violation in violations:
        logger.error("lane_violation", extra={"violation": str(violation)})
    if violations:
        tally(AUDIT_VIOLATIONS, len(violations))
    return violations
