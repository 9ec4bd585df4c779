"""Withdrawing a student: choose, look, say why."""

from playwright.sync_api import expect

from registrations.models import Registration
from tests.browser.class_list import make_class


def test_it_withdraws_whom_was_chosen(desk, picture):
    make_class()
    page = desk()
    page.goto("/admin/registrations/registration/?q=adler")
    page.locator("input.action-select").check()
    page.locator("select[name=action]").select_option("withdraw")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    page.get_by_label("Reason").fill("Left the university")
    picture(page, "registration-actions")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("status")).to_contain_text("1 done")
    row = Registration.objects.get(profile__last_name="Adler")
    assert row.state == "rejected"
