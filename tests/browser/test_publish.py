"""Publishing: choose, look, say why, watch."""

from playwright.sync_api import expect

from jobs.models import Job
from jobs.running import run
from tests.browser.class_list import make_class


def test_it_previews_asks_why_and_shows_how_the_job_ended(desk, picture):
    offering = make_class()
    page = desk()
    page.goto("/admin/publish/")
    page.get_by_label("Term").select_option("202503")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("link", name=offering.code)).to_be_visible()
    page.get_by_label("Reason").fill("End of the summer term")
    picture(page, "publish")
    page.get_by_role("button", name="Publish 7 grades").click()

    expect(page.get_by_text("Waiting")).to_be_visible()
    run(Job.objects.get().pk)
    done = page.get_by_text("7 grades of 7 students are published.")
    expect(done).to_be_visible()

    page.goto(f"/admin/grade-sheets/offering/{offering.pk}/")
    page.get_by_role("link", name="published").nth(2).click()
    page.get_by_label("Reason").fill("Wrong student")
    page.get_by_role("button", name="Unpublish").click()
    expect(page.get_by_text("Final grade is no longer published.")).to_be_visible()
    expect(page.get_by_role("link", name="published")).to_have_count(7)
