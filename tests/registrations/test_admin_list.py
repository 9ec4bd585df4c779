"""The list of registrations at the desk, and what it is narrowed by."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Disclosure
from registrations.admin import listing
from registrations.models import Registration
from tests.factories import (
    CourseIntakeFactory,
    GradeFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

LIST = "/admin/registrations/"


def shown(client, **asked):
    response = client.get(LIST, asked)
    assert response.status_code == 200
    return [row.pk for row in response.context_data["rows"]]


@pytest.fixture
def other():
    """A registration that nothing below asks for."""
    return RegistrationFactory()


def test_it_shows_the_newest_first():
    rows = [RegistrationFactory(), RegistrationFactory()]
    assert shown(make_admin()) == [rows[1].pk, rows[0].pk]


@pytest.mark.parametrize("words", ["f00wanted", "Wanted", "ann wanted", "p-wanted"])
def test_it_finds_by_student(other, words):
    profile = ProfileFactory(
        id="p-wanted", netid="f00wanted", first_name="Ann", last_name="Wanted"
    )
    row = RegistrationFactory(profile=profile)
    assert shown(make_admin(), student=words) == [row.pk]


def test_it_finds_by_term_course_offering_and_intake(other):
    offering = UnitOfferingFactory(code="PHYS.013")
    intake = CourseIntakeFactory(name="Class of 2031")
    row = RegistrationFactory(offering=offering, intake=intake)
    asked = {
        "term": offering.semester_id,
        "course": row.course.code,
        "offering": "PHYS",
        "intake": "class of 2031",
    }
    client = make_admin()
    assert [shown(client, **{name: asked[name]}) for name in asked] == [[row.pk]] * 4
    assert shown(client, **asked) == [row.pk]
    assert shown(client, **asked | {"course": "NONE"}) == []


@pytest.mark.parametrize("state", ["conditional", "rejected"])
def test_it_finds_by_state(other, state):
    ejected_at = {"rejected": timezone.now()}.get(state)
    row = RegistrationFactory(state=state, ejected_at=ejected_at)
    assert shown(make_admin(), state=state) == [row.pk]


def test_it_finds_by_what_stands_with_the_final_grade():
    missing = RegistrationFactory()
    RegistrationFactory(state="rejected", ejected_at=timezone.now())
    empty = GradeFactory(value=None).registration
    waiting = GradeFactory().registration
    published = GradeFactory(published=True).registration
    client = make_admin()
    assert shown(client, final="missing") == [empty.pk, missing.pk]
    assert shown(client, final="waiting") == [waiting.pk]
    assert shown(client, final="published") == [published.pk]


def test_it_finds_by_outcome(other):
    row = RegistrationFactory(grade_state=GradeStateFactory())
    client = make_admin()
    assert shown(client, grade_state="pass") == [row.pk]
    assert shown(client, grade_state="none") == [other.pk]


def test_it_finds_people_under_hold_for_who_may_see_them(other):
    held = RegistrationFactory(profile__is_confidential=True)
    assert shown(make_admin(), held="on") == [held.pk]


def test_it_hides_people_under_hold_from_who_may_not(other):
    RegistrationFactory(profile__is_confidential=True)
    clerk = signed_in(make_staff("registrations.view_registration"))
    assert shown(clerk) == [other.pk]
    assert shown(clerk, held="on") == [other.pk]
    assert "Under privacy hold" not in clerk.get(LIST).content.decode()


def test_it_shows_lecturers_what_they_teach_and_nothing_to_do(other):
    lecturer = make_staff("registrations.grade_own")
    own = UnitOfferingFactory(lecturer__user=lecturer)
    row = RegistrationFactory(offering=own)
    client = signed_in(lecturer)
    assert shown(client) == [row.pk]
    assert shown(client, student=other.profile.netid) == []
    assert client.get(LIST).context_data["actions"] == []


def test_it_offers_actions_to_who_may_change_registrations():
    page = make_admin().get(LIST).context_data
    assert [name for name, _ in page["actions"]] == [
        *("approve", "reject", "withdraw", "reinstate", "complete", "move")
    ]


def test_it_is_not_for_who_sees_no_registrations():
    client = signed_in(make_staff("students.view_profile"))
    assert client.get(LIST).status_code == 403
    assert LIST not in client.get("/admin/find/").content.decode()


@pytest.mark.parametrize(
    "asked",
    [
        {"term": "none"},
        {"state": "none"},
        {"final": "none"},
        {"grade_state": "other"},
        {"offering": "x" * 300},
        {"student": "\0"},
        {"page": "x"},
    ],
)
def test_it_answers_whatever_is_asked(other, asked):
    assert make_admin().get(LIST, asked).status_code == 200


def test_it_asks_for_more_where_a_search_takes_too_long(monkeypatch, other):
    monkeypatch.setattr(listing, "SECONDS", 0.001)
    slow = Registration.objects.extra(where=["pg_sleep(0.1) IS NOT NULL"])
    monkeypatch.setattr(listing.ListForm, "narrowed", lambda *_: slow)
    page = make_admin().get(LIST).context_data
    assert (page["problem"], page["rows"]) == (listing.TOO_SLOW, [])


def test_it_logs_whose_registrations_were_shown(other):
    make_admin().get(LIST)
    row = Disclosure.objects.get()
    assert (row.what, row.profile_ids) == ("registrations", [other.profile_id])


def test_it_asks_as_often_for_many_rows_as_for_one():
    client = make_admin()
    GradeFactory()
    before = asked_of(client)
    GradeFactory.create_batch(10)
    assert asked_of(client) == before
    assert before <= 13


def asked_of(client):
    client.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST)
    return len(queries)
