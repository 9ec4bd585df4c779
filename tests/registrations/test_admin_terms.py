"""Terms at the desk: who may look, who may close, and what the page says first."""

from datetime import date

import pytest
from django.utils import timezone

from config.history import last_change
from offerings.models import Term
from tests.config.test_admin import form_of
from tests.factories import TermFactory
from tests.registrations.test_admin_grade_sheet import make_grade, make_registration
from tests.registrations.test_admin_grade_sheet import offering as _offering
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

offering = _offering
LOOKING = [
    "offerings.view_term",
    "offerings.view_unitoffering",
    "registrations.view_registration",
    "students.see_held",
]


def url_of(term):
    return f"/admin/terms/{term.pk}/"


def turned(client, term, turn, reason="The board met", version=1):
    return client.post(
        url_of(term), {"do": turn, "reason": reason, "version": str(version)}
    )


def test_it_says_how_many_grades_are_missing_before_it_closes(offering):
    make_grade(make_registration(offering), published=True)
    make_grade(make_registration(offering))
    make_registration(offering)
    make_registration(offering, state="rejected", ejected_at=timezone.now())

    shown = make_admin().get(url_of(offering.semester)).context_data

    progress = shown["progress"]
    counts = (
        progress.students,
        progress.missing,
        progress.waiting,
        progress.published,
        progress.is_about,
    )
    assert counts == (3, 1, 1, 1, False)
    assert [(row.offering.pk, row.missing) for row in shown["missing"]] == [
        (offering.pk, 1)
    ]


def test_it_closes_and_opens_with_a_reason():
    term, client = TermFactory(), make_admin()
    response = turned(client, term, "close")
    assert (response.status_code, response["Location"]) == (302, url_of(term))
    term.refresh_from_db()
    assert (term.is_closed_for_grades, term.version) == (True, 2)
    assert last_change(term).pgh_context.metadata["reason"] == "The board met"

    turned(client, term, "open", "An appeal", version=2)
    term.refresh_from_db()
    assert (term.grades_closed_at, term.version) == (None, 3)
    assert last_change(term).pgh_context.metadata["reason"] == "An appeal"


def test_it_closes_nothing_without_a_reason():
    term = TermFactory()
    response = turned(make_admin(), term, "close", reason=" ")
    assert response.context_data["problem"] == "Give a reason."
    term.refresh_from_db()
    assert (term.grades_closed_at, term.version) == (None, 1)


@pytest.mark.parametrize("version", ["2", "", "x", "-1", "9" * 400])
def test_it_closes_nothing_that_it_did_not_show(version):
    term = TermFactory()
    response = turned(make_admin(), term, "close", version=version)
    assert response.context_data["problem"].startswith("Changed meanwhile by ")
    term.refresh_from_db()
    assert (term.grades_closed_at, term.version) == (None, 1)


@pytest.mark.parametrize("turn", ["close", "open", ""])
def test_it_lets_auditors_look_and_change_nothing(turn):
    term = TermFactory(name="Fall")
    client = signed_in(make_staff(*LOOKING))
    assert client.get(url_of(term)).context_data["may_change"] is False
    assert turned(client, term, turn).status_code == 403
    term.refresh_from_db()
    assert (term.grades_closed_at, term.version) == (None, 1)


def test_it_is_not_there_for_lecturers():
    term = TermFactory()
    client = signed_in(make_staff("registrations.grade_own"))
    assert client.get("/admin/terms/").status_code == 403
    assert client.get(url_of(term)).status_code == 403
    assert turned(client, term, "close").status_code == 403


def test_it_tells_nothing_of_grades_to_who_may_not_look_at_them(offering):
    make_registration(offering)
    client = signed_in(make_staff("offerings.view_term"))
    assert client.get(url_of(offering.semester)).context_data["progress"] is None
    (row,) = client.get("/admin/terms/").context_data["rows"]
    assert row["progress"] is None


def test_it_leaves_out_people_under_hold_for_who_may_not_see_them(offering):
    make_registration(offering)
    make_registration(offering, profile__is_confidential=True)
    client = signed_in(make_staff(*LOOKING[:-1]))
    progress = client.get(url_of(offering.semester)).context_data["progress"]
    assert (progress.students, progress.missing) == (1, 1)


def form_for(client, term):
    form = client.get(url_of(term)).context_data["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value is not None}


def test_it_saves_dates():
    term, client = TermFactory(), make_admin()
    form = form_for(client, term) | {
        "registration_opens_on": "2019-12-01",
        "registration_closes_on": "2020-01-10",
        "reason": "The calendar",
    }
    response = client.post(url_of(term), form)
    assert response.status_code == 302
    term.refresh_from_db()
    assert (
        term.registration_opens_on,
        term.registration_closes_on,
        term.starts_on,
        term.version,
    ) == (date(2019, 12, 1), date(2020, 1, 10), date(2020, 1, 6), 2)
    assert last_change(term).pgh_context.metadata["reason"] == "The calendar"


@pytest.mark.parametrize(
    "typed",
    [
        {"ends_on": "2019-01-01"},
        {"starts_on": "soon"},
        {"starts_on": ""},
        {"registration_opens_on": "2020-01-01"},
        {"name": ""},
    ],
)
def test_it_says_what_is_wrong_with_dates_and_saves_nothing(typed):
    term, client = TermFactory(name="Fall"), make_admin()
    response = client.post(url_of(term), form_for(client, term) | typed)
    assert response.status_code == 200
    assert response.context_data["form"].errors
    term.refresh_from_db()
    assert (term.name, term.version, term.starts_on) == ("Fall", 1, date(2020, 1, 6))


def test_it_saves_nothing_over_what_somebody_else_changed_meanwhile():
    term, client = TermFactory(name="Fall"), make_admin()
    seen = form_for(client, term)
    Term.objects.filter(pk=term.pk).update(name="Autumn")
    response = client.post(url_of(term), seen | {"ends_on": "2020-03-20"})
    (problem,) = response.context_data["form"].non_field_errors()
    assert "name is now “Autumn”" in problem
    term.refresh_from_db()
    assert (term.name, term.ends_on) == ("Autumn", date(2020, 3, 13))


def test_no_other_page_closes_a_term():
    term, client = TermFactory(), make_admin()
    url = f"/admin/offerings/term/{term.pk}/change/"
    form = form_of(client.get(url)) | {
        "grades_closed_at_0": "2020-04-01",
        "grades_closed_at_1": "12:00",
    }
    client.post(url, form)
    term.refresh_from_db()
    assert (term.grades_closed_at, term.version) == (None, 1)


def test_it_answers_for_a_term_that_is_not_there():
    assert make_admin().get("/admin/terms/absent/").status_code == 404
