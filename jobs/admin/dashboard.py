"""What the first page of the desk says of jobs."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from config.admin.dashboard import Figure, Panel, Part, part
from config.admin.requests import DeskRequest
from jobs.models import Job

LATELY = timedelta(days=1)
NEWEST = 5
MOST = 1_000  # that are counted


@part(35)
def jobs(request: DeskRequest) -> Part | None:
    """How many go on and failed lately, and the newest."""
    if not request.user.has_perm("jobs.view_job"):
        return None
    unfinished = Job.objects.unfinished()[:MOST].count()
    failed = Job.objects.failed_since(timezone.now() - LATELY)[:MOST].count()
    address = reverse("admin:jobs_job_changelist")
    figure = Figure(
        unfinished,
        "jobs waiting or running",
        address,
        f"{failed} failed in 24 hours" if failed else "",
        is_urgent=failed > 0,
    )
    rows = [*Job.objects.order_by("-accepted_at")[:NEWEST]]
    panel = Panel(
        "jobs",
        "Jobs",
        "admin/jobs/newest.html",
        {"rows": rows, "address": address},
        width=5,
    )
    return Part(figures=[figure], panels=[panel])
