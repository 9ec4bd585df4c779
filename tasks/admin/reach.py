"""What staff may do to tasks at the desk, and whose pages they reach from there."""

from django.urls import reverse

from config.admin.screens import is_allowed
from config.admin.staff import Staff
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


def record_of(task: Task, staff: Staff) -> str:
    """The address of the page of whom a task is about, for who may open it."""
    if not (task.about and is_allowed(STUDENT, staff)):
        return ""
    return reverse(f"admin:{STUDENT}", args=[task.about])
