import pytest

from access.models import Disclosure
from access.scopes import ENROLLMENTS_WRITE
from enrollments.models import Enrollment
from registrations.models import Grade
from tests.access.http import caller
from tests.enrollments.api.conftest import ADA, ADA_NOW, BOB, TEACHER, URL

pytestmark = pytest.mark.usefixtures("record")

PLAIN = {
    "id": ADA,
    "section": {"id": "PHYS.003.01-202001-U-10188"},
    "netid": "f00ada",
    "role": "student",
    "term": {"id": "202001-U", "sis_term_code": "202001", "sis_ptrm_code": "U"},
    "is_active": False,
    "is_in_session": False,
}


def test_it_shows_an_enrollment(reader):
    response = reader.get(f"{URL}/{ADA}")
    assert response.status_code == 200
    assert response.json() == PLAIN


def test_it_shows_grade_and_assessment_to_who_may_see_them(teller):
    assert teller.get(f"{URL}/{ADA}/").json() == {
        **PLAIN,
        "final_grade": "85",
        "course_assessment": {
            "submit_date": "2020-03-05T17:53:46Z",
            "opt_out_date": None,
        },
    }


def test_it_shows_null_where_there_is_neither(teller):
    body = teller.get(f"{URL}/{ADA_NOW}").json()
    assert (body["final_grade"], body["course_assessment"]) == (None, None)


def test_it_knows_a_term_that_holds_today(reader):
    body = reader.get(f"{URL}/{ADA_NOW}").json()
    assert (body["is_active"], body["is_in_session"]) == (True, True)


def test_it_knows_a_term_that_is_open_for_registration(reader):
    term = Enrollment.objects.get(pk=ADA).offering.semester
    current = Enrollment.objects.get(pk=ADA_NOW).offering.semester
    term.registration_opens_on = current.starts_on
    term.registration_closes_on = current.ends_on
    term.save()
    body = reader.get(f"{URL}/{ADA}").json()
    assert (body["is_active"], body["is_in_session"]) == (True, False)


def test_it_shows_the_grade_of_record_where_there_was_a_resit(teller):
    Grade.objects.update(resit_value="90")
    assert teller.get(f"{URL}/{ADA}").json()["final_grade"] == "90"


def test_it_shows_no_grade_that_is_not_published(teller):
    Grade.objects.update(published=False)
    assert teller.get(f"{URL}/{ADA}").json()["final_grade"] is None


def test_it_shows_an_instructor(reader):
    assert reader.get(f"{URL}/{TEACHER}").json()["role"] == "instructor"


def test_it_answers_for_who_is_held_as_for_who_is_not_there(reader, teller):
    held = reader.get(f"{URL}/{BOB}")
    absent = reader.get(f"{URL}/{BOB}x")
    assert held.status_code == absent.status_code == 404
    assert held.content == absent.content
    assert held.json() == {"message": "There is no such enrollment."}
    assert teller.get(f"{URL}/{BOB}").status_code == 404


def test_it_shows_who_is_held_to_who_may_see_them(privileged):
    assert privileged.get(f"{URL}/{BOB}").json()["netid"] == "f00bob"


@pytest.mark.parametrize("pk", ["%00", "a%20b", "x" * 200, "é", "..%2f", "'"])
def test_it_knows_no_id_that_cannot_be(reader, pk):
    assert reader.get(f"{URL}/{pk}").status_code == 404


def test_it_names_the_scope_that_is_missing(db):
    response = caller(ENROLLMENTS_WRITE).get(f"{URL}/{ADA}")
    assert response.status_code == 403
    assert response.json() == {
        "message": "Missing required scope: api:academic:enrollments:read"
    }


def test_it_knows_nobody_without_credentials(client):
    response = client.get(f"{URL}/{ADA}")
    assert response.status_code == 401
    assert response.json() == {"message": "Unauthorized"}


def test_it_is_not_sent_again_while_it_stays_the_same(teller):
    tag = teller.get(f"{URL}/{ADA}")["ETag"]
    again = {"If-None-Match": tag}
    assert teller.get(f"{URL}/{ADA}", headers=again).status_code == 304
    Grade.objects.update(value="86")
    assert teller.get(f"{URL}/{ADA}", headers=again).status_code == 200


def test_it_tags_what_this_caller_sees(reader, teller):
    assert reader.get(f"{URL}/{ADA}")["ETag"] != teller.get(f"{URL}/{ADA}")["ETag"]
    assert reader.get(f"{URL}/{ADA}")["ETag"].startswith('"1-')


def test_it_logs_the_disclosure_of_what_is_sensitive(teller):
    teller.get(f"{URL}/{ADA}")
    disclosure = Disclosure.objects.get()
    assert (disclosure.door, disclosure.profile_ids) == ("enrollments", ["ada"])


def test_it_logs_no_disclosure_of_what_is_not(reader):
    reader.get(f"{URL}/{ADA}")
    assert Disclosure.objects.count() == 0


def test_it_takes_two_statements_with_the_log(teller, django_assert_num_queries):
    teller.get(f"{URL}/{ADA}")
    with django_assert_num_queries(2):
        teller.get(f"{URL}/{ADA}")


def test_it_warns_of_a_parameter_that_it_does_not_know(reader):
    response = reader.get(f"{URL}/{ADA}?netid=x")
    assert response["Warning"] == '299 - "Ignored query parameters: netid"'
