"""The list of registrations: narrowed, then acted on."""

from playwright.sync_api import expect

from registrations.models import Registration
from tests.browser.class_list import make_class
from tests.staff import make_staff


def test_it_narrows_the_list_and_withdraws_whom_was_chosen(desk, picture):
    make_class()
    page = desk()
    page.goto("/admin/registrations/")
    expect(page.locator("tbody tr")).to_have_count(12)
    page.get_by_label("Term", exact=True).select_option("202503")
    page.get_by_label("Final grade", exact=True).select_option("missing")
    page.get_by_role("button", name="Show").press("Enter")
    expect(page.locator("tbody tr")).to_have_count(4)
    picture(page, "registrations")

    page.get_by_label("Choose all on this page").check()
    page.get_by_label("Vera Diaz, PHYS.013").uncheck()
    expect(page.get_by_label("Choose all on this page")).not_to_be_checked()
    page.get_by_label("With the chosen").select_option("withdraw")
    page.get_by_role("button", name="Look first").click()
    expect(page.get_by_text("3 would be done, 0 refused.")).to_be_visible()
    page.get_by_label("Reason").fill("Left the university")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_role("status")).to_contain_text("3 done, 0 refused.")
    assert Registration.objects.filter(state="rejected").count() == 3

    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_it_moves_to_an_intake_that_is_chosen_by_its_name(desk):
    offering = make_class()
    make = type(offering.course_intake).objects.create
    intake = make(course=offering.course_intake.course, name="Class of 2029")
    page = desk()
    page.goto("/admin/registrations/?student=adler")
    page.get_by_label("Jo Adler, PHYS.013").check()
    page.get_by_label("With the chosen").select_option("move")
    page.get_by_role("button", name="Look first").click()
    page.get_by_label("Intake").select_option("PHYS, Class of 2029")
    page.get_by_role("button", name="Look again").click()
    expect(page.get_by_text("1 would be done, 0 refused.")).to_be_visible()
    page.get_by_label("Reason").fill("Joined later")
    page.get_by_role("button", name="Move to another intake").click()
    expect(page.get_by_role("status")).to_contain_text("1 done")
    row = Registration.objects.get(profile__last_name="Adler")
    assert row.intake_id == intake.pk


def test_it_shows_lecturers_only_what_they_teach(desk):
    lecturer = make_staff("registrations.grade_own", username="okafor")
    make_class()
    page = desk(lecturer)
    page.goto("/admin/registrations/")
    expect(page.get_by_text("No registrations here.")).to_be_visible()
    expect(page.get_by_role("link", name="Tasks")).to_have_count(0)
    expect(page.get_by_role("button", name="Look first")).to_have_count(0)
