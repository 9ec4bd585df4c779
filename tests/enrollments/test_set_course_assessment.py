from datetime import UTC, datetime

import pytest

from enrollments.errors import BothDatesGiven, EnrollmentNotFound, NotAStudent
from enrollments.models import Enrollment
from enrollments.operations import set_course_assessment
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.django_db

DAY = datetime(2020, 3, 5, 17, 53, 46, tzinfo=UTC)
LATER = datetime(2020, 4, 1, tzinfo=UTC)


def stored(enrollment):
    row = Enrollment.objects.get(pk=enrollment.pk)
    return row.assessment_submitted_at, row.assessment_opted_out_at, row.version


@pytest.mark.parametrize(("submitted", "opted_out"), [(DAY, None), (None, DAY)])
def test_it_sets_one_date_and_clears_the_other(submitted, opted_out):
    enrollment = EnrollmentFactory(assessment_submitted_at=LATER)
    set_course_assessment(
        enrollment_id=enrollment.pk, submit_date=submitted, opt_out_date=opted_out
    )
    assert stored(enrollment) == (submitted, opted_out, 2)


def test_it_clears_both_dates():
    enrollment = EnrollmentFactory(assessment_opted_out_at=DAY)
    set_course_assessment(
        enrollment_id=enrollment.pk, submit_date=None, opt_out_date=None
    )
    assert stored(enrollment) == (None, None, 2)


def test_it_leaves_no_trace_where_the_dates_are_as_asked():
    enrollment = EnrollmentFactory(assessment_submitted_at=DAY)
    set_course_assessment(
        enrollment_id=enrollment.pk, submit_date=DAY, opt_out_date=None
    )
    assert stored(enrollment) == (DAY, None, 1)
    assert enrollment.events.count() == 1


def test_it_keeps_one_row_of_history_for_a_change():
    enrollment = EnrollmentFactory()
    set_course_assessment(
        enrollment_id=enrollment.pk, submit_date=DAY, opt_out_date=None
    )
    assert enrollment.events.count() == 2


def test_it_refuses_both_dates():
    enrollment = EnrollmentFactory(assessment_submitted_at=DAY)
    with pytest.raises(BothDatesGiven):
        set_course_assessment(
            enrollment_id=enrollment.pk, submit_date=DAY, opt_out_date=LATER
        )
    assert stored(enrollment) == (DAY, None, 1)


def test_it_refuses_an_enrollment_of_another_role():
    enrollment = EnrollmentFactory(role="instructor")
    with pytest.raises(NotAStudent):
        set_course_assessment(
            enrollment_id=enrollment.pk, submit_date=DAY, opt_out_date=None
        )
    assert stored(enrollment) == (None, None, 1)


def test_it_does_not_know_an_id_that_none_has():
    with pytest.raises(EnrollmentNotFound):
        set_course_assessment(enrollment_id="none", submit_date=DAY, opt_out_date=None)
