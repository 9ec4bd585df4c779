"""A file is judged, and stored, as if each of its rows were asked for by itself.

What a row may become is said twice: by `registrations.decisions` for whoever
changes registrations, and in SQL by the kinds of file. Here the two are held
against each other, over rows that are made up.
"""

import csv
import io
from datetime import UTC, datetime

import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from config.unset import UNSET
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.models import Grade, Registration
from registrations.operations import apply_changes
from tests.factories import (
    GradeColumnFactory,
    GradeFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    TermFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)
from transfer import importing
from transfer.kinds import KINDS
from transfer.plans import errors_of
from transfer.staging import Tables

NOW = datetime(2022, 1, 6, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 6, tzinfo=UTC)
EXAMPLES = settings(max_examples=60, deadline=None)
FLAGS = {"true": True, "false": False, "": None}


def text_of(rows):
    """The rows as a file: a column for each cell that the first one has."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*rows[0]])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def faults_of(kind, rows, *, is_late):
    """What is wrong with each row, as the file of all of them would tell it."""
    it, file = received(kind, rows, is_late)
    with transaction.atomic():
        importing.check(it, file)
        faults = {number: [] for number in range(2, len(rows) + 2)}
        for number, sentence in errors_of(Tables(it.pk)):
            faults[number].append(sentence)
        importing.forget(it)
    return [*faults.values()]


def import_all(kind, rows, *, is_late):
    if rows:
        it, file = received(kind, rows, is_late)
        importing.apply(importing.check(it, file))


def received(kind, rows, is_late):
    file = io.BytesIO(text_of(rows).encode())
    it = importing.receive(
        KINDS[kind],
        file,
        file_name="rows.csv",
        actor={"command": "importdata", "os_user": "rita"},
        most_percent=100,
        is_late=is_late,
    )
    return it, file


def stored():
    """Every registration and grade as it is, but for when it was written."""
    rows = {
        row["id"]: {**row, "updated_at": None} for row in Registration.objects.values()
    }
    grades = {
        (grade["registration_id"], grade["column_id"]): {
            **grade,
            "id": None,
            "updated_at": None,
        }
        for grade in Grade.objects.values()
    }
    return rows, grades


class Rehearsal:
    """What it leaves is looked at, and undone."""

    def __enter__(self):
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        return self

    def __exit__(self, *error):
        self.left = None if error[0] else stored()
        transaction.set_rollback(True)
        self.atomic.__exit__(*error)


def agree(kind, rows, changes, *, is_late):
    """Hold a file against the changes that its rows ask for, one for one."""
    writer = Writer(
        sees_held=True, may_grade_late=is_late, reason="Late" if is_late else None
    )
    with time_machine.travel(NOW, tick=False):
        with Rehearsal() as asked:
            results = apply_changes(changes, writer=writer)
        refusals = [result.error.message if result.error else "" for result in results]
        faults = faults_of(kind, rows, is_late=is_late)
        good = [row for row, fault in zip(rows, faults, strict=True) if not fault]
        with Rehearsal() as filed:
            import_all(kind, good, is_late=is_late)

    assert [bool(fault) for fault in faults] == [bool(told) for told in refusals]
    assert [
        told
        for told, fault in zip(refusals, faults, strict=True)
        if told and not any(sentence.endswith(told) for sentence in fault)
    ] == []
    assert filed.left == asked.left


class World(TestCase):
    """Two offerings of one unit, of which one's term is closed for grades."""

    def setUp(self):
        for name in ("pass", "fail", "incomplete"):
            GradeStateFactory(name=name)
        version = UnitVersionFactory()
        self.unit = version.unit
        self.columns = {
            "final": GradeColumnFactory(unit=self.unit, maximum=20),
            "__quiz": GradeColumnFactory(
                unit=self.unit,
                name="__quiz",
                scale="discrete",
                maximum=10,
                allowed=["0", "2.5", "10", "odd"],
            ),
            "__label": GradeColumnFactory(
                unit=self.unit,
                name="__label",
                scale="labels",
                maximum=None,
                allowed=["A", "B", "01"],
            ),
        }
        closed = TermFactory(grades_closed_at=timezone.now())
        self.offerings = {
            "open": UnitOfferingFactory(unit_version=version),
            "closed": UnitOfferingFactory(unit_version=version, semester=closed),
            "none": None,
        }

    def registered(self, offering, **attributes):
        given = self.offerings[offering]
        more = {"intake": given.course_intake, "offering": given} if given else {}
        return RegistrationFactory(
            profile=ProfileFactory(), unit=self.unit, **more, **attributes
        )


OFFERINGS = st.sampled_from(["open", "closed", "none"])
STATES = ["registered", "conditional", "rejected"]
GRADE_STATES = [None, "pass", "fail", "incomplete"]
FINISHED = ["pass", "fail"]

REGISTERED = st.fixed_dictionaries(
    {
        "offering": OFFERINGS,
        "state": st.sampled_from(STATES),
        "grade_state_id": st.sampled_from(GRADE_STATES),
        "awarded": st.sampled_from([None, True, False]),
        "notes": st.sampled_from(["", "Old"]),
        "grader_id": st.sampled_from([None, "somebody"]),
    }
)

CELLS = {
    "state": st.sampled_from(["", *STATES]),
    "grade_state": st.sampled_from(["", "pass", "fail", "incomplete"]),
    "awarded": st.sampled_from([*FLAGS]),
    "notes": st.sampled_from(["", "New", " spaced "]),
    "feedback": st.sampled_from(["", "Well done"]),
}


def rows_of(stands, cells):
    """Lists of (what is stored, the row): all rows have the same cells."""
    return st.sets(st.sampled_from([*cells]), min_size=1).flatmap(
        lambda names: st.lists(
            st.tuples(
                stands, st.fixed_dictionaries({name: cells[name] for name in names})
            ),
            min_size=1,
            max_size=4,
        )
    )


class RegistrationsTest(World):
    @EXAMPLES
    @given(rows_of(REGISTERED, CELLS), st.booleans())
    def test_it_makes_of_a_registration_what_a_change_makes(self, pairs, is_late):
        found = [self.stands(**stands) for stands, _ in pairs]
        rows = [
            {"id": registration.pk, **row}
            for registration, (_, row) in zip(found, pairs, strict=True)
        ]
        changes = [
            asked_of(registration, row)
            for registration, (_, row) in zip(found, pairs, strict=True)
        ]
        agree("registrations", rows, changes, is_late=is_late)

    def stands(self, state, grade_state_id, **attributes):
        is_rejected = state == "rejected"
        is_finished = is_rejected or grade_state_id in FINISHED
        return self.registered(
            state=state,
            grade_state_id=grade_state_id,
            ended_at=LONG_AGO if is_finished else None,
            ejected_at=LONG_AGO if is_rejected else None,
            **attributes,
        )


def asked_of(registration, row):
    """What a row asks: a cell that says what is so asks nothing."""
    grade_state = row.get("grade_state", registration.grade_state_id) or None
    awarded = FLAGS[row["awarded"]] if "awarded" in row else UNSET
    is_graded = grade_state != registration.grade_state_id
    is_awarded = is_graded or awarded is not registration.awarded
    return Change(
        target=Target(registration_id=registration.pk),
        registration_state=row.get("state") or UNSET,
        grade_state_name=grade_state if is_graded else UNSET,
        awarded=awarded if is_awarded else UNSET,
        grade_notes=row["notes"].strip() if "notes" in row else UNSET,
        grade_feedback=row.get("feedback", UNSET),
    )


NEVER = {
    "value": None,
    "published": False,
    "comment": None,
    "resit_value": None,
    "resit_justification": None,
}
VALUES = ["0", "2.5", "7.50", "20", "20.000001", "25", "A", "01", "odd", "1e1"]

# What was on the scale once need not be so now.
STANDS = st.none() | st.builds(
    lambda grade: {**grade, "published": grade["published"] and bool(grade["value"])},
    st.fixed_dictionaries(
        {
            "value": st.sampled_from([None, *VALUES]),
            "published": st.booleans(),
            "comment": st.sampled_from([None, "", "Good"]),
            "resit_value": st.sampled_from([None, *VALUES]),
            "resit_justification": st.sampled_from([None, "", "Was ill"]),
        }
    ),
)

GRADE_CELLS = {
    "value": st.sampled_from(["", " 20 ", *VALUES]),
    "published": st.sampled_from([*FLAGS]),
    "comment": st.sampled_from(["", "Good", "Better"]),
    "resit_value": st.sampled_from(["", *VALUES]),
    "resit_justification": st.sampled_from(["", "Was ill"]),
}

GRADED = st.tuples(
    OFFERINGS,
    st.sampled_from(["final", "__quiz", "__label"]),
    st.sampled_from([None, "somebody"]),
    STANDS,
)


class GradesTest(World):
    @EXAMPLES
    @given(rows_of(GRADED, GRADE_CELLS), st.booleans())
    def test_it_makes_of_a_grade_what_a_change_makes(self, pairs, is_late):
        found = [self.graded(*stands) for stands, _ in pairs]
        rows = [
            {"registration": registration.pk, "grade_name": name, **row}
            for (registration, name, _), (_, row) in zip(found, pairs, strict=True)
        ]
        changes = [
            grading(registration, name, stands or NEVER, row)
            for (registration, name, stands), (_, row) in zip(found, pairs, strict=True)
        ]
        agree("grades", rows, changes, is_late=is_late)

    def graded(self, offering, name, grader_id, stands):
        """A file that brings a final grade leaves the grader: here, there is none."""
        is_brought = name == "final" and not (stands and of_record(stands))
        registration = self.registered(
            offering, grader_id=None if is_brought else grader_id
        )
        if stands:
            column = self.columns[name]
            GradeFactory(registration=registration, column=column, **stands)
        return registration, name, stands


def of_record(grade):
    return grade["resit_value"] or grade["value"]


def grading(registration, name, stands, row):
    """What a row asks: one that says what is so asks nothing."""
    texts = {
        cell: row[cell].strip() or None
        for cell in row
        if cell != "published" and (row[cell].strip() or None) != (stands[cell] or None)
    }
    flags = {"published": FLAGS[row["published"]]} if row.get("published") else {}
    is_so = not texts and flags in ({}, {"published": stands["published"]})
    asked = {} if is_so else {**texts, **flags}
    return Change(
        target=Target(registration_id=registration.pk),
        grades=[GradeChange(name, **asked)] if asked else [],
    )
