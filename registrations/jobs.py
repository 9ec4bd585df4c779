"""What runs long: publishing the grades of a whole term."""

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
    """The arguments of such a job: what was chosen, when it was shown, to whom."""
    return {
        "selection": msgspec.to_builtins(selection),
        "until": until.isoformat(),
        "sees_held": writer.sees_held,
        "may_grade_late": writer.may_grade_late,
    }


@job(PUBLISH_GRADES)
def publish_grades(job: Job, progress: Progress) -> dict[str, Any]:
    """Publish what was previewed and still waits."""
    asked = job.arguments
    done = publish(
        msgspec.convert(asked["selection"], Selection),
        until=datetime.fromisoformat(asked["until"]),
        writer=Writer(
            sees_held=asked["sees_held"],
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
