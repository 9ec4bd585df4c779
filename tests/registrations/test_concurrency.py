"""Several writers at once, each on a connection of its own."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, transaction

from offerings.changes import OfferingChange
from offerings.errors import OfferingHasRegistrations
from offerings.operations import change_offering
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.errors import AlreadyRegistered, UnknownGrade, UnknownGradeState
from registrations.models import Registration
from registrations.operations import apply_change, apply_changes, register
from tests.factories import (
    CourseIntakeFactory,
    GradeColumnFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)
from tests.registrations.records import grades_of

pytestmark = pytest.mark.django_db(transaction=True)

WRITER = Writer(grader_id="grader")
PAST = datetime(2020, 1, 6, tzinfo=UTC)


def at_once(*functions):
    """Call the functions in threads that begin together; return their results."""
    barrier = threading.Barrier(len(functions))

    def call(function):
        try:
            connection.ensure_connection()
            barrier.wait()
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(call, functions))


def after_the_lock_of(first, then):
    """Do `then` while `first` is done but not committed; return what it returns."""
    is_done, may_commit = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            first()
            is_done.set()
            may_commit.wait(10)

    def follow():
        is_done.wait(10)
        return then()

    def release():
        is_done.wait(10)
        wait_until_somebody_waits()
        may_commit.set()

    return at_once(hold, follow, release)[1]


def wait_until_somebody_waits():
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits for the lock")


def final(registration, *args, **attributes):
    target = Target(
        profile_id=registration.profile_id,
        unit_id=registration.unit_id,
        context_id=registration.intake_id,
    )
    grades = [GradeChange("final", *args, **attributes)]
    return Change(target=target, grades=grades)


def test_it_loses_no_update_and_meets_no_deadlock():
    unit = GradeColumnFactory().unit
    names = ["__a", "__b", "__c", "final"]
    for name in names[:-1]:
        GradeColumnFactory(unit=unit, name=name)
    registrations = RegistrationFactory.create_batch(12, unit=unit)

    def grade(name):
        for round in range(8):
            changes = [
                Change(
                    target=Target(registration_id=one.pk),
                    grades=[GradeChange(name, str(round))],
                )
                for one in random.sample(registrations, len(registrations))
            ]
            apply_changes(changes, writer=WRITER)

    at_once(*[lambda name=name: grade(name) for name in names])

    assert [grades_of(one) for one in registrations] == [
        {"__a": "7", "__b": "7", "__c": "7", "final": "7"}
    ] * 12
    versions = Registration.objects.values_list("version", flat=True)
    assert set(versions) == {1 + 4 * 8}


def test_it_reads_the_grades_as_the_lock_before_left_them():
    registration = RegistrationFactory()
    GradeColumnFactory(unit=registration.unit)
    row = after_the_lock_of(
        lambda: apply_change(final(registration, "85"), writer=WRITER),
        lambda: apply_change(final(registration, published=True), writer=WRITER),
    )
    (grade,) = row.grades.values()
    assert (grade.value, grade.published) == ("85", True)
    assert (row.version, grades_of(registration)) == (3, {"final": "85"})


def test_it_makes_one_registration_of_two_that_are_equal():
    unit, profile = GradeColumnFactory().unit, ProfileFactory()

    def make(value):
        target = Target(
            profile_id=profile.pk,
            unit_id=unit.pk,
            context_id=unit.course_id,
            creates=True,
        )
        grades = [GradeChange("final", value)]
        return apply_change(Change(target=target, grades=grades), writer=WRITER)

    second = after_the_lock_of(lambda: make("10"), lambda: make("20"))
    registration = Registration.objects.get()
    assert second.id == registration.pk
    assert (registration.version, grades_of(registration)) == (2, {"final": "20"})


def test_it_makes_one_of_each_where_many_are_made_in_any_order():
    unit, profiles = GradeColumnFactory().unit, ProfileFactory.create_batch(15)

    def make():
        targets = [
            Target(
                profile_id=profile.pk,
                unit_id=unit.pk,
                context_id=unit.course_id,
                creates=True,
            )
            for profile in random.sample(profiles, len(profiles))
        ]
        changes = [Change(target=target) for target in targets]
        return apply_changes(changes, writer=WRITER)

    results = at_once(make, make, make, make)
    assert {result.error for part in results for result in part} == {None}
    assert Registration.objects.count() == 15


def making(offering):
    """Somebody new on the unit and intake of an offering, which is not named."""
    target = Target(
        profile_id=ProfileFactory().pk,
        unit_id=offering.unit_version.unit_id,
        context_id=offering.course_intake_id,
        creates=True,
    )
    return lambda: apply_change(Change(target=target), writer=WRITER)


def moving(offering):
    """The offering on its way to another intake; a refusal is returned."""
    change = OfferingChange(course_intake_id=CourseIntakeFactory().pk)

    def move():
        try:
            return change_offering(offering_id=offering.pk, change=change)
        except OfferingHasRegistrations as refusal:
            return refusal

    return move


def test_it_makes_none_on_an_offering_that_has_moved_away():
    offering = UnitOfferingFactory()
    row = after_the_lock_of(moving(offering), making(offering))
    assert row.offering is None
    assert Registration.objects.get().offering is None


def test_an_offering_stays_while_somebody_is_being_put_on_it():
    offering = UnitOfferingFactory()
    refusal = after_the_lock_of(making(offering), moving(offering))
    assert isinstance(refusal, OfferingHasRegistrations)
    assert Registration.objects.get().offering == offering


def test_it_refuses_only_the_item_whose_grade_state_went_meanwhile():
    gone = GradeStateFactory(name="incomplete")
    first, second = RegistrationFactory.create_batch(2)
    changes = [
        Change(target=Target(registration_id=first.pk), grade_state_name="incomplete"),
        Change(target=Target(registration_id=second.pk), grade_notes="Stays"),
    ]
    refused, done = after_the_lock_of(
        gone.delete, lambda: apply_changes(changes, writer=WRITER)
    )
    assert isinstance(refused.error, UnknownGradeState)
    assert done.registration.notes == "Stays"
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.version, second.notes) == (1, "Stays")


def test_it_refuses_only_the_item_whose_column_went_meanwhile():
    registration, other = RegistrationFactory.create_batch(2)
    gone = GradeColumnFactory(unit=registration.unit)
    changes = [
        final(registration, "85"),
        Change(target=Target(registration_id=other.pk), grade_notes="Stays"),
    ]
    refused, done = after_the_lock_of(
        gone.delete, lambda: apply_changes(changes, writer=WRITER)
    )
    assert isinstance(refused.error, UnknownGrade)
    assert done.registration.notes == "Stays"
    registration.refresh_from_db()
    assert (registration.version, grades_of(registration)) == (1, {})


def test_it_registers_one_of_two_that_are_equal():
    profile, offering = ProfileFactory(), UnitOfferingFactory()

    def one():
        try:
            return register(
                profile_id=profile.pk, offering_id=offering.pk, writer=WRITER
            )
        except AlreadyRegistered as refusal:
            return refusal

    second = after_the_lock_of(one, one)
    assert isinstance(second, AlreadyRegistered)
    assert Registration.objects.count() == 1


def test_it_grades_the_retake_that_was_made_while_it_waited():
    offering = UnitOfferingFactory(allows_retakes=True)
    GradeColumnFactory(unit=offering.unit_version.unit)
    first = RegistrationFactory(
        unit=offering.unit_version.unit,
        intake=offering.course_intake,
        grade_state=GradeStateFactory(name="fail"),
        ended_at=PAST,
    )
    row = after_the_lock_of(
        lambda: register(
            profile_id=first.profile_id, offering_id=offering.pk, writer=WRITER
        ),
        lambda: apply_change(final(first, "85"), writer=WRITER),
    )
    assert row.attempt == 2
    assert grades_of(first) == {}
