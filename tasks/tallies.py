"""Counts of what rarely happens, for the metrics.

They lie in the database because they happen in many processes, most of which
nobody scrapes.
"""

import logging

from django.db import DatabaseError, InterfaceError, connection

from tasks.models import Tally

logger = logging.getLogger(__name__)

ADD = """
INSERT INTO tasks_tally AS tally (name, value) VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET value = tally.value + EXCLUDED.value
"""

CRASHES_RECOVERED = "crashes_recovered"
FENCES_LOST = "fences_lost"
INLINE_RUNS = "inline_runs"
PUBLISH_FAILURES = "publish_failures"
AUDIT_VIOLATIONS = "audit_violations"


def tally(name: str, count: int = 1) -> None:
    """Count that it happened; never in a transaction, and never in the way."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(ADD, [name, count])
    except (DatabaseError, InterfaceError):
        logger.warning("tally_failed", extra={"tally": name})


def tallies() -> dict[str, int]:
    return dict(Tally.objects.values_list("name", "value"))
