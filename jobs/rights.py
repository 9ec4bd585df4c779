"""What it takes to ask for a job, and whether somebody still may."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser

from jobs.errors import NotAllowed
from jobs.models import Job
from jobs.registry import needs_of


def may_ask_for(user: AbstractUser, job: Job) -> bool:
    """Whether this member of staff could ask for just that job now."""
    needs = needs_of(job)
    return needs is not None and user.has_perms(needs)


def check_asker(job: Job) -> None:
    """Refuse to run what who asked for it may not ask for any more.

    Whoever runs commands is asked for no permission: they hold the database.
    """
    name = job.actor.get("staff")
    if name is None or needs_of(job) == []:
        return
    user = _member_of_staff(name)
    if user is None or not may_ask_for(user, job):
        raise NotAllowed(f"{name} may not ask for this any more.")


def _member_of_staff(name: str) -> AbstractUser | None:
    users = get_user_model()._default_manager
    return users.filter(username=name, is_active=True, is_staff=True).first()
