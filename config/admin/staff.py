"""A member of staff, as the domain may know who looks at it in the admin."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractUser

SEE_HELD = "students.see_held"
GRADE_OWN = "registrations.grade_own"
VIEW = "registrations.view_registration"


@dataclass(frozen=True)
class Staff:
    """Who is signed in to the admin, and how far their reach goes."""

    user: AbstractUser

    @property
    def sees_held(self) -> bool:
        """Whether people under privacy hold exist for them everywhere."""
        return self.user.has_perm(SEE_HELD)

    @property
    def grades_own(self) -> bool:
        """Whether they reach the offerings that they teach themselves."""
        return self.user.has_perm(GRADE_OWN)

    @property
    def sees_only_own(self) -> bool:
        """Whether of all registrations they reach those that they teach alone."""
        return self.grades_own and not self.user.has_perm(VIEW)

    @property
    def actor(self) -> dict[str, str]:
        """This person as the actor of a change in the history."""
        return {"staff": self.user.get_username()}
