"""How the database finds what the list is asked for, in a large record."""

import pytest
from django.http import QueryDict

from enrollments.api.filters import EnrollmentFilters
from enrollments.models import Enrollment
from tests.large import NOBODY_SPECIAL, large_record, plan_of

__all__ = ["large_record"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("large_record")]

LARGE = {"enrollments_enrollment", "students_profile", "registrations_grade"}


def plan(query, most=None):
    everyone = Enrollment.objects.visible_to(NOBODY_SPECIAL).order_by("id")
    return plan_of(EnrollmentFilters(QueryDict(query), everyone).search()[:most])


FILTERS = [
    "id=AAAS.001.01-202001-U-10000-b0000001-student",
    "id=AAAS.00*",
    "id==>FREN.09",
    "section.id=AAAS.001.01-202001-U-10000",
    "section.id=AAAS.00*",
    "section.id==>FREN.09",
    "netid=b0000100",
    "netid=b00010*",
    "netid==>b0009900",
    "role=student",
    "role=instructor",
    "role=*",
    "term.id=202001-U",
    "term.id=202001-*",
    "term.id=20200*",
    "term.id==>202407-A",
    "term.sis_term_code=202001",
    "term.sis_term_code=20200*",
    "term.sis_term_code==>202407",
    "term.sis_ptrm_code=A",
    "term.sis_ptrm_code=U",
    "is_active=true",
    "is_active=false",
    "is_in_session=true",
    "is_in_session=false",
    "is_active=true&netid=b0000100",
    "term.sis_term_code=202001&role=student",
]


@pytest.mark.parametrize("query", ["", *FILTERS])
def test_it_reads_no_large_table_from_end_to_end(query):
    scans = plan(query).scans
    assert "Seq Scan" not in set().union(*(scans.get(table, set()) for table in LARGE))


@pytest.mark.parametrize("query", ["", *FILTERS])
def test_it_reads_what_it_finds_and_who_is_held(query):
    found = plan(query)
    assert found.rows_read <= 1.2 * found.rows_found + 200


@pytest.mark.parametrize(
    "query", ["", "id=AAAS.00*", "id==>FREN.09", "role=student", "role=*"]
)
def test_it_reads_a_page_in_the_order_of_the_list(query):
    assert not plan(query, 100).is_sorted


def test_it_finds_something_by_each_filter():
    """Or the tests above would hold for an empty table as well."""
    assert plan("").rows_found == 39_800
    assert plan("is_active=true").rows_found == 1_990
    assert plan("term.id==>202407-A").rows_found == 1_990
