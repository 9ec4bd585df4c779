"""A class list: printed, taken along, and added to."""

from playwright.sync_api import expect

from registrations.models import Registration
from tests.browser.class_list import make_class
from tests.factories import ProfileFactory


def test_it_adds_students_by_pasted_netids(desk, picture):
    offering = make_class()
    ProfileFactory(netid="f0013qx", first_name="Ida", last_name="Nakamura")
    ProfileFactory(netid="f0014qx", first_name="Max", last_name="Oyelaran")
    page = desk()
    page.goto("/admin/grade-sheets/?term=")
    page.get_by_role("link", name="Class list").click()
    expect(page.locator("tbody tr")).to_have_count(12)
    picture(page, "class-list")
    page.get_by_label("Netids").fill("f0013qx\nf0003qx\nF0014QX\nf9999qx\n")
    page.get_by_role("button", name="Look first").click()
    told = "2 would be registered, 2 refused. Nothing is changed yet."
    expect(page.get_by_text(told)).to_be_visible()
    page.get_by_label("Reason").fill("Petitions of the first week")
    picture(page, "class-list-add")
    page.get_by_role("button", name="Register 2").click()
    expect(page.get_by_text("2 registered, 2 refused.")).to_be_visible()
    assert Registration.objects.filter(offering=offering).count() == 14

    page.get_by_role("link", name="Back to the class list").click()
    expect(page.get_by_role("link", name="Nakamura, Ida")).to_be_visible()


def test_it_is_printed_and_taken_along(desk):
    offering = make_class()
    page = desk()
    page.goto(f"/admin/class-lists/{offering.pk}/")
    page.evaluate("window.print = () => { window.isPrinted = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.isPrinted") is True
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").click()
    assert download.value.suggested_filename == f"class-list-{offering.code}.xlsx"
    page.emulate_media(media="print")
    expect(page.get_by_label("Netids")).to_be_hidden()
    expect(page.get_by_role("link", name="XLSX")).to_be_hidden()
    expect(page.get_by_text("Privacy hold")).to_be_visible()
