"""What the worker can do: handlers by resource and action.

The engine knows no app. An app names its handlers in `<app>/handlers.py`, which
is imported at start, and says there how their tasks read to a requester.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from config.errors import DomainError
from tasks.models import Task

SHORT = "short"
FULL = "full"


@dataclass(frozen=True)
class Done:
    """How a handler ends that has more to tell than a message."""

    message: str
    worker_data: Any = None  # shown in the full view; anything that is JSON


Run = Callable[[Task], str | Done]


@dataclass(frozen=True)
class Handler:
    """One kind of task: its work, and how it reads."""

    resource: str
    action: str
    run: Run
    view: str  # what its requester is shown: SHORT or FULL
    path: Callable[[str], str]  # the URL path of a resource id
    path_on_error: bool  # whether a failed task shows it too
    refusals: tuple[type[Exception], ...]  # what the caller caused
    refusal: Callable[[Any], str]  # how such an exception reads

    @property
    def name(self) -> str:
        return name_of(self.resource, self.action)

    def work(self, task: Task) -> Done:
        """Do the task and say how it went; raises what it refuses."""
        done = self.run(task)
        return done if isinstance(done, Done) else Done(done)


_handlers: dict[str, Handler] = {}
_held_people: list[Callable[[], QuerySet]] = []


def name_of(resource: str, action: str) -> str:
    return f"{resource} {action}"


def handler(
    resource: str,
    action: str,
    *,
    view: str,
    path: Callable[[str], str],
    path_on_error: bool = False,
    refusals: tuple[type[Exception], ...] = (DomainError,),
    refusal: Callable[[Any], str] = str,
) -> Callable[[Run], Run]:
    """Register the decorated `f(task) -> message` as what such a task does.

    It runs in a transaction that also ends the task, so it needs no care to be
    done once; it raises a DomainError (or another of `refusals`) for what the
    caller caused, which leaves nothing behind and is shown as `refusal` words it.
    """

    def register(run: Run) -> Run:
        entry = Handler(
            resource, action, run, view, path, path_on_error, refusals, refusal
        )
        if entry.name in _handlers:
            raise ValueError(f"two handlers for {entry.name}")
        _handlers[entry.name] = entry
        return run

    return register


def find(resource: str, action: str) -> Handler | None:
    """Return the handler, or None where only another release knows it."""
    return _handlers.get(name_of(resource, action))


def handler_of(task: Task) -> Handler:
    """Return the handler of a task that this release knows: others are not claimed."""
    return _handlers[name_of(task.resource, task.action)]


def known_names() -> list[str]:
    return [*_handlers]


def resources() -> set[str]:
    return {entry.resource for entry in _handlers.values()}


def held_people(profile_ids: Callable[[], QuerySet]) -> Callable[[], QuerySet]:
    """Register what finds the profile ids of people under privacy hold.

    The decorated function returns a queryset of ids, so that a list leaves out
    the tasks about them in the query that finds its rows.
    """
    _held_people[:] = [profile_ids]
    return profile_ids


def is_about_held_person(task: Task) -> bool:
    """Whether a task hides from who may not see people under privacy hold.

    See also about_held_people.
    """
    return bool(_held_people) and _held_people[0]().filter(pk=task.about).exists()


def about_held_people(tasks: QuerySet) -> QuerySet:
    """Of these tasks, those about someone under privacy hold.

    See also is_about_held_person.
    """
    return tasks.filter(about__in=_held_people[0]()) if _held_people else tasks.none()


def without_held_people(tasks: QuerySet) -> QuerySet:
    """These tasks, without those about someone under privacy hold."""
    return tasks.exclude(about__in=_held_people[0]()) if _held_people else tasks
