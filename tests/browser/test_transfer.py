"""Import and export: hand over, say what is what, look, confirm; choose, fetch."""

import pytest
from playwright.sync_api import expect

from jobs.models import Job
from jobs.running import run
from registrations.models import Registration
from tests.browser.audit import assert_keyboard_goes_everywhere, problems_of
from tests.browser.class_list import make_class
from transfer.importing import expire_old
from transfer.models import ExportFile, Import

FILE = (
    "Student,Unit,Intake,Grade name,Mark,Remark\n"
    "f0001qx,PHYS.013,PHYS/Class of 2028,final,88,late\n"
    "f0003qx,PHYS.013,PHYS/Class of 2028,final,74,\n"
    "f0005qx,PHYS.013,PHYS/Class of 2028,final,61,\n"
    "f0008qx,PHYS.013,PHYS/Class of 2028,final,55,\n"
)


@pytest.fixture(autouse=True)
def _staging(transactional_db):
    yield
    Import.objects.all().delete()
    ExportFile.objects.all().delete()
    expire_old()


def work():
    """Let a worker do what was asked for last."""
    run(Job.objects.latest("accepted_at").pk)


def test_it_imports_a_file_that_was_looked_at(desk, picture):
    make_class()
    page = desk()
    page.goto("/admin/import/")
    page.get_by_label("Kind of record").select_option("Grades")
    page.get_by_label("File").set_input_files(
        {"name": "finals.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("A worker begins it within seconds.")).to_be_visible()
    work()

    expect(page.get_by_label("Student", exact=True)).to_have_value("profile")
    expect(page.get_by_label("Mark", exact=True)).to_have_value("value")
    expect(page.get_by_label("Remark")).to_have_value("")
    page.get_by_label("Stop where more than").fill("50")
    picture(page, "import-columns")
    assert_keyboard_goes_everywhere(page)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Checking")).to_be_visible()
    work()

    expect(page.locator("ins", has_text="74")).to_be_visible()
    page.get_by_label("Reason").fill("Marks from the examination office")
    picture(page, "import")
    assert_keyboard_goes_everywhere(page)
    page.get_by_role("button", name="Import 0 new and 4 changed").click()
    expect(page.get_by_text("Importing")).to_be_visible()
    work()

    expect(page.get_by_text("0 new, 4 changed, 0 the same")).to_be_visible()
    graded = Registration.objects.get(profile__netid="f0003qx")
    assert graded.grades.get(column__name="final").value == "74"


def test_it_tells_every_error_of_a_file(desk, picture):
    make_class()
    page = desk()
    page.goto("/admin/import/")
    page.get_by_label("Kind of record").select_option("Grades")
    wrong = FILE.replace("88", "188").replace("f0005qx", "f0099qx")
    page.get_by_label("File").set_input_files(
        {"name": "finals.csv", "mimeType": "text/csv", "buffer": wrong.encode()}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("Reading the first rows")).to_be_visible()
    work()
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("Checking")).to_be_visible()
    work()
    expect(page.get_by_text("'188' is not a number from 0 to 100")).to_be_visible()
    picture(page, "import-errors")
    assert_keyboard_goes_everywhere(page)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Every error as CSV").click()
    assert fetched.value.suggested_filename == "import-errors.csv"


def test_it_exports_a_file_to_be_fetched(desk, picture):
    make_class()
    page = desk()
    page.goto("/admin/export/")
    page.get_by_label("Kind of record").select_option("Grades")
    page.get_by_label("Term").select_option("202503")
    page.get_by_label("Course").fill("PHYS")
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_text("A worker begins it within seconds.")).to_be_visible()
    work()
    expect(page.get_by_text("22 rows")).to_be_visible()
    assert problems_of(page) == []
    assert_keyboard_goes_everywhere(page)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Fetch grades").click()
    assert fetched.value.path().read_text().count("final") == 11
    page.goto("/admin/export/")
    picture(page, "export")
