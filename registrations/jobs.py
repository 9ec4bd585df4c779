"""What runs long: publishing the grades of a whole term."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from access.disclosure import disclose
from jobs.models import Job
from jobs.progress import Progress
from jobs.registry import job
from registrations.changes import Writer
from registrations.operations import Selection, publish

PUBLISH_GRADES = "publish_grades"


def publishing(
    selection: Selection, *, until: datetime, writer: Writer
) -> dict[str, Any]:
    """The arguments of such a job: what was chosen, and when it was shown."""
    return {
        "selection": msgspec.to_builtins(selection),
        "until": until.isoformat(),
        "may_grade_late": writer.may_grade_late,
    }


def _needs(job: Job) -> Iterator[str]:
    """What is asked for, and no more than that, has to be allowed."""
    yield "registrations.publish_grades"
    if _selection(job).with_held:
        yield "students.see_held"
    if job.arguments.get("may_grade_late"):
        yield "registrations.grade_late"


def _selection(job: Job) -> Selection:
    return msgspec.convert(job.arguments.get("selection", {}), Selection)


@job(PUBLISH_GRADES, needs=_needs)
def publish_grades(job: Job, progress: Progress) -> dict[str, Any]:
    """Publish what was previewed and still waits."""
    asked, selection = job.arguments, _selection(job)
    done = publish(
        selection,
        until=datetime.fromisoformat(asked["until"]),
        writer=Writer(
            sees_held=selection.with_held,
            may_grade_late=asked["may_grade_late"],
            reason=job.reason,
        ),
        progress=progress,
    )
    disclose(
        door=job.door,
        what=PUBLISH_GRADES,
        profile_ids=done.profile_ids,
        request_id=job.request_id,
        staff=job.actor["staff"],
    )
    return {"grades": done.grades, "students": len(set(done.profile_ids))}
