"""What a writer asks of registrations, and what came of it.

Frozen structs rather than dataclasses: a bulk request makes thousands of them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Self

from msgspec import Struct

from access.callers import Caller
from access.scopes import REGISTRATIONS_LATE
from config.errors import DomainError
from config.unset import UNSET, Unset
from registrations.rows import Row, Status, UnitRow


class Writer(Struct, frozen=True, kw_only=True):
    """Who changes registrations, as far as the rules ask."""

    grader_id: str | None = None
    sees_held: bool = False
    may_grade_late: bool = False  # in a term that is closed for grades
    reason: str | None = None
    lecturer_id: str | None = None  # may write only this lecturer's

    @classmethod
    def of(cls, caller: Caller, *, reason: str | None = None) -> Self:
        """The caller of an interface as a writer."""
        return cls(
            grader_id=caller.grader_id,
            sees_held=caller.sees_held,
            may_grade_late=caller.has(REGISTRATIONS_LATE),
            reason=reason,
            lecturer_id=caller.only_of_lecturer,
        )


class Target(Struct, frozen=True, kw_only=True):
    """Which registration a change is for.

    By its id: that attempt, whichever it is; with `unit_id` only the latest one,
    on that unit. Else by profile and unit: the latest attempt, in the context
    (an intake or a course) where one is named.
    """

    registration_id: str | None = None
    profile_id: str | None = None
    unit_id: str | None = None
    context_id: str | None = None
    creates: bool = False  # where there is none yet; needs a context


class GradeChange(Struct, frozen=True):
    """What one item asks of one grade column."""

    name: str  # the column's
    value: Any = UNSET  # a string or a number; None clears and unpublishes
    published: bool | Unset = UNSET
    comment: str | None | Unset = UNSET
    resit_value: Any = UNSET
    resit_justification: str | None | Unset = UNSET


class Change(Struct, frozen=True, kw_only=True):
    """What one item asks of one registration; what it leaves out stays."""

    target: Target
    registration_state: str | Unset = UNSET
    grade_state_name: str | None | Unset = UNSET
    awarded: bool | None | Unset = UNSET  # None: by the rule again
    grade_notes: str | Unset = UNSET
    grade_feedback: str | Unset = UNSET
    grades: Sequence[GradeChange] = ()
    percentage: Decimal | Unset = UNSET  # of the final column's maximum
    completes: bool = False  # sets the outcome by the passing grade
    only_from: frozenset[Status] | None = None  # the statuses it can be done in
    expected_versions: frozenset[int] | None = None

    @property
    def touches_grades(self) -> bool:
        """Whether it is one that a term closed for grades holds off."""
        return bool(
            self.grades
            or self.completes
            or self.percentage is not UNSET
            or self.grade_state_name is not UNSET
            or self.awarded is not UNSET
        )


def seen_version(versions: Mapping[str, int] | None, id: str) -> frozenset[int] | None:
    """The version at which a registration was seen; None where any will do."""
    return frozenset({versions[id]}) if versions and id in versions else None


class Result(Struct, frozen=True):
    """What came of one change: the registration after it with its unit, or the
    refusal."""

    registration: Row | None = None
    unit: UnitRow | None = None
    error: DomainError | None = None
