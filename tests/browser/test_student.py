"""A student from the quick search to a change that took its turn."""

from datetime import date

import pytest
from playwright.sync_api import expect

from config.history import recorded
from registrations.models import Registration
from students.models import Dplan
from tasks.lanes import run_turn
from tests.browser.class_list import make_class
from tests.factories import (
    DplanCodeFactory,
    DplanFactory,
    DplanSourceFactory,
    EnrollmentFactory,
    TermFactory,
)

CODES = {"R": "Resident", "L": "Leave", "O": "Off-campus program", "X": "Exchange"}
PLANNED = {"202301": "R", "202401": "R", "202403": "O", "202501": "R"}


def make_term(code):
    year, month = int(code[:4]), 3 * int(code[4:]) - 2
    return TermFactory(
        code=code, starts_on=date(year, month, 5), ends_on=date(year, month + 2, 20)
    )


@pytest.fixture
def student(transactional_db):
    offering = make_class()
    profile = Registration.objects.get(profile__last_name="Fischer").profile
    for code, name in CODES.items():
        DplanCodeFactory(id=code, name=name)
    source = DplanSourceFactory(id="STU", name="Student Request")
    with recorded(actor={"client": "sis", "sub": "sis"}, door="students"):
        EnrollmentFactory(offering=offering, profile=profile)
        for term, code in PLANNED.items():
            DplanFactory(
                profile=profile, term=make_term(term), code_id=code, source=source
            )
    return profile


def test_it_finds_a_student_and_changes_a_dplan_in_its_turn(desk, student, picture):
    page = desk()
    page.goto("/admin/grade-sheets/")
    page.keyboard.press("/")
    page.keyboard.type("fisch")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Omar Fischer")).to_be_visible()
    expect(page.get_by_text("Do not confirm to anyone")).to_be_visible()
    picture(page, "student")

    page.get_by_role("link", name="Change 202501").click()
    expect(page.get_by_label("Term")).to_have_value("202501")
    page.get_by_label("D-Plan", exact=True).select_option("L")
    page.get_by_label("Decided by").select_option("STU")
    page.locator("#dplan-reason").fill("Asked by letter")
    page.get_by_role("button", name="Set D-Plan").click()
    expect(page.get_by_text("waits its turn")).to_be_visible()
    run_turn(f"students:{student.netid}")

    expect(page.get_by_text("is made")).to_be_visible()
    assert Dplan.objects.get(profile=student, term__code="202501").code_id == "L"
    expect(page.get_by_text("Asked by letter").first).to_be_visible()


def test_it_changes_an_assessment_in_its_turn(desk, student):
    page = desk()
    page.goto(f"/admin/student/{student.pk}/")
    page.locator("#enrollments").get_by_role("link", name="Change").click()
    page.get_by_label("Course assessment").select_option("Opted out")
    page.get_by_label("At").fill("2026-03-01T12:30:00")
    page.get_by_label("Reason").fill("On paper")
    page.get_by_role("button", name="Set assessment").click()
    expect(page.get_by_text("waits its turn")).to_be_visible()
    run_turn(f"enrollments:{student.enrollments.get().pk}")
    expect(page.get_by_text("1 Mar 2026, 12:30")).to_be_visible()
