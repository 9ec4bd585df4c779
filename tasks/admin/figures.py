"""How the engine stands, in numbers that cost the same at any number of tasks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from config.admin.staff import Staff
from tasks.models import Lane, Task
from tasks.reach import reached_tasks

LATELY = timedelta(hours=24)
MOST_COUNTED = 10_000  # of those that wait
MOST_ENDED = 100_000  # of those that ended lately, the newest
MOST_FAILURES = 10_000  # that are grouped, the newest
MOST_GROUPS = 50
MOST_LANES = 1_000  # that are looked at, those that are due the longest

# What a statement below asks of the tasks that the person may know of.
NEEDED = [
    *("id", "client_id", "resource", "action", "code", "message"),
    *("payload", "state", "finished_at"),
]

GROUPS = """
SELECT resource, action, code, message, count(*), count(*) FILTER (WHERE payload <> ''),
    max(finished_at), (array_agg(id ORDER BY finished_at DESC, id DESC))[1]
FROM ({failed}) AS failed
GROUP BY resource, action, code, message
ORDER BY max(finished_at) DESC LIMIT {most}
"""

# One walk over what ended lately, and one look for each client at its last success.
CLIENTS = """
WITH task AS NOT MATERIALIZED ({tasks}), lately AS (
    SELECT client_id, count(*) FILTER (WHERE state = 'complete') AS complete,
        count(*) FILTER (WHERE state = 'error') AS error
    FROM (
        SELECT client_id, state FROM task WHERE finished_at > %s
        ORDER BY finished_at DESC LIMIT {most_ended}
    ) AS ended
    GROUP BY client_id
), client AS (
    SELECT id, name FROM access_client
    WHERE EXISTS (SELECT FROM task WHERE client_id = access_client.id)
    UNION ALL
    SELECT '', 'Staff' WHERE EXISTS (SELECT FROM task WHERE client_id = '')
)
SELECT client.id, client.name, (
        SELECT finished_at FROM task
        WHERE client_id = client.id AND state = 'complete'
        ORDER BY finished_at DESC LIMIT 1
    ), coalesce(complete, 0), coalesce(error, 0)
FROM client LEFT JOIN lately ON lately.client_id = client.id
ORDER BY coalesce(error, 0) DESC, client.name, client.id
"""


@dataclass(frozen=True)
class Group:
    """Failures that say the same, which nobody had tried again."""

    resource: str
    action: str
    code: str
    message: str
    count: int
    with_payload: int  # those that can be tried again
    latest_at: datetime
    latest_id: str  # by which the group is found again


@dataclass(frozen=True)
class ClientFigures:
    """How the tasks of one client fared lately."""

    id: str
    name: str
    last_success_at: datetime | None
    complete: int
    error: int

    @property
    def ended(self) -> int:
        return self.complete + self.error

    @property
    def error_rate(self) -> float | None:
        """In percent of those that ended; None where none did."""
        return 100 * self.error / self.ended if self.ended else None


def unfinished(staff: Staff) -> dict[str, int]:
    """How many tasks wait, and run, up to where counting ends."""
    tasks = reached_tasks(staff)
    return {
        state.value: tasks.filter(state=state)[:MOST_COUNTED].count()
        for state in Task.UNFINISHED
    }


def failures(staff: Staff) -> list[Group]:
    """What failed, by what was said; the newest first."""
    newest = reached_tasks(staff).failed().order_by("-finished_at")[:MOST_FAILURES]
    failed, parameters = newest.values(*NEEDED).query.sql_with_params()
    statement = GROUPS.format(failed=failed, most=MOST_GROUPS)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [Group(*row) for row in cursor.fetchall()]


def clients(staff: Staff) -> list[ClientFigures]:
    """How each client fares; those with the most errors lately first."""
    tasks, parameters = reached_tasks(staff).values(*NEEDED).query.sql_with_params()
    statement = CLIENTS.format(tasks=tasks, most_ended=MOST_ENDED)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, timezone.now() - LATELY])
        return [ClientFigures(*row) for row in cursor.fetchall()]


def waiting_longest(staff: Staff, most: int) -> list[Task]:
    """The first task of each lane where something waits, the oldest first."""
    due = Lane.objects.waiting().order_by("ready_at", "pk")[:MOST_LANES]
    heads = reached_tasks(staff).filter(pk__in=[*due.head_ids()])
    return [
        *heads.defer("payload")
        .select_related("lane")
        .order_by("accepted_at", "pk")[:most]
    ]
