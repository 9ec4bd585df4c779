import pytest

from access.models import Disclosure
from access.scopes import STUDENTS_WRITE_SENSITIVE
from tests.access.http import caller
from tests.students.api.conftest import URL

pytestmark = pytest.mark.usefixtures("record")

EVERYONE = ["f00ada", "f00cem"]


def netids(http, query=""):
    response = http.get(f"{URL}?{query}")
    assert response.status_code == 200, response.content
    return [row["netid"] for row in response.json()]


def test_it_lists_the_objects_as_they_are_shown_one_by_one(reader):
    shown = [reader.get(f"{URL}/{netid}").json() for netid in EVERYONE]
    assert reader.get(URL).json() == shown


def test_it_lists_by_id_who_has_a_netid_and_is_not_held(reader):
    response = reader.get(f"{URL}/")
    assert [row["id"] for row in response.json()] == ["1ada", "2cem"]
    assert response["X-Total-Count"] == "2"


def test_it_lists_who_is_held_for_who_may_see_them(privileged):
    response = privileged.get(URL)
    assert [row["id"] for row in response.json()] == ["1ada", "2cem", "3bob"]
    assert response["X-Total-Count"] == "3"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("netid=f00ada", ["f00ada"]),
        ("netid=f00bob", []),
        ("netid=f00c*", ["f00cem"]),
        ("netid=null", []),
        ("id=1ada", ["f00ada"]),
        ("id==>2", ["f00cem"]),
        ("first_name=Ada", ["f00ada"]),
        ("first_name=ada", []),
        ("first_name=A*", ["f00ada"]),
        ("last_name=%C3%96*", ["f00cem"]),
        ("last_name==<Z", ["f00ada"]),
        ("last_name==>Z", ["f00cem"]),
        ("email=ada@example.edu", ["f00ada"]),
        ("email=", ["f00cem"]),
        ("email=ada@*", ["f00ada"]),
        ("class_year=2024", ["f00ada"]),
        ("class_year=null", ["f00cem"]),
        ("class_year==>2025", []),
        ("class_year=20*", ["f00ada"]),
        ("is_confidential=false", EVERYONE),
        ("is_confidential=true", []),
        ("dplans.term_code=202301", EVERYONE),
        ("dplans.term_code=202209", ["f00ada"]),
        ("dplans.term_code==>2023", EVERYONE),
        ("dplans.term_code=2022*", ["f00ada"]),
        ("dplans.term_code=null", []),
        ("dplans.term_code=*", EVERYONE),
        ("dplans.dplan_id=L", ["f00ada"]),
        ("dplans.dplan_id=L*", ["f00ada"]),
        ("dplans.dplan_source_id=P*", EVERYONE),
        ("dplans.dplan_id=R", EVERYONE),
        ("dplans.dplan_source_id=ST*", ["f00ada"]),
        ("dplans.dplan_id==<L", ["f00ada"]),
        ("dplans.dplan_id=R&dplans.term_code=202301", ["f00cem"]),
        ("dplans.dplan_id=L&dplans.term_code=202209", []),
        ("dplans.dplan_id=L&dplans.dplan_source_id=STU", ["f00ada"]),
        ("dplans.dplan_id=R&dplans.dplan_source_id=STU", []),
        ("dplans.dplan_description=Leave", ["f00ada"]),
        ("dplans.dplan_description=Res*", EVERYONE),
        ("dplans.dplan_source_description=Student Request", ["f00ada"]),
        ("dplans.dplan_source_description=null", []),
        ("dplans.dplan_id=R&last_name=L*", ["f00ada"]),
    ],
)
def test_it_finds_what_fits(reader, query, found):
    assert netids(reader, query) == found


def test_it_finds_who_is_held_for_who_may_see_them(privileged):
    assert netids(privileged, "is_confidential=true") == ["f00bob"]
    assert netids(privileged, "dplans.dplan_id=L") == ["f00ada", "f00bob"]


def test_it_ignores_by_name_what_is_no_attribute(reader):
    response = reader.get(f"{URL}?dplans=x&middle_name=y")
    assert [row["netid"] for row in response.json()] == EVERYONE
    assert response["Warning"] == (
        '299 - "Ignored query parameters: dplans, middle_name"'
    )


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("class_year=old", {"class_year": ["Must be a whole number."]}),
        ("is_confidential=no", {"is_confidential": ["Must be true or false."]}),
        ("page=x", {"page": ["page must be a whole number from 1."]}),
    ],
)
def test_it_refuses_what_makes_no_sense(reader, query, errors):
    response = reader.get(f"{URL}?{query}")
    assert (response.status_code, response.json()["errors"]) == (400, errors)


def test_it_goes_on_with_the_key_of_the_first_page(reader):
    first = reader.get(f"{URL}?pagesize=1")
    key = first["X-Request-Id"]
    assert [row["netid"] for row in first.json()] == ["f00ada"]
    assert netids(reader, f"continuation_key={key}&pagesize=1&page=2") == ["f00cem"]


def test_it_logs_whose_records_were_shown(reader):
    reader.get(f"{URL}?pagesize=1")
    assert Disclosure.objects.get().profile_ids == ["1ada"]


def test_it_takes_a_number_of_statements_that_no_row_adds_to(
    reader, django_assert_num_queries
):
    reader.get(URL)
    with django_assert_num_queries(3):  # search, rows, log
        reader.get(URL)
    with django_assert_num_queries(4):  # and what is kept too long goes
        key = reader.get(f"{URL}?pagesize=1")["X-Request-Id"]
    with django_assert_num_queries(3):  # key, rows, log
        reader.get(f"{URL}?continuation_key={key}")


def test_it_asks_for_the_scope(db):
    assert caller(STUDENTS_WRITE_SENSITIVE).get(URL).status_code == 403
