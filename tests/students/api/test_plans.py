"""How the database finds what the list is asked for, in a large record."""

import pytest
from django.http import QueryDict

from students.api.filters import StudentFilters
from students.models import Profile
from tests.large import NOBODY_SPECIAL, large_record, plan_of

__all__ = ["large_record"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("large_record")]

LARGE = {"students_profile", "students_dplan"}


def plan(query, most=None):
    everyone = Profile.objects.listed().visible_to(NOBODY_SPECIAL).order_by("id")
    return plan_of(StudentFilters(QueryDict(query), everyone).search()[:most])


FILTERS = [
    "netid=b0000100",
    "netid=b00010*",
    "netid==>b0009900",
    "id=300000000000000000000064",
    "id==>300000000000000000002700",
    "id=30000000000000000000001*",
    "first_name=First7",
    "first_name=First49*",
    "first_name==>First99",
    "last_name=Last77",
    "last_name=Last499*",
    "last_name==>Last99",
    "email=b77@example.edu",
    "email=b77*",
    "email==>b999",
    "class_year=2024",
    "class_year==>2027",
    "class_year=2024*",
    "class_year=null",
    "is_confidential=true",
    "is_confidential=false",
    "dplans.term_code=202001",
    "dplans.dplan_id=X",
    "dplans.dplan_source_id=STU",
    "dplans.term_code=202001&dplans.dplan_id=X",
    "dplans.term_code=202001&dplans.dplan_source_id=STU",
    "last_name=Last77&dplans.term_code=202001",
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
    "query", ["", "id==>300000000000000000002700", "class_year=2024"]
)
def test_it_reads_a_page_in_the_order_of_the_list(query):
    assert not plan(query, 100).is_sorted


def test_it_finds_something():
    """Or the tests above would hold for an empty table as well."""
    assert plan("").rows_found == 9_950
    assert plan("dplans.term_code=202001&dplans.dplan_id=X").rows_found == 250
