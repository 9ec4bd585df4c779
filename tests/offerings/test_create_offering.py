import re

import pytest

from offerings.changes import OfferingChange
from offerings.errors import AnotherLecturers, CodeTaken, SemesterNotFound
from offerings.models import UnitOffering
from offerings.operations import create_offering
from tests.factories import (
    CourseIntakeFactory,
    LecturerFactory,
    TermFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)

pytestmark = pytest.mark.django_db


def new(**values):
    return OfferingChange(
        **{
            "code": "CS200",
            "unit_version_id": UnitVersionFactory().pk,
            "course_intake_id": CourseIntakeFactory().pk,
            "lecturer_id": LecturerFactory().pk,
            "semester_id": TermFactory().pk,
            **values,
        }
    )


def test_it_makes_an_offering_with_a_uuid(stored):
    change = new()
    offering = create_offering(change=change)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", offering.pk)
    assert stored(offering.pk) == {
        "id": offering.pk,
        **change.given,
        "personalized_outline": None,
        "student_groupings_enabled": False,
        "section_id": None,
        "part_of_term": "",
        "allows_retakes": False,
        "registration_opens_at": None,
        "registration_closes_at": None,
        "passing_grade": None,
        "version": 1,
        "created_at": offering.created_at,
        "updated_at": offering.updated_at,
    }


def test_it_takes_an_intake_of_another_course():
    intake = CourseIntakeFactory(course__code="OTHER")
    assert create_offering(change=new(course_intake_id=intake.pk)).pk


def test_it_refuses_a_code_that_another_has():
    UnitOfferingFactory(code="CS200")
    with pytest.raises(
        CodeTaken, match="^Unit offering with code 'CS200' already exists$"
    ):
        create_offering(change=new())
    assert UnitOffering.objects.count() == 1


def test_it_refuses_what_points_nowhere():
    with pytest.raises(SemesterNotFound, match="^Semester not found$"):
        create_offering(change=new(semester_id="nowhere"))
    assert not UnitOffering.objects.exists()


def test_it_lets_a_limited_lecturer_make_their_own():
    lecturer = LecturerFactory()
    change = new(lecturer_id=lecturer.pk)
    offering = create_offering(change=change, only_of_lecturer=lecturer.pk)
    assert offering.lecturer_id == lecturer.pk


def test_it_refuses_a_limited_lecturer_anothers():
    with pytest.raises(AnotherLecturers):
        create_offering(change=new(), only_of_lecturer=LecturerFactory().pk)
    assert not UnitOffering.objects.exists()
