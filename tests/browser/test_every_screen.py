"""What holds for every page of the desk, in the browser.

Text has a contrast of 4.5:1 (3:1 where it is large), whatever is worked with has a
name, there is one first heading, nothing is wider than the screen, focus is seen and
goes everywhere, paper has no chrome. The fixture `complaints` fails each of these
where the browser refused anything by the Content-Security-Policy or met an error.
"""

from urllib.parse import urlsplit

import pytest
from django.urls import resolve, reverse
from django.utils import timezone

from config.admin import screens as desk_screens
from jobs.models import Job
from registrations.models import Registration
from tests.access.factories import KeyFactory
from tests.browser.audit import assert_keyboard_goes_everywhere, problems_of
from tests.browser.university import make_university
from tests.factories import EnrollmentFactory, SectionFactory
from tests.rows import ROWS, make_task

# They only take what is sent in, or give a file.
NO_PAGES = {
    *("set_dplan", "set_legal_hold", "registration_actions", "roster_add"),
    *("roster_file", "import_errors", "exported_file"),
}
# Steps of what test_transfer.py does; each is held to the same there.
STEPS = {"import_file", "export_file"}


@pytest.fixture
def university(transactional_db):
    return make_university()


@pytest.fixture
def screens(university):
    """The addresses of the screens that staff work with."""
    registration = Registration.objects.get(profile__last_name="Abara")
    profile = registration.profile
    enrollment = EnrollmentFactory(profile=profile, offering=SectionFactory())
    column = registration.unit.grade_columns.get(name="final")
    job = Job.objects.filter(state="running").get()
    term = university.semester_id
    failed = make_task(state="error", message="Refused", finished_at=timezone.now())
    make_task()
    key = KeyFactory()
    return [
        "/admin/",
        "/admin/records/",
        "/admin/find/?q=a",
        "/admin/grade-sheets/",
        f"/admin/grade-sheets/offering/{university.pk}/",
        "/admin/publish/",
        f"/admin/publish/?term={term}",
        f"/admin/publish/{job.pk}/",
        f"/admin/registrations/{registration.pk}/unpublish/{column.pk}/",
        f"/admin/student/{profile.pk}/",
        f"/admin/student/{profile.pk}/history/",
        f"/admin/student/{profile.pk}/assessment/{enrollment.pk}/",
        "/admin/grade-changes/",
        "/admin/registrations/",
        f"/admin/class-lists/{university.pk}/",
        "/admin/task-board/",
        f"/admin/task-board/failures/{failed.pk}/",
        f"/admin/task-board/lane/?key={failed.lane_id}",
        "/admin/clients/",
        "/admin/terms/",
        f"/admin/terms/{term}/",
        "/admin/password_change/",
        "/admin/import/",
        "/admin/export/",
        reverse(
            "admin:grade_sheet_of_intake",
            args=[registration.unit_id, registration.intake_id],
        ),
        reverse("admin:new_key", args=[key.client_id]),
        reverse("admin:replace_key", args=[key.pk]),
        reverse("admin:revoke_key", args=[key.pk]),
    ]


@pytest.fixture
def records(transactional_db):
    """The addresses of the pages of every model: its list, and of a row of it."""
    return [address for label in sorted(ROWS) for address in addresses_of(label)]


def addresses_of(label):
    name = f"admin:{label.replace('.', '_')}"
    row = ROWS[label]()
    yield reverse(f"{name}_changelist")
    yield reverse(f"{name}_change", args=[row.pk])
    yield reverse(f"{name}_history", args=[row.pk])


@pytest.fixture
def forms():
    """The addresses of the forms that make a row."""
    return [reverse(f"admin:{each}_add") for each in MADE_BY_HAND]


MADE_BY_HAND = [
    *("offerings_term", "offerings_course", "offerings_unit", "offerings_lecturer"),
    *("offerings_unitoffering", "students_profile", "registrations_gradestate"),
    *("access_client", "auth_user", "auth_group"),
]


def problems_on(page, addresses):
    """What the audit finds, by address; the browser's own complaints apart."""
    found = {}
    for address in addresses:
        page.goto(address)
        if problems := problems_of(page):
            found[address] = problems
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screen_is_read_and_worked_by_everyone(desk, screens, scheme):
    page = desk(color_scheme=scheme)
    assert problems_on(page, screens) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_so_is_every_page_of_every_model(desk, records, scheme):
    page = desk(color_scheme=scheme)
    assert problems_on(page, records) == {}


def test_so_is_every_form_that_makes_a_row(desk, forms):
    assert problems_on(desk(), forms) == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_so_is_the_login(browser, live_server, transactional_db, scheme):
    context = browser.new_context(base_url=live_server.url, color_scheme=scheme)
    page = context.new_page()
    assert problems_on(page, ["/admin/login/"]) == {}
    context.close()


@pytest.mark.parametrize("place", [0, 3, 4, 6, 9, 12, 13, 14, 15, 20, 22, 23, 25])
def test_the_keyboard_goes_everywhere_and_is_seen(desk, screens, place):
    page = desk()
    page.goto(screens[place])
    assert_keyboard_goes_everywhere(page)


def test_every_screen_is_among_them(screens):
    opened = {resolve(urlsplit(address).path).url_name for address in screens}
    known = {each.name for each in desk_screens.screens()}
    assert known - opened == NO_PAGES | STEPS


def test_paper_has_no_chrome(desk, university):
    page = desk(color_scheme="dark")
    page.goto(f"/admin/grade-sheets/offering/{university.pk}/")
    page.emulate_media(media="print")
    chrome = page.locator("#header, .breadcrumbs, .toolbar, .sticky-foot")
    assert [each.is_visible() for each in chrome.all()] == [False] * chrome.count()
    assert page.locator("#grades").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
