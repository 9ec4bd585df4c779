"""What holds for every page of the desk, in the browser.

Text has a contrast of 4.5:1 (3:1 where it is large), whatever is worked with has a
name, there is one first heading, nothing is wider than the screen, focus is seen and
goes everywhere, paper has no chrome. The fixture `complaints` fails each of these
where the browser refused anything by the Content-Security-Policy or met an error.
"""

from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from registrations.models import Registration
from tests.browser.university import make_university
from tests.factories import EnrollmentFactory, SectionFactory
from tests.rows import ROWS, make_task

AUDIT = (Path(__file__).parent / "audit.js").read_text()
MOST_STOPS = 300  # of the Tab key


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
        if problems := page.evaluate(AUDIT):
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


TABBABLE = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]"
)].filter((each) => each.tabIndex >= 0 && !each.disabled
    && each.checkVisibility({visibilityProperty: true})
    && !each.closest("details:not([open]) > :not(summary)")).length"""
STOP = """() => {
    const element = document.activeElement, style = getComputedStyle(element);
    if (element === document.body) return null;
    element.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length);
    const isSeen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    const isInView = element.getBoundingClientRect().bottom > 0;
    const problem = isSeen && isInView ? "" : element.outerHTML.slice(0, 90);
    return [element.dataset.stop, problem];
}"""


def stops_of(page):
    """Where the Tab key goes, until it comes back."""
    stops, last = {}, None
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        # A date is one control with a stop for each of its parts.
        if stop is None or (stop[0] in stops and stop[0] != last):
            break
        last = stop[0]
        stops[last] = stop[1]
    return stops


@pytest.mark.parametrize("place", [0, 3, 4, 6, 9, 12, 13, 14, 15, 20])
def test_the_keyboard_goes_everywhere_and_is_seen(desk, screens, place):
    page = desk()
    page.goto(screens[place])
    tabbable = page.evaluate(TABBABLE)
    stops = stops_of(page)
    assert [element for element in stops.values() if element] == []
    assert len(stops) == tabbable


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
