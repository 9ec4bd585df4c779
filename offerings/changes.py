"""What is to become of an offering, as values that travel between rooms."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from config.unset import UNSET, Unset


@dataclass(frozen=True)
class _Given:
    """What of a change is set."""

    @property
    def given(self) -> dict[str, Any]:
        """The values that are set, by the name of their column."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not UNSET}


@dataclass(frozen=True)
class OfferingChange(_Given):
    """New values of an offering; what is UNSET stays as it is."""

    code: str | Unset = UNSET
    unit_version_id: str | Unset = UNSET
    course_intake_id: str | Unset = UNSET
    lecturer_id: str | Unset = UNSET
    semester_id: str | Unset = UNSET
    personalized_outline: str | None | Unset = UNSET
    student_groupings_enabled: bool | Unset = UNSET
    section_id: str | None | Unset = UNSET
    part_of_term: str | Unset = UNSET
    allows_retakes: bool | Unset = UNSET
    registration_opens_at: datetime | None | Unset = UNSET
    registration_closes_at: datetime | None | Unset = UNSET
    passing_grade: Decimal | None | Unset = UNSET


@dataclass(frozen=True)
class TermChange(_Given):
    """New values of a term; what is UNSET stays as it is."""

    code: str | None | Unset = UNSET
    name: str | Unset = UNSET
    starts_on: date | Unset = UNSET
    ends_on: date | Unset = UNSET
    registration_opens_on: date | None | Unset = UNSET
    registration_closes_on: date | None | Unset = UNSET
