"""The caller: who stands behind a request, as the domain may know it."""

from dataclasses import dataclass
from functools import cached_property

from access.scopes import PEOPLE_PRIVATE


@dataclass(frozen=True)
class Caller:
    """An external system, authenticated by key or token."""

    client_id: str
    sub: str  # the netid of the profile that the client acts as, else client_id
    name: str = ""
    email: str = ""
    role: str = ""  # ADMIN, LECTURER, STUDENT or none
    granted: tuple[str, ...] = ()  # scopes, in the order of its token or client
    profile_id: str | None = None  # acts as this profile
    lecturer_id: str | None = None  # acts as this lecturer
    only_of_lecturer: str | None = None  # may write this lecturer's alone; None: all
    purpose: str = ""  # stated when the client was registered
    rate_limit: int | None = None  # requests a minute; None: the default; 0: none
    issued_at: int | None = None  # Unix seconds; None when a key was used
    expires_at: int | None = None

    @cached_property
    def scopes(self) -> frozenset[str]:
        return frozenset(self.granted)

    def has(self, *scopes: str) -> bool:
        return self.scopes.issuperset(scopes)

    @property
    def sees_held(self) -> bool:
        """Whether people under privacy hold exist for this caller."""
        return PEOPLE_PRIVATE in self.scopes

    @property
    def grader_id(self) -> str:
        """Who graded, as `/dc` shows it: profile, lecturer, else the client."""
        return self.profile_id or self.lecturer_id or self.client_id

    @property
    def actor(self) -> dict[str, str]:
        """This caller as the actor of a change in the history."""
        return {"client": self.client_id, "sub": self.sub}
