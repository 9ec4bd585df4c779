"""Who reaches which tasks and lanes at the desk, and what they may do."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from config.admin.screens import is_allowed
from config.admin.staff import Staff
from tasks import registry
from tasks.models import Task

VIEW = "tasks.view_task"
VIEW_PAYLOAD = "tasks.view_payload"
OPERATE = "tasks.operate"

STUDENT = "student"  # the screen that shows whom a task is about


def may_see_tasks(staff: Staff) -> bool:
    return staff.user.has_perm(VIEW)


def may_see_payloads(staff: Staff) -> bool:
    return staff.user.has_perm(VIEW_PAYLOAD)


def may_operate(staff: Staff) -> bool:
    return may_see_tasks(staff) and staff.user.has_perm(OPERATE)


def reached_tasks(staff: Staff, tasks: Any = Task.objects) -> Any:
    """Tasks, without those about people who do not exist for this person."""
    return tasks.all() if staff.sees_held else registry.without_held_people(tasks)


def reached_lanes(rows: QuerySet, staff: Staff, lane: str = "pk") -> QuerySet:
    """Of these rows, those whose lane is not about people who do not exist for them.

    A lane's name says whom it is about, and its last task who that is; where no
    task is left to ask, nobody is told who may not know.
    """
    if staff.sees_held:
        return rows
    last = Task.objects.filter(lane=OuterRef(lane)).order_by("-number")
    told = rows.alias(about=Subquery(last.values("about")[:1]))
    return registry.without_held_people(told.filter(about__isnull=False))


def record_of(task: Task, staff: Staff) -> str:
    """The address of the page of whom a task is about, for who may open it."""
    if not (task.about and is_allowed(STUDENT, staff)):
        return ""
    return reverse(f"admin:{STUDENT}", args=[task.about])
