"""How far grade entry is, counted or estimated."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config.admin.staff import Staff
from config.estimates import rounded
from registrations.progress import progress_of
from tests.factories import (
    GradeColumnFactory,
    TermFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)
from tests.registrations.test_admin_grade_sheet import make_grade, make_registration
from tests.staff import make_staff

pytestmark = pytest.mark.django_db

LOOKING = ["registrations.view_registration", "offerings.view_unitoffering"]


@pytest.fixture
def version():
    version = UnitVersionFactory()
    GradeColumnFactory(unit=version.unit)
    return version


@pytest.fixture
def term():
    return TermFactory()


def make_offering(version, term, **attributes):
    return UnitOfferingFactory(unit_version=version, semester=term, **attributes)


def told(term, *permissions, most=10, user=None):
    staff = Staff(user or make_staff(*permissions))
    (each,) = progress_of([term], staff, most=most)
    return (each.students, each.published, each.waiting, each.missing, each.is_about)


def test_it_counts_what_is_published_entered_and_missing(version, term):
    offering = make_offering(version, term)
    make_grade(make_registration(offering), published=True)
    make_grade(make_registration(offering))
    make_grade(make_registration(offering), value=None)
    make_registration(offering)
    make_registration(offering, state="conditional")
    make_registration(offering, state="rejected", ejected_at=timezone.now())
    make_registration(make_offering(version, TermFactory()))
    assert told(term, *LOOKING) == (5, 1, 1, 3, False)


def test_it_knows_nothing_of_a_term_where_nobody_is_registered(version, term):
    make_offering(version, term)
    assert told(term, *LOOKING) == (0, 0, 0, 0, False)


def test_it_leaves_out_people_under_hold_for_who_may_not_see_them(version, term):
    offering = make_offering(version, term)
    make_registration(offering, profile__is_confidential=True)
    make_registration(offering)
    see_held = make_staff(*LOOKING, "students.see_held", username="ada")
    assert told(term, *LOOKING) == (1, 0, 0, 1, False)
    assert told(term, user=see_held) == (2, 0, 0, 2, False)


def test_it_counts_for_lecturers_what_they_teach(version, term):
    lecturer = make_staff("registrations.grade_own", username="ada")
    own = make_offering(version, term, lecturer__user=lecturer)
    make_registration(own, profile__is_confidential=True)
    make_registration(make_offering(version, term))
    assert told(term, user=lecturer) == (1, 0, 0, 1, False)


def test_it_counts_people_under_hold_for_clerks_where_they_teach(version, term):
    clerk = make_staff(*LOOKING, "registrations.grade_own", username="ada")
    own = make_offering(version, term, lecturer__user=clerk)
    make_registration(own, profile__is_confidential=True)
    make_registration(make_offering(version, term), profile__is_confidential=True)
    assert told(term, user=clerk) == (1, 0, 0, 1, False)


def test_it_shows_nothing_to_who_may_see_offerings_alone(version, term):
    make_registration(make_offering(version, term))
    staff = make_staff("offerings.view_unitoffering", "registrations.grade_own")
    assert told(term, user=staff) == (0, 0, 0, 0, False)


def test_it_estimates_a_term_of_which_it_counted_a_part(version, term):
    for offering in [make_offering(version, term) for _ in range(4)]:
        make_grade(make_registration(offering))
        make_registration(offering)
    assert told(term, *LOOKING, most=2) == (8, 0, 4, 4, True)


@pytest.mark.parametrize(
    ("number", "said"), [(0, 0), (7.6, 8), (99, 99), (123, 120), (167_499, 170_000)]
)
def test_an_estimate_says_two_digits(number, said):
    assert rounded(number) == said


def test_it_asks_as_often_for_many_offerings_as_for_one(version, term):
    staff = Staff(make_staff(*LOOKING))
    make_registration(make_offering(version, term))
    progress_of([term], staff, most=10)
    with CaptureQueriesContext(connection) as one:
        progress_of([term], staff, most=10)
    for offering in [make_offering(version, term) for _ in range(5)]:
        make_registration(offering)
    terms = [term, TermFactory()]
    with CaptureQueriesContext(connection) as many:
        progress_of(terms, staff, most=10)
    assert len(many) == len(one) == 2
