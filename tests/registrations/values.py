"""Plain values for tests of rules that need no database."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from offerings.models import Scale
from registrations.changes import Change, Target, Writer
from registrations.decisions import Circumstances
from registrations.models import Outcome
from registrations.rows import (
    ColumnRow,
    CourseRow,
    GradeStateRow,
    OfferingRow,
    Row,
    UnitRow,
)

LONG_AGO = datetime(2020, 1, 6, tzinfo=UTC)
BEFORE = datetime(2021, 1, 6, tzinfo=UTC)
NOW = datetime(2022, 1, 6, tzinfo=UTC)

ESSAY = ColumnRow("c1", "__essay", "Essay", Scale.CONTINUOUS, Decimal(20))
FINAL = ColumnRow("c2", "final", "Final grade", Scale.CONTINUOUS, Decimal(100))
UNIT = UnitRow("u1", CourseRow("k1", "K1", "Course"), Decimal(50), [ESSAY, FINAL])

GRADE_STATES = {
    "pass": GradeStateRow("pass", Outcome.PASSED, True),
    "merit": GradeStateRow("merit", Outcome.PASSED, False),
    "fail": GradeStateRow("fail", Outcome.FAILED, True),
    "incomplete": GradeStateRow("incomplete", Outcome.NONE, False),
}

OFFERING = OfferingRow("o1", "Course 1", "l1", Decimal(60), False)
CLOSED_OFFERING = OfferingRow("o2", "Course 2", "l1", None, True)


def registration(**attributes: Any) -> Row:
    """A registration without grades, as it stood long ago."""
    defaults = {
        "id": "r1",
        "profile_id": "p1",
        "unit_id": UNIT.id,
        "course_id": UNIT.course.id,
        "intake_id": "i1",
        "attempt": 1,
        "offering": None,
        "grader_id": "somebody",
        "version": 7,
        "created_at": LONG_AGO,
        "updated_at": LONG_AGO,
    }
    return Row(**{**defaults, **attributes})


def asking(**attributes: Any) -> Change:
    return Change(target=Target(registration_id="r1"), **attributes)


def around(unit: UnitRow = UNIT, grade_states=None, **writer: Any) -> Circumstances:
    states = GRADE_STATES if grade_states is None else grade_states
    return Circumstances(unit, states, Writer(**{"grader_id": "me", **writer}), NOW)
