"""Whom a client may act as, found by apps that know people.

Access knows neither profiles nor lecturers; an app that does registers a
finder when it is ready.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from access.errors import IdentityNotFound


@dataclass(frozen=True)
class Identity:
    """A person as plain ids; one who is both profile and lecturer has both."""

    subject: str = ""  # the netid
    profile_id: str = ""
    lecturer_id: str = ""
    is_held: bool = False  # under privacy hold


class Viewer(Protocol):
    """Who looks: a caller of an interface, or a person in the admin."""

    @property
    def sees_held(self) -> bool: ...


Finder = Callable[[str], Identity | None]

HeldAmong = Callable[[Iterable[str]], set[str]]

NAME = re.compile(r"\S{1,64}")  # of an id, or a netid

_finders: list[Finder] = []
_held_among: list[HeldAmong] = []


def register_finder(find: Finder) -> Finder:
    """Ask `find` too when an identity is looked up; it returns None for unknown."""
    if find not in _finders:
        _finders.append(find)
    return find


def register_holds(held_among: HeldAmong) -> None:
    """Have `held_among` say which profile ids and netids are of people under hold."""
    _held_among[:] = [held_among]


def is_any_held(profile_ids: Iterable[str]) -> bool:
    """Whether one of these people is under privacy hold now."""
    return any(held_among(profile_ids) for held_among in _held_among)


def hidden_among(names: Iterable[Any], viewer: Viewer) -> frozenset[str]:
    """Of these, the ids and netids of people who do not exist for the viewer.

    Whoever did something is named where it is told: by their id or netid, if a
    client acts as them. What cannot be either names nobody.
    """
    if viewer.sees_held:
        return frozenset()
    asked = {name for name in names if isinstance(name, str) and NAME.fullmatch(name)}
    if not asked:
        return frozenset()
    return frozenset().union(*(held_among(asked) for held_among in _held_among))


def find_identity(identifier: str) -> Identity:
    """Whoever has this profile id, netid or lecturer id. Raises IdentityNotFound."""
    for find in _finders:
        identity = find(identifier)
        if identity is not None:
            return identity
    raise IdentityNotFound(
        f"No profile, netid or lecturer has the id {identifier!r}.", field="acts_as"
    )


def profile_id_of(identifier: str) -> str:
    """The profile id of whoever that is; the same words where it is nobody.

    So the records of a person who was deleted since are found by their id.
    """
    try:
        return find_identity(identifier).profile_id or identifier
    except IdentityNotFound:
        return identifier
