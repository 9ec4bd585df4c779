"""Importing a text as if it were a file."""

import io

import pytest
from django.db import connection, transaction

from config.history import recorded
from tests.factories import (
    CourseFactory,
    CourseIntakeFactory,
    DplanCodeFactory,
    DplanFactory,
    DplanSourceFactory,
    EnrollmentFactory,
    GradeColumnFactory,
    GradeFactory,
    GradeStateFactory,
    LecturerFactory,
    ProfileFactory,
    RegistrationFactory,
    SectionFactory,
    TermFactory,
    UnitFactory,
    UnitVersionFactory,
)
from transfer import importing
from transfer.kinds import KINDS
from transfer.staging import Tables

SECTION = "PHYS.013.01-203001-U-10412"
ACTOR = {"command": "importdata", "os_user": "rita"}


@pytest.fixture
def receive(db):
    """Begin an import of a text; what is not said does not matter."""

    def receive(kind, text, **more):
        file = io.BytesIO(text.encode())
        given = {"most_percent": 100, **more}
        it = importing.receive(
            KINDS[kind], file, file_name="rows.csv", actor=ACTOR, **given
        )
        return it, file

    return receive


@pytest.fixture
def check(receive):
    """Plan an import of a text."""

    def check(kind, text, **more):
        return importing.check(*receive(kind, text, **more))

    return check


@pytest.fixture
def apply(check):
    """Import a text."""

    def apply(kind, text, *, reason="", **more):
        with recorded(actor=ACTOR, door="command", reason=reason or None):
            return importing.apply(check(kind, text, **more), reason=reason)

    return apply


@pytest.fixture
def outcomes(check):
    """What would become of each row of a text, and why not."""

    def outcomes(kind, text, **more):
        it = check(kind, text, **more)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT _action, _errors FROM {Tables(it.pk).plan} ORDER BY _row"
            )
            return [
                errors if action == "error" else action
                for action, errors in cursor.fetchall()
            ]

    return outcomes


@pytest.fixture
def outcome(outcomes):
    """What would become of the one row of a text."""

    def outcome(kind, text, **more):
        (only,) = outcomes(kind, text, **more)
        return only

    return outcome


@pytest.fixture
def some_of_each(db):
    """One row of each kind, with ids that can be written down, and some more."""
    term = TermFactory(pk="term-1", code="203001")
    closed = TermFactory(
        pk="term-0", code="202901", grades_closed_at="2029-04-01T00:00Z"
    )
    TermFactory(pk="term-2", code=None)
    physics = CourseFactory(pk="course-1", code="PHYS")
    CourseFactory(pk="course-2", code="ARTS")
    intake = CourseIntakeFactory(pk="intake-1", course=physics, name="2030")
    CourseIntakeFactory(pk="twin-1", course=physics, name="Twin")
    CourseIntakeFactory(pk="twin-2", course=physics, name="Twin")
    lecturer = LecturerFactory(pk="lecturer-1", netid="l1")
    LecturerFactory(pk="lecturer-2", netid="l2")
    unit = UnitFactory(pk="unit-1", course=physics, code="P1")
    UnitFactory(pk="unit-2", course=physics, code="P2")
    UnitFactory(pk="unit-3", course_id="course-2", code="A1")
    final = GradeColumnFactory(pk="column-1", unit=unit)
    GradeColumnFactory(pk="column-2", unit_id="unit-3")
    version = UnitVersionFactory(pk="version-1", unit=unit, version_number=1)
    UnitVersionFactory(pk="version-2", unit_id="unit-2", version_number=1)
    section = SectionFactory(
        pk="offering-1",
        code="O1",
        section_id=SECTION,
        unit_version=version,
        course_intake=intake,
        lecturer=lecturer,
        semester=term,
    )
    old = SectionFactory(
        pk="offering-0",
        code="O0",
        section_id=None,
        unit_version=version,
        course_intake=CourseIntakeFactory(pk="intake-0", course=physics, name="2029"),
        semester=closed,
    )
    one = ProfileFactory(pk="profile-1", netid="f1")
    two = ProfileFactory(pk="profile-2", netid="f2")
    ProfileFactory(pk="profile-3", netid=None)
    code, source = DplanCodeFactory(id="R"), DplanSourceFactory(id="PHL")
    DplanFactory(pk="dplan-1", profile=one, term=term, code=code, source=source)
    GradeStateFactory(name="pass")
    registration = RegistrationFactory(
        pk="registration-1",
        profile=one,
        unit=unit,
        intake=intake,
        offering=section,
        grade_state_id="pass",
        ended_at="2030-03-01T00:00Z",
    )
    late = RegistrationFactory(
        pk="registration-0",
        profile=two,
        unit=unit,
        intake=old.course_intake,
        offering=old,
        grade_state_id="pass",
        ended_at="2029-03-01T00:00Z",
    )
    GradeFactory(registration=registration, column=final, value="85")
    GradeFactory(registration=late, column=final, value="85")
    EnrollmentFactory(offering=section, profile=one, registration=registration)
