import threading
import time

import pytest
from django.db import connection, transaction

from config.errors import StaleVersion
from offerings.changes import OfferingChange
from offerings.errors import (
    AnotherLecturers,
    CodeTaken,
    CourseIntakeNotFound,
    LecturerNotFound,
    OfferingHasRegistrations,
    OfferingNotFound,
    SemesterNotFound,
    UnitVersionNotFound,
)
from offerings.models import UnitOffering
from offerings.operations import change_offering
from registrations.changes import Writer
from registrations.operations import register
from tests.factories import (
    CourseIntakeFactory,
    LecturerFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)

pytestmark = pytest.mark.django_db

History = UnitOffering.pgh_event_model


@pytest.fixture
def offering():
    return UnitOfferingFactory(
        code="CS101", personalized_outline="As it was", student_groupings_enabled=True
    )


def change(offering, *, expected_versions=None, only_of_lecturer=None, **values):
    return change_offering(
        offering_id=offering.pk,
        change=OfferingChange(**values),
        expected_versions=expected_versions,
        only_of_lecturer=only_of_lecturer,
    )


def test_it_changes_what_is_given_and_leaves_the_rest(offering, stored):
    before = stored(offering.pk)
    changed = change(offering, code="CS102")
    assert stored(offering.pk) == {
        **before,
        "code": "CS102",
        "version": 2,
        "updated_at": changed.updated_at,
    }
    assert changed.updated_at > before["updated_at"]


@pytest.mark.parametrize("outline", [None, ""])
def test_it_clears_the_outline(offering, stored, outline):
    change(offering, personalized_outline=outline)
    assert stored(offering.pk)["personalized_outline"] == outline


def test_it_does_nothing_where_all_is_so_already(offering, stored):
    before = stored(offering.pk)
    change(offering, code="CS101", student_groupings_enabled=True)
    assert stored(offering.pk) == before
    assert History.objects.filter(pgh_obj=offering).count() == 1


def test_it_refuses_an_offering_that_does_not_exist():
    with pytest.raises(OfferingNotFound, match="^Unit offering not found$"):
        change_offering(offering_id="nowhere", change=OfferingChange(code="CS102"))


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("unit_version_id", UnitVersionNotFound, "Unit version not found"),
        ("course_intake_id", CourseIntakeNotFound, "Course intake not found"),
        ("lecturer_id", LecturerNotFound, "Lecturer not found"),
        ("semester_id", SemesterNotFound, "Semester not found"),
    ],
)
def test_it_refuses_what_points_nowhere(offering, stored, name, error, message):
    before = stored(offering.pk)
    with pytest.raises(error, match=f"^{message}$"):
        change(offering, **{name: "nowhere"})
    assert stored(offering.pk) == before


def test_it_refuses_a_code_that_another_has(offering, stored):
    UnitOfferingFactory(code="CS102")
    before = stored(offering.pk)
    with pytest.raises(
        CodeTaken, match="^Unit offering with code 'CS102' already exists$"
    ):
        change(offering, code="CS102")
    assert stored(offering.pk) == before


def test_it_refuses_a_version_that_is_not_the_last(offering, stored):
    before = stored(offering.pk)
    with pytest.raises(StaleVersion):
        change(offering, code="CS102", expected_versions=frozenset({2}))
    assert stored(offering.pk) == before


def test_it_takes_the_version_that_is_the_last(offering):
    versions = frozenset({1, 7})
    assert change(offering, code="CS102", expected_versions=versions).version == 2


@pytest.fixture
def registered(offering):
    return RegistrationFactory(
        offering=offering,
        unit=offering.unit_version.unit,
        intake=offering.course_intake,
    )


def test_it_stays_with_its_unit_once_somebody_is_registered(
    offering, registered, stored
):
    before = stored(offering.pk)
    with pytest.raises(OfferingHasRegistrations, match="another unit"):
        change(offering, unit_version_id=UnitVersionFactory().pk)
    assert stored(offering.pk) == before


def test_it_stays_with_its_intake_once_somebody_is_registered(
    offering, registered, stored
):
    before = stored(offering.pk)
    with pytest.raises(OfferingHasRegistrations, match="another intake"):
        change(offering, course_intake_id=CourseIntakeFactory().pk)
    assert stored(offering.pk) == before


def test_it_stays_where_the_registered_one_is_under_hold(offering, registered):
    registered.profile.is_confidential = True
    registered.profile.save()
    with pytest.raises(OfferingHasRegistrations):
        change(offering, course_intake_id=CourseIntakeFactory().pk)


def test_it_moves_to_another_version_of_the_same_unit(offering, registered):
    version = UnitVersionFactory(unit=offering.unit_version.unit, version_number=2)
    changed = change(offering, unit_version_id=version.pk)
    assert changed.unit_version_id == version.pk


def test_it_moves_where_nobody_is_registered(offering):
    version, intake = UnitVersionFactory(), CourseIntakeFactory()
    changed = change(offering, unit_version_id=version.pk, course_intake_id=intake.pk)
    assert (changed.unit_version, changed.course_intake) == (version, intake)


def test_it_lets_a_limited_lecturer_change_their_own(offering):
    changed = change(offering, code="CS102", only_of_lecturer=offering.lecturer_id)
    assert changed.code == "CS102"


def test_it_refuses_a_limited_lecturer_anothers(offering, stored):
    before = stored(offering.pk)
    with pytest.raises(AnotherLecturers):
        change(offering, code="CS102", only_of_lecturer=LecturerFactory().pk)
    assert stored(offering.pk) == before


def test_it_refuses_a_limited_lecturer_to_give_theirs_away(offering, stored):
    before = stored(offering.pk)
    with pytest.raises(AnotherLecturers):
        change(
            offering,
            lecturer_id=LecturerFactory().pk,
            only_of_lecturer=offering.lecturer_id,
        )
    assert stored(offering.pk) == before


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_a_registration_that_is_being_made(offering):
    intake = CourseIntakeFactory()
    profile = ProfileFactory(intake=offering.course_intake)
    begun, refusals = threading.Event(), []

    def move():
        begun.set()
        try:
            change(offering, course_intake_id=intake.pk)
        except OfferingHasRegistrations as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    mover = threading.Thread(target=move)
    with transaction.atomic():
        register(profile_id=profile.pk, offering_id=offering.pk, writer=Writer())
        mover.start()
        begun.wait()
        wait_until_somebody_waits_for_a_lock()
    mover.join()
    assert len(refusals) == 1
    assert UnitOffering.objects.get().course_intake_id == offering.course_intake_id


def wait_until_somebody_waits_for_a_lock():
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
