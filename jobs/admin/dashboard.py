"""What the first page of the desk says of jobs."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from config.admin.dashboard import Figure, Panel, Part, part
from config.admin.requests import DeskRequest
from config.admin.staff import Staff
from jobs.models import Job

LATELY = timedelta(days=1)
NEWEST = 5
MOST = 1_000  # that are counted


def may_see_jobs(staff: Staff) -> bool:
    return staff.user.has_perm("jobs.view_job")


@part(35)
def newest_jobs(request: DeskRequest) -> Part | None:
    """The newest jobs, beside the latest changes."""
    if not may_see_jobs(request.staff):
        return None
    shown = {
        "rows": [*Job.objects.order_by("-accepted_at")[:NEWEST]],
        "address": reverse("admin:jobs_job_changelist"),
    }
    panel = Panel("jobs", "Jobs", "admin/jobs/newest.html", shown, width=5)
    return Part(panels=[panel])


@part(50)
def jobs(request: DeskRequest) -> Part | None:
    """How many go on, and failed lately."""
    if not may_see_jobs(request.staff):
        return None
    unfinished = Job.objects.unfinished()[:MOST].count()
    failed = Job.objects.failed_since(timezone.now() - LATELY)[:MOST].count()
    figure = Figure(
        unfinished,
        "jobs waiting or running",
        reverse("admin:jobs_job_changelist"),
        f"{failed} failed in 24 hours" if failed else "",
        is_urgent=failed > 0,
    )
    return Part(figures=[figure])
