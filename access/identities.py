"""Whom a client may act as, found by apps that know people.

Access knows neither profiles nor lecturers; an app that does registers a
finder when it is ready.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from access.errors import IdentityNotFound


@dataclass(frozen=True)
class Identity:
    """A person as plain ids; one who is both profile and lecturer has both."""

    subject: str = ""  # the netid
    profile_id: str = ""
    lecturer_id: str = ""
    is_held: bool = False  # under privacy hold


Finder = Callable[[str], Identity | None]

AnyHeld = Callable[[Iterable[str]], bool]

_finders: list[Finder] = []
_any_held: list[AnyHeld] = []


def register_finder(find: Finder) -> Finder:
    """Ask `find` too when an identity is looked up; it returns None for unknown."""
    if find not in _finders:
        _finders.append(find)
    return find


def register_holds(any_held: AnyHeld) -> None:
    """Have `any_held` say whether one of some profiles is under privacy hold."""
    _any_held[:] = [any_held]


def is_any_held(profile_ids: Iterable[str]) -> bool:
    """Whether one of these people is under privacy hold now."""
    return any(any_held(profile_ids) for any_held in _any_held)


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
