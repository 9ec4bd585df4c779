"""Headless Chromium at the desk: a page that is signed in, and no error unseen."""

import os
import shutil
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright

from tests.browser.audit import problems_of
from tests.staff import make_staff

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MISSING = "no Chromium: apt-get install chromium, or set CHROMIUM=/path"
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "admin"
SCREEN = {"width": 1280, "height": 800}
TIMEOUT = 10_000  # milliseconds


@pytest.fixture(scope="package")
def browser():
    """It ends with the last of these tests: none of the others may meet its loop."""
    arguments = ["--disable-dev-shm-usage", "--disable-gpu"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=find_chromium(), args=arguments
        )
        # Playwright's loop runs in this thread, which Django takes for a mistake.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield chromium
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        chromium.close()


def find_chromium() -> str:
    """Where Chromium is; without one the tests are skipped, or fail if required."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and "BROWSER_REQUIRED" in os.environ:
        pytest.fail(MISSING)
    if found is None:
        pytest.skip(MISSING)
    return found


@pytest.fixture
def complaints():
    """What the browser complains of; a script or style that it refused is in it."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
def desk(browser, live_server, transactional_db, complaints):
    """`desk(user)` is a page of the desk, signed in; relative addresses work."""
    contexts = []

    def sign_in(user=None, **options):
        user = user or make_staff(username="registrar", is_superuser=True)
        context = browser.new_context(
            base_url=live_server.url, viewport=SCREEN, timezone_id="UTC", **options
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT)
        context.add_cookies([session_of(user, live_server.url)])
        page = context.new_page()
        page.on("console", lambda message: listen(message, complaints))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield sign_in
    for context in contexts:
        context.close()


def listen(message, complaints):
    if message.type in ("error", "warning"):
        complaints.append(message.text)


def session_of(user, url) -> dict:
    client = Client()
    client.force_login(user)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}


@pytest.fixture
def picture():
    """`picture(page, name)` holds what the page shows to the audit of every screen.

    It keeps a screenshot in docs/admin where PICTURES is set.
    """

    def keep(page, name, **options):
        assert problems_of(page) == []
        if os.environ.get("PICTURES"):
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{name}.png", **options)

    return keep
