"""What the first page of the desk says to whom."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Disclosure
from config.history import recorded
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.operations import apply_changes
from tests.factories import GradeColumnFactory, TermFactory, UnitOfferingFactory
from tests.registrations.test_admin_grade_sheet import make_grade, make_registration
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

LOOKING = [
    "offerings.view_unitoffering",
    "registrations.view_registration",
    "students.see_held",
]


def make_term(days, **attributes):
    """A term that began so many days ago and takes eighty."""
    starts_on = timezone.localdate() - timedelta(days=days)
    ends_on = starts_on + timedelta(days=80)
    return TermFactory(starts_on=starts_on, ends_on=ends_on, **attributes)


def make_offering(term, **attributes):
    offering = UnitOfferingFactory(semester=term, **attributes)
    GradeColumnFactory(unit=offering.unit_version.unit)
    return offering


@pytest.fixture
def term():
    return make_term(30, code="202503")


@pytest.fixture
def offering(term):
    return make_offering(term)


def shown(client, query=""):
    response = client.get(f"/admin/{query}")
    assert response.status_code == 200
    return response.context_data


def figures(client):
    return {each.says: each.value for each in shown(client)["figures"]}


def panel(client, name, query=""):
    panels = {each.name: each.shown for each in shown(client, query)["panels"]}
    return panels[name]


def test_it_says_four_numbers(offering):
    make_grade(make_registration(offering))
    make_registration(offering)
    make_registration(offering, state="conditional")
    told = figures(make_admin())
    assert len(told) == 4
    assert (
        told
        | {
            "final grades missing in 202503": 2,
            "entered in 202503 and not published": 1,
            "conditional registrations to decide": 1,
        }
        == told
    )


def test_it_says_what_is_still_missing_by_offering_and_lecturer(term):
    most = make_offering(term)
    least = make_offering(term, lecturer=most.lecturer)
    done = make_offering(term)
    for each in (most, most, least):
        make_registration(each)
    make_grade(make_registration(done))
    client = make_admin()
    offerings = [
        (row.offering, row.missing) for row in panel(client, "missing")["rows"]
    ]
    lecturers = [
        (row.offering.lecturer, row.offerings, row.missing)
        for row in panel(client, "missing-lecturers")["rows"]
    ]
    assert offerings == [(most, 2), (least, 1)]
    assert lecturers == [(most.lecturer, 2, 3)]


def test_it_shows_the_term_in_session_or_the_one_that_is_asked_for(term, offering):
    earlier = make_offering(make_term(200, code="202501"))
    make_offering(make_term(-10, code="202601"))
    client = make_admin()
    rows = panel(client, "grade-entry")["rows"]
    assert [row.term.code for row in rows] == ["202503", "202501"]
    assert panel(client, "missing")["term"] == term
    query = f"?term={earlier.semester_id}"
    assert panel(client, "missing", query)["term"] == earlier.semester
    assert panel(client, "missing", "?term=absent")["term"] == term


def test_it_draws_nothing_that_the_table_does_not_say(offering):
    make_registration(offering)
    part = panel(make_admin(), "grade-entry")
    (bar,) = part["chart"].bars
    assert (bar.label, [piece.look for piece in bar.pieces]) == (
        "202503",
        ["is-missing"],
    )


def test_it_shows_lecturers_their_own_and_no_more(term, offering):
    lecturer = make_staff("registrations.grade_own", username="ada")
    own = make_offering(term, lecturer__user=lecturer)
    make_registration(own, profile__is_confidential=True)
    make_grade(make_registration(offering))
    client = signed_in(lecturer)
    assert figures(client) == {
        "final grades missing in 202503": 1,
        "entered in 202503 and not published": 0,
        "offerings that you teach in 202503": 1,
        "registrations on them in 202503": 1,
    }
    (row,) = panel(client, "missing")["rows"]
    assert row.offering == own
    assert panel(client, "latest")["rows"] == []
    assert offering.code not in client.get("/admin/").content.decode()


def test_it_says_nothing_to_who_may_see_nothing(offering):
    make_registration(offering)
    context = shown(signed_in(make_staff()))
    assert (context["figures"], context["panels"]) == ([], [])


def test_it_names_no_student(offering):
    registration = make_registration(offering, profile__last_name="Unlikely")
    make_grade(registration)
    page = make_admin().get("/admin/").content.decode()
    assert "Unlikely" not in page
    assert registration.profile_id not in page
    assert not Disclosure.objects.exists()


def change(rows, who, value="75"):
    changes = [
        Change(
            target=Target(registration_id=row.pk),
            grades=[GradeChange("final", value=value)],
        )
        for row in rows
    ]
    with recorded(actor={"staff": who}, door="admin", reason="Counted again"):
        apply_changes(changes, writer=Writer(sees_held=True))


def test_it_tells_what_was_done_together_as_one_change(term, offering):
    other = make_offering(term)
    rows = [make_registration(offering), make_registration(offering)]
    change([*rows, make_registration(other)], "okafor")
    change(rows[:1], "mina", "80")
    told = panel(make_admin(), "latest")["rows"]
    assert [(row.who, row.reason) for row in told] == [
        ("mina", "Counted again"),
        ("okafor", "Counted again"),
        ("okafor", "Counted again"),
    ]
    assert (told[0].code, told[0].grades) == (offering.code, 1)
    assert {row.code: row.grades for row in told[1:]} == {
        offering.code: 2,
        other.code: 1,
    }


def test_it_tells_no_change_of_people_under_hold_to_who_may_not_know(offering):
    held = make_registration(offering, profile__is_confidential=True)
    change([held], "okafor")
    assert panel(signed_in(make_staff(*LOOKING[:2])), "latest")["rows"] == []
    see_held = signed_in(make_staff(*LOOKING, username="ada"))
    assert len(panel(see_held, "latest")["rows"]) == 1


def test_it_asks_as_often_for_many_as_for_one(term, offering):
    client = make_admin()
    make_registration(offering)
    client.get("/admin/")
    with CaptureQueriesContext(connection) as one:
        client.get("/admin/")
    for each in [make_offering(make_term(30 + 90 * place)) for place in range(4)]:
        change([make_registration(each), make_registration(each)], "okafor")
    with CaptureQueriesContext(connection) as many:
        client.get("/admin/")
    assert len(many) <= len(one) + 2
    assert len(many) <= 30


def test_all_records_are_still_there():
    response = make_admin().get("/admin/records/")
    assert "/admin/students/profile/" in response.content.decode()
