"""Which tasks and lanes exist for who looks, staff or at a terminal."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from access.identities import Viewer
from tasks import registry
from tasks.models import Task


def reached_tasks(viewer: Viewer, tasks: Any = Task.objects) -> Any:
    """Tasks, without those about people who do not exist for the viewer."""
    return tasks.all() if viewer.sees_held else registry.without_held_people(tasks)


def reached_lanes(rows: QuerySet, viewer: Viewer, lane: str = "pk") -> QuerySet:
    """Of these rows, those whose lane is not about people who do not exist for them.

    A lane's name says whom it is about, and its last task who that is; where no
    task is left to ask, nobody is told who may not know.
    """
    if viewer.sees_held:
        return rows
    last = Task.objects.filter(lane=OuterRef(lane)).order_by("-number")
    told = rows.alias(about=Subquery(last.values("about")[:1]))
    return registry.without_held_people(told.filter(about__isnull=False))
