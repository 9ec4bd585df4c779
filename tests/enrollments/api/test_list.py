import pytest

from access.models import Disclosure
from access.scopes import STUDENTS_READ_SENSITIVE
from config.models import FoundSet
from enrollments.models import Enrollment
from registrations.models import Grade
from students.models import Profile
from tests.access.http import caller
from tests.enrollments.api.conftest import (
    ADA,
    ADA_NOW,
    BOB,
    HISTORY,
    PHYSICS,
    TEACHER,
    URL,
)
from tests.factories import EnrollmentFactory

pytestmark = pytest.mark.usefixtures("record")


def ids(http, query=""):
    response = http.get(f"{URL}?{query}")
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()]


EVERYONE = [ADA_NOW, ADA, TEACHER]


def test_it_lists_the_objects_as_they_are_shown_one_by_one(teller):
    shown = teller.get(f"{URL}/{ADA}").json()
    assert teller.get(f"{URL}?id={ADA}").json() == [shown]


def test_it_lists_by_id_and_leaves_out_who_is_held(reader):
    response = reader.get(URL)
    assert [row["id"] for row in response.json()] == EVERYONE
    assert response["X-Total-Count"] == "3"


def test_it_lists_who_is_held_for_who_may_see_them(privileged):
    response = privileged.get(f"{URL}/")
    assert [row["id"] for row in response.json()] == [ADA_NOW, ADA, BOB, TEACHER]
    assert response["X-Total-Count"] == "4"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"id={ADA}", [ADA]),
        ("id=PHYS*", [ADA, TEACHER]),
        (f"id=={'>'}{ADA}", [ADA, TEACHER]),
        (f"section.id={PHYSICS}", [ADA, TEACHER]),
        (f"section.id={HISTORY[:4]}*", [ADA_NOW]),
        ("section.id==<I", [ADA_NOW]),
        ("netid=f00ada", [ADA_NOW, ADA]),
        ("netid=f00bob", []),
        ("netid=f00a*", [ADA_NOW, ADA]),
        ("netid==>f00b", [TEACHER]),
        ("role=instructor", [TEACHER]),
        ("role=s*", [ADA_NOW, ADA]),
        ("role=*", EVERYONE),
        ("role=null", []),
        ("term.id=202001-U", [ADA, TEACHER]),
        ("term.id=202001-A", []),
        ("term.id=202001", []),
        ("term.id=2020*", [ADA, TEACHER]),
        ("term.id=202001-*", [ADA, TEACHER]),
        ("term.id=202001-UX*", []),
        ("term.id==>202001-V", [ADA_NOW]),
        ("term.id==<202001-U", [ADA, TEACHER]),
        ("term.id=null", []),
        ("term.sis_term_code=202301", [ADA_NOW]),
        ("term.sis_term_code==>202002", [ADA_NOW]),
        ("term.sis_term_code=>202002", [ADA_NOW]),
        ("term.sis_ptrm_code=U", [ADA, TEACHER]),
        ("is_active=true", [ADA_NOW]),
        ("is_active=false", [ADA, TEACHER]),
        ("is_in_session=true", [ADA_NOW]),
        ("is_in_session=false", [ADA, TEACHER]),
        ("netid=f00ada&is_active=false", [ADA]),
        ("netid=f00ada&netid=f00tea", []),
        ("netid=%F0%9F%98%80*", []),
        ("netid='%22%5C%25_*", []),
        ("netid=%25*", []),
        ("netid=f__ada", []),
    ],
)
def test_it_finds_what_fits(reader, query, found):
    assert ids(reader, query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("final_grade=85", [ADA]),
        ("final_grade=85.0", []),
        ("final_grade=8*", [ADA]),
        ("final_grade==>9", [ADA]),
        ("final_grade==>85", [ADA]),
        ("final_grade==<84.999999", []),
        ("final_grade==<a", [ADA]),
        ("final_grade==>a", []),
        ("final_grade==>NaN", []),
        ("final_grade==>1e5", [ADA]),
        ("final_grade=null", [ADA_NOW, TEACHER]),
        ("course_assessment=null", [ADA_NOW, TEACHER]),
        ("course_assessment=*", EVERYONE),
        ("course_assessment.submit_date=2020-03-05T17:53:46Z", [ADA]),
        ("course_assessment.submit_date=2020-03-05T18:53:46%2B01:00", [ADA]),
        ("course_assessment.submit_date=2020-03-0*", [ADA]),
        ("course_assessment.submit_date==>2020-03-05T17:53:47Z", []),
        ("course_assessment.submit_date==<2020-03-05T17:53:46Z", [ADA]),
        ("course_assessment.submit_date=null", [ADA_NOW, TEACHER]),
        ("course_assessment.opt_out_date=null", EVERYONE),
        ("course_assessment.opt_out_date==<2030-01-01T00:00:00Z", []),
    ],
)
def test_it_finds_by_what_is_sensitive(teller, query, found):
    assert ids(teller, query) == found


def test_it_compares_numbers_as_numbers_and_leaves_out_labels(teller):
    Grade.objects.update(value="9.5")
    assert ids(teller, "final_grade==<10") == [ADA]
    Grade.objects.update(value="Pass")
    assert ids(teller, "final_grade==<10") == []
    Grade.objects.update(value="9" * 100)
    assert ids(teller, "final_grade==>10") == []


def test_it_ignores_by_name_what_is_not_released(reader):
    response = reader.get(f"{URL}?final_grade=85&course_assessment=x&section=y")
    assert [row["id"] for row in response.json()] == EVERYONE
    assert response["Warning"] == (
        '299 - "Ignored query parameters: final_grade, course_assessment, section"'
    )


def test_it_does_not_warn_of_what_it_knows(reader):
    assert not reader.get(f"{URL}?netid=x&page=1&pagesize=5").has_header("Warning")


@pytest.mark.parametrize(
    ("query", "attribute", "sentence"),
    [
        ("role=teacher", "role", "Must be one of student, instructor."),
        ("is_active=1", "is_active", "Must be true or false."),
        ("page=0", "page", "page must be a whole number from 1."),
        ("page=-1", "page", "page must be a whole number from 1."),
        ("page=", "page", "page must be a whole number from 1."),
        ("page=1.5", "page", "page must be a whole number from 1."),
        ("pagesize=0", "pagesize", "pagesize must be a whole number from 1."),
        ("pagesize=ten", "pagesize", "pagesize must be a whole number from 1."),
    ],
)
def test_it_refuses_what_makes_no_sense(reader, query, attribute, sentence):
    response = reader.get(f"{URL}?{query}")
    assert response.status_code == 400
    assert response.json()["errors"] == {attribute: [sentence]}
    assert response.json()["message"].startswith(attribute)


def test_it_refuses_text_that_the_record_cannot_hold(reader):
    assert reader.get(f"{URL}?netid=%00").status_code == 400


def test_it_refuses_more_parameters_than_it_can_read(reader, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 5
    query = "&".join(f"a{n}=1" for n in range(6))
    assert reader.get(f"{URL}?{query}").status_code == 400


class TestPages:
    def test_it_goes_on_with_the_key_of_the_first_page(self, reader):
        first = reader.get(f"{URL}?pagesize=2")
        key = first["X-Request-Id"]
        second = reader.get(f"{URL}?continuation_key={key}&page=2&pagesize=2")
        third = reader.get(f"{URL}?continuation_key={key}&page=3&pagesize=2")
        pages = [[row["id"] for row in page.json()] for page in (first, second, third)]
        assert pages == [EVERYONE[:2], EVERYONE[2:], []]
        assert second["X-Request-Id"] == third["X-Request-Id"] == key
        assert second["X-Total-Count"] == third["X-Total-Count"] == "3"

    def test_it_makes_the_key_itself(self, reader):
        first = reader.get(URL, headers={"X-Request-Id": "mine"})
        second = reader.get(URL, headers={"X-Request-Id": "mine"})
        assert len({first["X-Request-Id"], second["X-Request-Id"], "mine"}) == 3

    def test_it_cuts_a_pagesize_that_is_too_large(self, reader):
        assert ids(reader, "pagesize=100000") == EVERYONE
        assert ids(reader, "pagesize=" + "9" * 400) == EVERYONE

    def test_it_shows_nothing_past_the_end(self, reader):
        assert ids(reader, "page=2") == []
        assert ids(reader, "page=" + "9" * 400) == []
        key = reader.get(f"{URL}?pagesize=1")["X-Request-Id"]
        assert ids(reader, f"continuation_key={key}&page={'9' * 400}") == []

    def test_it_runs_the_query_again_without_a_key(self, reader):
        reader.get(f"{URL}?pagesize=1")
        Enrollment.objects.filter(pk=ADA_NOW).delete()
        assert ids(reader, "pagesize=1&page=2") == [TEACHER]

    def test_it_goes_on_in_what_was_found(self, reader):
        key = reader.get(f"{URL}?pagesize=1")["X-Request-Id"]
        EnrollmentFactory(id="AAAA", offering__section_id="A")
        Enrollment.objects.filter(pk=ADA).delete()
        go_on = f"continuation_key={key}&pagesize=1&page="
        assert [ids(reader, f"{go_on}{page}") for page in (1, 2, 3, 4)] == [
            [ADA_NOW],
            [],
            [TEACHER],
            [],
        ]

    def test_it_leaves_out_who_came_under_hold_meanwhile(self, reader):
        key = reader.get(f"{URL}?pagesize=2")["X-Request-Id"]
        Profile.objects.filter(netid="f00ada").update(is_confidential=True)
        go_on = f"continuation_key={key}&pagesize=2&page="
        assert ids(reader, f"{go_on}1") == []
        assert ids(reader, f"{go_on}2") == [TEACHER]
        assert reader.get(f"{URL}?{go_on}1")["X-Total-Count"] == "3"

    def test_it_ignores_by_name_filters_beside_a_key(self, reader):
        key = reader.get(f"{URL}?pagesize=2")["X-Request-Id"]
        response = reader.get(f"{URL}?continuation_key={key}&role=nonsense")
        assert [row["id"] for row in response.json()] == EVERYONE
        assert response["Warning"] == '299 - "Ignored query parameters: role"'

    def test_it_does_not_know_the_key_of_another_caller(self, reader, teller):
        key = reader.get(f"{URL}?pagesize=1")["X-Request-Id"]
        response = teller.get(f"{URL}?continuation_key={key}")
        assert response.status_code == 400
        assert [*response.json()["errors"]] == ["continuation_key"]

    def test_it_does_not_know_the_key_of_what_fits_one_page(self, reader):
        key = reader.get(URL)["X-Request-Id"]
        assert reader.get(f"{URL}?continuation_key={key}").status_code == 400
        assert FoundSet.objects.count() == 0


def test_it_logs_whose_grades_were_shown(teller):
    teller.get(f"{URL}?role=student")
    assert Disclosure.objects.get().profile_ids == ["ada"]


def test_it_logs_no_disclosure_of_what_is_not_sensitive(reader):
    reader.get(URL)
    assert Disclosure.objects.count() == 0


def test_it_takes_a_number_of_statements_that_no_row_adds_to(
    teller, django_assert_num_queries
):
    teller.get(URL)
    with django_assert_num_queries(3):  # search, rows, log
        teller.get(f"{URL}?netid=f00ada")
    with django_assert_num_queries(4):  # and what is kept too long goes
        key = teller.get(f"{URL}?pagesize=1")["X-Request-Id"]
    with django_assert_num_queries(3):  # key, rows, log
        teller.get(f"{URL}?continuation_key={key}&pagesize=3")


def test_it_asks_for_the_scope(db):
    assert caller(STUDENTS_READ_SENSITIVE).get(URL).status_code == 403


def test_it_takes_no_other_verb(reader):
    response = reader.post(URL)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
