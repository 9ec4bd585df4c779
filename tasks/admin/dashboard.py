"""What the first page of the desk says of tasks, and of who sends them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince

from config.admin import charts
from config.admin.dashboard import Figure, Panel, Part, part
from config.admin.requests import DeskRequest
from config.admin.staff import Staff
from tasks.admin import figures
from tasks.admin.reach import may_see_tasks
from tasks.models import Lane
from tasks.reach import reached_lanes, reached_tasks

STEPS = 8  # columns of the chart
STEP = figures.LATELY / STEPS
MOST_CLIENTS = 8
MOST_HELD = 1_000  # lanes that are counted

ENDED = """
SELECT floor(extract(epoch FROM %s - finished_at) / %s)::int AS steps_ago,
    count(*) FILTER (WHERE state = 'complete'), count(*) FILTER (WHERE state = 'error')
FROM ({ended}) AS ended GROUP BY steps_ago
"""


@part(40)
def tasks(request: DeskRequest) -> Part | None:
    """What failed and what waits, how it went by the hour, and how clients fare."""
    if not may_see_tasks(request.staff):
        return None
    clients = figures.clients(request.staff)
    return Part(
        figures=[*_figures(request.staff, clients)],
        panels=[_lately(request.staff), _integrations(request, clients)],
    )


def _figures(staff: Staff, clients: list[figures.ClientFigures]) -> Iterator[Figure]:
    board = reverse("admin:task_board")
    unfinished = sum(figures.unfinished(staff).values())
    oldest = figures.waiting_longest(staff, 1)
    held = reached_lanes(Lane.objects.held(), staff)[:MOST_HELD].count()
    failed = sum(client.error for client in clients)
    yield Figure(failed, "tasks failed in 24 hours", board, is_urgent=failed > 0)
    yield Figure(
        unfinished,
        "tasks waiting or running",
        board,
        f"the oldest for {timesince(oldest[0].accepted_at)}" if oldest else "",
        is_about=unfinished >= figures.MOST_COUNTED,
    )
    yield Figure(held, "lanes held", board, is_urgent=held > 0)


# --- By the hour ----------------------------------------------------------------


def _lately(staff: Staff) -> Panel:
    now = timezone.now()
    rows = [*_by_step(staff, now)]
    chart = charts.columns(
        "tasks-lately",
        "Tasks that ended in 24 hours",
        "Of each three hours, how many tasks were done and how many failed.",
        [
            (
                f"{timezone.localtime(row['from']):%H:%M}",
                [("is-complete", row["complete"]), ("is-error", row["error"])],
            )
            for row in rows
        ],
    )
    return Panel(
        "tasks-lately",
        "Tasks that ended in 24 hours",
        "admin/tasks/lately.html",
        {"chart": chart, "rows": rows, "address": reverse("admin:task_board")},
    )


def _by_step(staff: Staff, now: datetime) -> Iterator[dict[str, Any]]:
    """How many ended in each part of the time, the earliest first."""
    counts = {steps_ago: ended for steps_ago, *ended in _ended(staff, now)}
    for steps_ago in reversed(range(STEPS)):
        complete, error = counts.get(steps_ago, (0, 0))
        begins = now - (steps_ago + 1) * STEP
        yield {
            "from": begins,
            "to": begins + STEP,
            "complete": complete,
            "error": error,
        }


def _ended(staff: Staff, now: datetime) -> list[tuple[int, int, int]]:
    lately = reached_tasks(staff).filter(
        finished_at__gt=now - figures.LATELY + timedelta(microseconds=1),
        finished_at__lte=now,
    )
    newest = lately.order_by("-finished_at")[: figures.MOST_ENDED]
    ended, parameters = newest.values("state", "finished_at").query.sql_with_params()
    with connection.cursor() as cursor:
        asked = [now, STEP.total_seconds(), *parameters]
        cursor.execute(ENDED.format(ended=ended), asked)
        return cursor.fetchall()


# --- Integrations ---------------------------------------------------------------


def _integrations(request: DeskRequest, clients: list[figures.ClientFigures]) -> Panel:
    """The clients with the most errors, then those that succeeded the longest ago."""
    shown = {
        "rows": clients[:MOST_CLIENTS],
        "left_out": len(clients) - MOST_CLIENTS,
        "address": reverse("admin:task_board"),
        "may_open": request.user.has_perm("access.view_client"),
    }
    template = "admin/tasks/integrations.html"
    return Panel("integrations", "Integrations", template, shown)
