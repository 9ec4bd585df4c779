"""The first page of the desk."""

import pytest
from playwright.sync_api import expect

from tests.browser.university import make_university
from tests.staff import make_staff


@pytest.fixture
def university(transactional_db):
    return make_university()


def test_it_says_what_there_is_to_do(desk, university, picture):
    page = desk()
    page.goto("/admin/")
    missing = page.get_by_role("link", name="final grades missing in 202503")
    expect(missing).to_contain_text("23")
    expect(page.get_by_role("img", name="Grade entry by term")).to_be_visible()
    table = page.get_by_role("table", name="Grade entry by term")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(page.get_by_text("Second marking")).to_be_visible()
    picture(page, "dashboard-top")
    picture(page, "dashboard", full_page=True)
    missing.click()
    expect(page.get_by_role("heading", name="Grade sheets")).to_be_visible()


def test_it_shows_another_term_and_who_owes_grades(desk, university):
    page = desk()
    page.goto("/admin/")
    lecturer = page.get_by_role("table", name="Lecturers").get_by_role("row").nth(1)
    expect(lecturer).to_contain_text("Rosa Lindgren")
    page.get_by_role("link", name="202403").click()
    title = "Still missing in 202403, by offering"
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_role("link", name="PHIL.01.01-202403-U")).to_be_visible()


def test_it_shows_a_lecturer_their_own(desk, university, picture):
    ada = make_staff("registrations.grade_own", username="okafor")
    university.lecturer.user = ada
    university.lecturer.save()
    page = desk(ada)
    page.goto("/admin/")
    expect(page.get_by_role("link", name="final grades missing")).to_contain_text("3")
    expect(page.get_by_text("BIOL.011")).to_have_count(0)
    picture(page, "dashboard-lecturer")
