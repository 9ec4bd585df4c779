import pytest

from access.models import Disclosure
from access.scopes import STUDENTS_WRITE_SENSITIVE
from students.models import Dplan
from tests.access.http import caller
from tests.students.api.conftest import URL

pytestmark = pytest.mark.usefixtures("record")

ADA = {
    "netid": "f00ada",
    "id": "1ada",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "ada@example.edu",
    "class_year": 2024,
    "is_confidential": False,
    "dplans": [
        {
            "term_code": "202209",
            "dplan_id": "R",
            "dplan_description": "Resident",
            "dplan_source_id": "PHL",
            "dplan_source_description": "Registrar Action",
        },
        {
            "term_code": "202301",
            "dplan_id": "L",
            "dplan_description": "Leave",
            "dplan_source_id": "STU",
            "dplan_source_description": "Student Request",
        },
    ],
}


@pytest.mark.parametrize("slash", ["", "/"])
def test_it_shows_a_student_with_a_dplan_per_term(reader, slash):
    response = reader.get(f"{URL}/f00ada{slash}")
    assert response.status_code == 200
    assert response.json() == ADA
    assert [*response.json()] == [*ADA]


def test_it_shows_a_student_without_a_class_year_or_dplan(reader):
    Dplan.objects.all().delete()
    body = reader.get(f"{URL}/f00cem").json()
    assert (body["class_year"], body["dplans"], body["last_name"]) == (None, [], "Öz")


def test_it_answers_for_who_is_held_as_for_who_is_not_there(reader):
    held, absent = reader.get(f"{URL}/f00bob"), reader.get(f"{URL}/f00bobx")
    assert held.status_code == absent.status_code == 404
    assert held.content == absent.content
    assert held.json() == {"message": "There is no such student."}


def test_it_shows_who_is_held_to_who_may_see_them(privileged):
    assert privileged.get(f"{URL}/f00bob").json()["is_confidential"] is True


@pytest.mark.parametrize("netid", ["1ada", "4nobody", "null", "None", "%00", "F00ADA"])
def test_it_knows_a_student_by_netid_only(reader, netid):
    assert reader.get(f"{URL}/{netid}").status_code == 404


def test_it_names_the_scope_that_is_missing(db):
    response = caller(STUDENTS_WRITE_SENSITIVE).get(f"{URL}/f00ada")
    assert response.status_code == 403
    assert response.json() == {
        "message": "Missing required scope: urn:dartmouth:students:read.sensitive"
    }


def test_it_knows_nobody_without_credentials(client):
    response = client.get(f"{URL}/f00ada")
    assert (response.status_code, response.json()) == (
        401,
        {"message": "Unauthorized"},
    )


def test_it_is_not_sent_again_while_it_stays_the_same(reader):
    again = {"If-None-Match": reader.get(f"{URL}/f00ada")["ETag"]}
    assert reader.get(f"{URL}/f00ada", headers=again).status_code == 304
    Dplan.objects.filter(profile="1ada").update(code_id="L")
    assert reader.get(f"{URL}/f00ada", headers=again).status_code == 200


def test_it_logs_the_disclosure(reader):
    reader.get(f"{URL}/f00ada")
    disclosure = Disclosure.objects.get()
    assert (disclosure.door, disclosure.profile_ids) == ("students", ["1ada"])


def test_it_takes_two_statements_with_the_log(reader, django_assert_num_queries):
    reader.get(f"{URL}/f00ada")
    with django_assert_num_queries(2):
        reader.get(f"{URL}/f00ada")
