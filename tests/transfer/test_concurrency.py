"""Imports while others write: nothing is lost, nobody is stuck."""

import threading

import pytest
from django.db import connection, transaction

from config.history import recorded
from offerings.models import CourseIntake, Term, UnitOffering
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.models import Grade, Registration
from registrations.operations import apply_change
from tests.factories import (
    CourseFactory,
    CourseIntakeFactory,
    EnrollmentFactory,
    GradeFactory,
    GradeStateFactory,
    RegistrationFactory,
    SectionFactory,
    TermFactory,
    UnitVersionFactory,
)
from tests.registrations.test_concurrency import after_the_lock_of, at_once
from tests.transfer.conftest import ACTOR
from transfer import importing
from transfer.applying import BUSY, MOVED
from transfer.errors import RecordMoved
from transfer.models import Import

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _staging(transactional_db):
    yield
    Import.objects.all().delete()
    importing.expire_old()  # and with them their tables


def applied(it):
    """Apply an import; return its state, or why it was refused."""
    try:
        with recorded(actor=ACTOR, door="command"):
            return importing.apply(it).state
    except RecordMoved as error:
        return error.message


def graded(registration, value):
    """What an interface does that writes a final grade."""
    change = Change(
        target=Target(registration_id=registration.pk),
        grades=[GradeChange("final", value=value)],
    )
    return apply_change(change, writer=Writer(grader_id="grader"))


@pytest.fixture
def grade():
    GradeStateFactory(name="pass")
    GradeStateFactory(name="fail")
    return GradeFactory(value="85")


def grades_file(grade, value):
    return f"registration,grade_name,value\n{grade.registration_id},final,{value}\n"


def value_of(grade):
    grade.refresh_from_db()
    return grade.value


def test_an_interface_that_writes_meanwhile_waits_and_comes_after(check, grade):
    it = check("grades", grades_file(grade, 70))
    row = after_the_lock_of(
        lambda: applied(it), lambda: graded(grade.registration, "60")
    )
    assert (row.id, value_of(grade)) == (grade.registration_id, "60")
    it.refresh_from_db()
    assert it.state == Import.State.APPLIED


def test_an_import_that_comes_after_an_interface_is_refused_as_moved(check, grade):
    it = check("grades", grades_file(grade, 70))
    said = after_the_lock_of(
        lambda: graded(grade.registration, "60"), lambda: applied(it)
    )
    assert (said, value_of(grade)) == (MOVED.message, "60")


def test_many_grades_from_both_sides_end_in_no_deadlock(check):
    GradeStateFactory(name="pass")
    GradeStateFactory(name="fail")
    grades = GradeFactory.create_batch(12)
    rows = "".join(f"{each.registration_id},final,70\n" for each in reversed(grades))
    it = check("grades", f"registration,grade_name,value\n{rows}")

    def write_backwards():
        return [graded(each.registration, "60").id for each in reversed(grades)]

    said, written = at_once(lambda: applied(it), write_backwards)
    assert said in (Import.State.APPLIED, MOVED.message, BUSY.message)
    assert len(written) == 12
    values = {*Grade.objects.values_list("value", flat=True)}
    assert values <= {"60", "70"}


def test_of_two_imports_at_once_one_is_refused_as_moved(check):
    TermFactory(code="203001", name="Old")
    first = check("terms", "code,name\n203001,First\n")
    second = check("terms", "code,name\n203001,Second\n")
    said = at_once(lambda: applied(first), lambda: applied(second))
    assert sorted(said) == sorted([Import.State.APPLIED, MOVED.message])
    applied_one = Import.objects.get(state=Import.State.APPLIED)
    name = {first.pk: "First", second.pk: "Second"}[applied_one.pk]
    assert Term.objects.get().name == name


def test_imports_of_different_kinds_take_turns(check):
    first = check("courses", "code,name\nPHYS,Physics\n")
    second = check("lecturers", "netid,first_name,last_name\nl1,Ada,Lovelace\n")
    said = at_once(lambda: applied(first), lambda: applied(second))
    assert said == [Import.State.APPLIED] * 2


def test_it_gives_up_where_others_hold_a_row_for_long(check, grade):
    it = check("grades", grades_file(grade, 70))
    is_held, may_end = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Registration.objects.select_for_update().get(pk=grade.registration_id)
            is_held.set()
            may_end.wait(20)

    def try_it():
        is_held.wait(20)
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '200ms'")
                return applied(it)
        finally:
            may_end.set()

    assert at_once(hold, try_it)[1] == BUSY.message
    assert value_of(grade) == "85"
    assert applied(it) == Import.State.APPLIED


def test_what_is_being_applied_does_not_expire(check):
    it = check("terms", "code,name,starts_on,ends_on\nT,T,2030-01-01,2030-02-01\n")
    Import.objects.filter(pk=it.pk).update(created_at="2020-01-01T00:00Z")
    is_applied, may_commit = threading.Event(), threading.Event()

    def apply():
        with transaction.atomic():
            applied(it)
            is_applied.set()
            may_commit.wait(20)

    def expire():
        is_applied.wait(20)
        try:
            return importing.expire_old()
        finally:
            may_commit.set()

    assert at_once(apply, expire)[1] == 0
    it.refresh_from_db()
    assert (it.state, Term.objects.count()) == (Import.State.APPLIED, 1)


# --- Others that have come to point to what would change ------------------------


def test_an_offering_stays_a_section_once_somebody_is_enrolled(check):
    section = SectionFactory(semester__code="202001")
    it = check("offerings", f"id,section_id\n{section.pk},AAAS.010.01-202001-U-99999\n")
    EnrollmentFactory(offering=section)
    assert applied(it) == MOVED.message
    assert UnitOffering.objects.get().section_id == section.section_id


def test_an_offering_keeps_its_unit_once_somebody_is_registered(check):
    offering = SectionFactory()
    other = UnitVersionFactory(unit__course=offering.course_intake.course)
    it = check("offerings", f"id,unit_version\n{offering.pk},{other.pk}\n")
    RegistrationFactory(
        offering=offering,
        unit=offering.unit_version.unit,
        intake=offering.course_intake,
    )
    assert applied(it) == MOVED.message


def test_an_intake_keeps_its_course_once_somebody_is_registered(check):
    intake, other = CourseIntakeFactory(), CourseFactory()
    it = check("intakes", f"id,course\n{intake.pk},{other.pk}\n")
    RegistrationFactory(intake=intake, unit__course=intake.course)
    assert applied(it) == MOVED.message
    assert CourseIntake.objects.get(pk=intake.pk).course_id == intake.course_id


def test_a_grade_column_keeps_its_scale_once_it_holds_grades(check):
    column = GradeFactory(value=None).column
    Grade.objects.all().delete()
    it = check("grade_columns", f"id,maximum\n{column.pk},50\n")
    registration = Registration.objects.get()
    GradeFactory(registration=registration, column=column, value="85")
    assert applied(it) == MOVED.message


def test_what_others_do_not_rest_on_changes_all_the_same(check):
    offering = SectionFactory()
    it = check("offerings", f"id,passing_grade\n{offering.pk},55\n")
    EnrollmentFactory(offering=offering)
    assert applied(it) == Import.State.APPLIED
