"""Whether jobs are begun and end well, as the doctor asks."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from config.diagnosis import look, ok, warning
from jobs.models import Job

LATE = timedelta(minutes=10)
LATELY = timedelta(days=1)


@look("jobs")
def jobs() -> Iterator[tuple]:
    now = timezone.now()
    unfinished = Job.objects.unfinished()
    late = unfinished.filter(state=Job.State.QUEUED, accepted_at__lt=now - LATE).count()
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gt=now - LATELY)
    if late:
        says = f"{late} wait for more than ten minutes."
        yield warning(says, "See that the worker of the queue jobs runs.")
    if count := failed.count():
        says = f"{count} failed within a day."
        yield warning(says, "Read why in the admin, under Jobs.")
    if not late and not count:
        yield ok(f"{unfinished.count()} are to be done")
