"""Bulk against a simple model that applies items one by one.

The model is written for plainness, in the words of the contract, and shares no
code with what it checks.
"""

from copy import deepcopy
from decimal import Decimal, InvalidOperation

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from registrations.changes import Change, GradeChange, Target, Writer
from registrations.models import Registration
from registrations.operations import apply_changes
from tests.factories import (
    CourseFactory,
    CourseIntakeFactory,
    GradeColumnFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitFactory,
)

OUTCOMES = {"pass": "passed", "fail": "failed", "incomplete": "none"}
MAXIMA = {"final": 100, "__essay": 20}
EMPTY = {
    "value": None,
    "published": False,
    "comment": None,
    "resit_value": None,
    "resit_justification": None,
}


class Refused(Exception):
    """An item of the model is refused, with this code."""


class Model:
    """A profile's registrations by unit and context, as dictionaries."""

    def __init__(self, intakes):
        self.intakes = intakes  # intake to course
        self.rows = {}  # (unit, context) to registration

    def apply(self, item):
        row = self.find(item)
        changed = deepcopy(row)
        self.change(changed, item)
        row.clear()
        row.update(changed)
        return row

    def find(self, item):
        unit, context = item["unit"], item["context"]
        fitting = [
            row
            for (row_unit, row_context), row in self.rows.items()
            if row_unit == unit
            and context in (row_context, self.intakes.get(row_context))
        ]
        if len(fitting) > 1:
            raise Refused("ambiguous_context")
        if fitting:
            return fitting[0]
        if context not in (*self.intakes, *self.intakes.values()):
            raise Refused("unknown_context")
        if not item["creates"]:
            raise Refused("not_registered")
        changed = {
            "state": "registered",
            "grade_state": None,
            "awarded": None,
            "notes": "",
            "ended": False,
            "grades": {},
        }
        self.change(changed, item)  # a refusal leaves none behind
        self.rows[unit, context] = changed
        return changed

    def change(self, row, item):
        if "state" in item:
            if item["state"] not in ("registered", "conditional", "rejected"):
                raise Refused("unknown_state")
            row["state"] = item["state"]
        row["notes"] = item.get("notes", row["notes"])
        for grade in item["grades"]:
            self.enter(row["grades"], grade)
        if "grade_state" in item:
            if item["grade_state"] not in (None, *OUTCOMES):
                raise Refused("unknown_grade_state")
            if item["grade_state"] != row["grade_state"]:
                row["awarded"] = None
            row["grade_state"] = item["grade_state"]
        row["awarded"] = item.get("awarded", row["awarded"])
        outcome = OUTCOMES.get(row["grade_state"], "none")
        row["ended"] = row["state"] == "rejected" or outcome != "none"

    def enter(self, grades, entry):
        if entry["name"] not in MAXIMA:
            raise Refused("unknown_grade")
        grade = {**EMPTY, **grades.get(entry["name"], {})}
        for key in ("value", "resit_value"):
            if entry.get(key) is not None:
                self.check(entry[key], MAXIMA[entry["name"]])
        grade.update({key: it for key, it in entry.items() if key != "name"})
        if grade["value"] is None:
            if entry.get("published"):
                raise Refused("nothing_to_publish")
            grade["published"] = False
        if grade != EMPTY or entry["name"] in grades:
            grades[entry["name"]] = grade

    def check(self, text, maximum):
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise Refused("off_scale") from None
        if not 0 <= number <= maximum:
            raise Refused("off_scale")


def some(**parts):
    """Dictionaries with any of these keys."""
    return st.fixed_dictionaries({}, optional=parts)


VALUES = st.sampled_from([None, "0", "7.5", "20", "20.5", "100", "101", "A", ""])

GRADES = st.builds(
    lambda name, entry: {"name": name, **entry},
    st.sampled_from(["final", "__essay", "__none"]),
    some(
        value=VALUES,
        published=st.booleans(),
        comment=st.sampled_from([None, "", "good"]),
        resit_value=VALUES,
        resit_justification=st.sampled_from([None, "was ill"]),
    ),
)

ITEMS = st.builds(
    lambda base, more: {**base, **more},
    st.fixed_dictionaries(
        {
            "unit": st.sampled_from([0, 1]),
            "context": st.sampled_from(["intake0", "intake1", "course", "nowhere"]),
            "creates": st.booleans(),
            "grades": st.lists(GRADES, max_size=3),
        }
    ),
    some(
        state=st.sampled_from(["registered", "conditional", "rejected", "odd"]),
        grade_state=st.sampled_from([None, "pass", "fail", "incomplete", "odd"]),
        awarded=st.sampled_from([None, True, False]),
        notes=st.sampled_from(["", "x"]),
    ),
)

NAMES = {
    "state": "registration_state",
    "grade_state": "grade_state_name",
    "awarded": "awarded",
    "notes": "grade_notes",
}


class OneByOneTest(TestCase):
    def setUp(self):
        for name in OUTCOMES:
            GradeStateFactory(name=name)
        course = CourseFactory()
        intakes = CourseIntakeFactory.create_batch(2, course=course)
        self.contexts = {
            "intake0": intakes[0].pk,
            "intake1": intakes[1].pk,
            "course": course.pk,
            "nowhere": "nowhere",
        }
        self.units = UnitFactory.create_batch(2, course=course)
        for unit in self.units:
            GradeColumnFactory(unit=unit)
            GradeColumnFactory(unit=unit, name="__essay", maximum=20)
        self.profile = ProfileFactory()
        RegistrationFactory(
            profile=self.profile, unit=self.units[0], course=course, intake=intakes[0]
        )
        self.model = Model({intake.pk: course.pk for intake in intakes})
        self.model.rows[self.units[0].pk, intakes[0].pk] = {
            "state": "registered",
            "grade_state": None,
            "awarded": None,
            "notes": "",
            "ended": False,
            "grades": {},
        }

    @settings(max_examples=50, deadline=None)
    @given(st.lists(ITEMS, max_size=6))
    def test_it_ends_as_if_each_item_were_applied_by_itself(self, items):
        named = [
            {
                **item,
                "unit": self.units[item["unit"]].pk,
                "context": self.contexts[item["context"]],
            }
            for item in items
        ]
        results = apply_changes(
            [self.change(item) for item in named], writer=Writer(grader_id="me")
        )
        model = deepcopy(self.model)
        assert [code(result) for result in results] == [
            expected(model, item) for item in named
        ]
        assert self.stored() == model.rows

    def change(self, item):
        target = Target(
            profile_id=self.profile.pk,
            unit_id=item["unit"],
            context_id=item["context"],
            creates=item["creates"],
        )
        asked = {NAMES[name]: item[name] for name in NAMES if name in item}
        grades = [GradeChange(**grade) for grade in item["grades"]]
        return Change(target=target, grades=grades, **asked)

    def stored(self):
        return {
            (row.unit_id, row.context_id): {
                "state": row.state,
                "grade_state": row.grade_state_id,
                "awarded": row.awarded,
                "notes": row.notes,
                "ended": row.ended_at is not None,
                "grades": {
                    grade.pop("column__name"): grade
                    for grade in row.grades.values("column__name", *EMPTY)
                },
            }
            for row in Registration.objects.all()
        }


def code(result):
    return result.error.code if result.error else None


def expected(model, item):
    """Return the code that the model refuses the item with, or None."""
    try:
        model.apply(item)
    except Refused as refusal:
        return str(refusal)
    return None
