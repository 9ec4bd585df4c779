"""Terms: look at what is missing, say why, close; then open again."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.history import recorded
from offerings.models import Term
from tests.browser.class_list import make_class
from tests.factories import TermFactory
from tests.staff import make_staff


@pytest.fixture
def term(transactional_db):
    offering = make_class()
    with recorded(actor={"staff": "registrar"}, door="admin", reason="The calendar"):
        Term.objects.filter(pk=offering.semester_id).update(
            starts_on="2025-06-23",
            ends_on="2025-09-05",
            registration_opens_on="2025-05-12",
            registration_closes_on="2025-06-27",
        )
        TermFactory(
            code="202501",
            name="Winter 2025",
            starts_on="2025-01-06",
            ends_on="2025-03-14",
            grades_closed_at=timezone.now(),
        )
    return Term.objects.get(pk=offering.semester_id)


def test_it_closes_a_term_for_grades_and_opens_it_again(desk, term, picture):
    page = desk()
    page.goto("/admin/terms/")
    picture(page, "terms")
    page.get_by_role("link", name="202503").click()
    expect(page.get_by_text("4 final grades missing")).to_be_visible()
    expect(page.get_by_role("link", name="Publish them first")).to_be_visible()
    page.locator("#reason").fill("The board of examiners met")
    picture(page, "term")
    page.get_by_role("button", name="Close 202503 with 4 missing").click()

    expect(page.get_by_text("202503 is closed for grades.")).to_be_visible()
    expect(page.get_by_text("The board of examiners met")).to_be_visible()
    assert Term.objects.get(pk=term.pk).is_closed_for_grades

    page.locator("#reason").fill("An appeal was granted")
    page.get_by_role("button", name="Open 202503 for grades").click()
    expect(page.get_by_text("202503 is open for grades.")).to_be_visible()
    assert not Term.objects.get(pk=term.pk).is_closed_for_grades


def test_it_saves_a_registration_window(desk, term):
    page = desk()
    page.goto(f"/admin/terms/{term.pk}/")
    page.get_by_label("Registration closes").fill("2025-07-04")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("202503 is saved.")).to_be_visible()
    saved = Term.objects.get(pk=term.pk).registration_closes_on
    assert saved.isoformat() == "2025-07-04"


def test_it_lets_an_auditor_look(desk, term):
    auditor = make_staff("offerings.view_term", username="auditor")
    page = desk(auditor)
    page.goto(f"/admin/terms/{term.pk}/")
    expect(page.get_by_text("for who may change terms")).to_be_visible()
    expect(page.get_by_role("button", name="Close")).to_have_count(0)
