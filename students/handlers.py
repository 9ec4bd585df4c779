"""What a task on a student does, and whose tasks are hidden."""

from typing import Any

from django.db.models import QuerySet

from config.rest.bodies import parse_json
from students.changes import DplanChange
from students.errors import DplanIncomplete
from students.models import Profile
from students.operations import set_dplans
from tasks.models import Task
from tasks.registry import FULL, handler, held_people

REQUIRED = ("term_code", "dplan_id", "dplan_source_id")
IGNORED = ("dplan_description", "dplan_source_description")


@handler("students", "PATCH", view=FULL, path="/api/students/{}".format)
def patch_student(task: Task) -> str:
    entries = parse_json(task.payload.encode())["dplans"]
    changes = [read_change(*numbered) for numbered in enumerate(entries)]
    set_dplans(netid=task.resource_id, changes=changes)
    return "success"


def read_change(position: int, entry: dict[str, Any]) -> DplanChange:
    """Read one D-Plan of a payload. Raises DplanIncomplete."""
    missing = [name for name in REQUIRED if name not in entry]
    if missing:
        raise DplanIncomplete(missing[0], position)
    return DplanChange(
        term_code=entry["term_code"],
        dplan_id=entry["dplan_id"],
        source_id=entry["dplan_source_id"],
        surplus=[name for name in entry if name not in REQUIRED + IGNORED],
    )


@held_people
def people_under_hold() -> QuerySet:
    return Profile.objects.held().values("pk")
