"""The grade sheet under the keyboard."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from config.history import recorded
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.models import Grade
from registrations.operations import apply_change
from tests.browser.class_list import make_class
from tests.staff import make_staff


@pytest.fixture
def offering(transactional_db):
    return make_class()


@pytest.fixture
def sheet(desk, offering):
    page = desk()
    page.goto(f"/admin/grade-sheets/offering/{offering.pk}/")
    return page


def final_of(page, name):
    return page.get_by_label(f"Final grade of {name}")


def finals(offering):
    rows = Grade.objects.filter(
        registration__offering=offering, column__name="final"
    ).order_by("registration__profile__last_name")
    return [*rows.values_list("value", flat=True)]


def test_it_saves_what_was_typed_and_nothing_else(sheet, offering, picture):
    before = finals(offering)
    final_of(sheet, "Jo Adler").fill("88")
    final_of(sheet, "Jo Adler").press("Enter")
    expect(final_of(sheet, "Eli Baptiste")).to_be_focused()
    expect(sheet.locator("#unsaved")).to_have_text("1 unsaved")
    final_of(sheet, "Vera Diaz").fill("73.5")
    sheet.get_by_label("Reason").fill("Marked in the second round")
    picture(sheet, "grade-sheet")
    sheet.keyboard.press("Control+s")

    expect(sheet.get_by_text("Saved 2 rows.")).to_be_visible()
    after = [*before]
    after[1], after[4] = "88", "73.5"
    assert finals(offering) == after


def test_it_moves_with_the_arrows_and_takes_back_with_escape(sheet):
    final_of(sheet, "Jo Adler").click()
    sheet.keyboard.press("ArrowDown")
    expect(final_of(sheet, "Eli Baptiste")).to_be_focused()
    sheet.keyboard.press("ArrowLeft")
    expect(sheet.get_by_label("Coursework of Eli Baptiste")).to_be_focused()
    sheet.keyboard.press("ArrowUp")
    expect(sheet.get_by_label("Coursework of Jo Adler")).to_be_focused()
    sheet.keyboard.type("12")
    sheet.keyboard.press("Escape")
    expect(sheet.get_by_label("Coursework of Jo Adler")).to_have_value("91")
    expect(sheet.locator("#unsaved")).to_have_text("Nothing unsaved")


def paste(page, text):
    page.evaluate(
        """(text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const event = new ClipboardEvent("paste", {clipboardData, bubbles: true,
                cancelable: true});
            document.activeElement.dispatchEvent(event);
        }""",
        text,
    )


def test_it_takes_a_column_pasted_from_a_spreadsheet(sheet):
    final_of(sheet, "Omar Fischer").focus()
    paste(sheet, "61\n62,5\n63\n")
    expect(final_of(sheet, "Omar Fischer")).to_have_value("61")
    expect(final_of(sheet, "Theo Hansen")).to_have_value("62.5")
    expect(final_of(sheet, "Emma Jansen")).to_have_value("63")
    expect(sheet.locator("#unsaved")).to_have_text("3 unsaved")


def test_it_takes_a_block_pasted_from_a_spreadsheet(sheet):
    sheet.get_by_label("Coursework of Olga Kaya").focus()
    paste(sheet, "70\t71\n72\t73\n")
    expect(sheet.get_by_label("Coursework of Olga Kaya")).to_have_value("70")
    expect(final_of(sheet, "Olga Kaya")).to_have_value("71")
    expect(final_of(sheet, "Noor Lindqvist")).to_have_value("73")
    expect(final_of(sheet, "Ana Moreau")).to_have_value("79")


def test_it_lets_no_pasted_grade_slip_to_another_student(desk, offering):
    left = offering.registrations.filter(profile__last_name="Lindqvist")
    left.update(state="rejected", ejected_at=timezone.now())
    page = desk()
    page.goto(f"/admin/grade-sheets/offering/{offering.pk}/")
    final_of(page, "Olga Kaya").focus()
    paste(page, "61\n62\n63\n64\n")
    expect(final_of(page, "Olga Kaya")).to_have_value("61")
    expect(final_of(page, "Noor Lindqvist")).to_have_value("64")  # as it was
    expect(final_of(page, "Ana Moreau")).to_have_value("63")
    told = "2 unsaved, 2 pasted had no open cell"
    expect(page.locator("#unsaved")).to_have_text(told)


def test_it_says_at_the_cell_what_is_not_allowed_and_sends_nothing(sheet, offering):
    before = finals(offering)
    final_of(sheet, "Jo Adler").fill("101")
    final_of(sheet, "Jo Adler").press("Tab")
    sheet.get_by_role("button", name="Save grades").click()

    expect(final_of(sheet, "Jo Adler")).to_be_focused()
    expect(sheet.get_by_text("A number from 0 to 100")).to_be_visible()
    assert finals(offering) == before


def test_it_gives_one_grade_to_all_who_have_none(sheet):
    sheet.get_by_label("the grade").fill("0")
    sheet.get_by_role("button", name="Fill in").click()
    expect(sheet.locator("#unsaved")).to_have_text("4 unsaved")
    expect(final_of(sheet, "Jo Adler")).to_have_value("0")
    expect(final_of(sheet, "Amara Abara")).to_have_value("81")


def test_it_shows_only_those_who_miss_a_grade(sheet):
    sheet.get_by_label("Only missing").check()
    expect(sheet.locator("#grades tbody tr:visible")).to_have_count(4)
    final_of(sheet, "Jo Adler").click()
    sheet.keyboard.press("ArrowDown")
    expect(final_of(sheet, "Vera Diaz")).to_be_focused()


def test_it_does_not_miss_a_grade_of_who_was_rejected(desk, offering):
    left = offering.registrations.filter(profile__last_name="Adler")
    left.update(state="rejected", ejected_at=timezone.now())
    page = desk()
    page.goto(f"/admin/grade-sheets/offering/{offering.pk}/")
    expect(page.locator("#missing")).to_have_text("3")
    page.get_by_label("Only missing").check()
    expect(page.locator("#grades tbody tr:visible")).to_have_count(3)


def test_it_leads_to_the_sheet_of_the_intake_the_class_list_and_publishing(sheet):
    sheet.get_by_role("link", name="Class of 2028").click()
    expect(sheet.get_by_role("heading", level=1)).to_have_text(
        "Grade sheet: PHYS.013 Introductory Physics I · Class of 2028"
    )
    expect(sheet.locator("#grades tbody tr")).to_have_count(12)
    sheet.go_back()
    sheet.get_by_role("link", name="Publish", exact=True).last.click()
    expect(sheet.get_by_role("button", name="Publish 7 grades")).to_be_visible()
    sheet.go_back()
    sheet.get_by_role("link", name="Class list").click()
    expect(sheet.get_by_role("heading", level=1)).to_contain_text("Class list")


def test_it_shows_what_somebody_else_changed_meanwhile(sheet, offering):
    row = offering.registrations.get(profile__last_name="Adler")
    change = Change(
        target=Target(registration_id=row.pk), grades=[GradeChange("final", value="70")]
    )
    with recorded(actor={"staff": "okafor"}, door="admin"):
        apply_change(change, writer=Writer())

    final_of(sheet, "Jo Adler").fill("88")
    final_of(sheet, "Vera Diaz").fill("73")
    sheet.get_by_role("button", name="Save grades").click()

    expect(sheet.get_by_text("Saved 1 row.")).to_be_visible()
    told = "Changed meanwhile by okafor: Final grade is now “70”"
    expect(sheet.get_by_text(told)).to_be_visible()
    expect(final_of(sheet, "Jo Adler")).to_have_value("88")
    assert finals(offering)[1] == "70"


def test_it_opens_only_what_a_lecturer_teaches(desk, transactional_db):
    lecturer = make_staff("registrations.grade_own", username="okafor")
    offering = make_class(lecturer)
    page = desk(lecturer)
    page.goto("/admin/grade-sheets/")
    page.get_by_role("link", name="PHYS.013.01-202503-U-10412").click()
    expect(page.get_by_text("Privacy hold")).to_be_visible()
    final_of(page, "Omar Fischer").fill("64")
    page.get_by_role("button", name="Save grades").click()
    expect(page.get_by_text("Saved 1 row.")).to_be_visible()
    assert finals(offering)[6] == "64"
