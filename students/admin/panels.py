"""What the page of a student shows, room by room.

The page knows no room above its own: each registers its panels, and the trails of
its rows for the history.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from config.admin.requests import DeskRequest
from config.trail import Trail
from students.models import Profile


class Panel(Struct, frozen=True):
    """One part of the page."""

    name: str  # its anchor
    title: str
    template: str
    shown: dict[str, Any]  # to the template
    count: int | None = None


Reads = Callable[[DeskRequest, Profile], Panel | None]
Trails = Callable[[Profile], Iterator[Trail]]

Records = Callable[[Profile], Iterable[str]]

_panels: list[tuple[int, Reads]] = []
_trails: list[tuple[str, Trails]] = []
_records: list[Records] = []


def panel(place: int) -> Callable[[Reads], Reads]:
    """Register what makes a panel, or None for who may not see it."""

    def register(reads: Reads) -> Reads:
        _panels.append((place, reads))
        _panels.sort(key=lambda each: each[0])
        return reads

    return register


def trails(permission: str) -> Callable[[Trails], Trails]:
    """Register what gives the trails of a room's rows about a person.

    They are for who holds the permission.
    """

    def register(gives: Trails) -> Trails:
        _trails.append((permission, gives))
        return gives

    return register


def task_records(gives: Records) -> Records:
    """Register what gives the ids by which tasks name a room's rows."""
    _records.append(gives)
    return gives


def panels_of(request: DeskRequest, profile: Profile) -> list[Panel]:
    made = (reads(request, profile) for _, reads in _panels)
    return [each for each in made if each is not None]


def trails_of(request: DeskRequest, profile: Profile) -> list[Trail]:
    """The trails about a person that who is signed in may read."""
    return [
        trail
        for permission, gives in _trails
        if request.user.has_perm(permission)
        for trail in gives(profile)
    ]


def task_records_of(profile: Profile) -> list[str]:
    return [each for gives in _records for each in gives(profile)]
