"""Who changed which grade."""

from playwright.sync_api import expect

from config.history import recorded
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.models import Registration
from registrations.operations import apply_change
from tests.browser.class_list import make_class


def test_it_shows_who_changed_a_grade_and_why(desk, picture):
    make_class()
    row = Registration.objects.get(profile__last_name="Castro")
    asked = Change(
        target=Target(registration_id=row.pk), grades=[GradeChange("final", value="74")]
    )
    with recorded(actor={"staff": "mina"}, door="admin", reason="Counted again"):
        apply_change(asked, writer=Writer())
    page = desk()
    page.goto("/admin/grade-changes/")
    expect(page.get_by_text("Counted again")).to_be_visible()
    picture(page, "grade-changes")
    page.get_by_label("Who").fill("mina")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "grade-changes.csv"
