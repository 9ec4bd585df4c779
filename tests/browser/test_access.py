"""Clients, their keys, and signing in, in a browser."""

import re
from datetime import UTC, datetime

from playwright.sync_api import expect

from access.models import Client, Key, SecondFactor
from access.recognition import recognise
from access.scopes import (
    ENROLLMENTS_READ,
    ENROLLMENTS_READ_SENSITIVE,
    REGISTRATIONS_READ,
)
from tests.access.factories import ClientFactory, make_secret
from tests.config.test_login import code_spelled
from tests.staff import make_staff

PASSWORD = "correct horse battery staple"
SECRET = re.compile(r"sk-[A-Za-z0-9]{52}")


def test_it_registers_a_client_and_shows_its_key_once(desk, picture):
    page = desk()
    page.goto("/admin/clients/")
    page.get_by_role("link", name="Register a client").click()
    page.get_by_label("Name:").fill("Portal")
    page.get_by_label("registrations:read ").check()
    picture(page, "client")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto("/admin/clients/")
    page.get_by_role("link", name="New key").click()
    page.get_by_label("Note").fill("First server")
    page.get_by_role("button", name="Make the key").click()
    secret = SECRET.search(page.get_by_role("main").inner_text())[0]
    picture(page, "key")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("First server")).to_be_visible()
    assert not SECRET.search(page.get_by_role("main").inner_text())
    assert Client.objects.get().scopes == [REGISTRATIONS_READ]
    assert recognise(secret)[0].name == "Portal"


def test_it_replaces_a_key_with_an_overlap_and_revokes_it(desk, picture):
    make_systems()
    old = Key.objects.get(note="Old server")
    page = desk()
    page.goto("/admin/clients/")
    picture(page, "clients")
    page.get_by_role("link", name=f"Replace {old}").click()
    page.get_by_label("Hours").fill("2")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.get_by_role("link", name="Done").click()
    page.get_by_role("link", name=f"Revoke {old}").click()
    page.get_by_label("Reason").fill("The server is gone")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text(f"{old} of Portal is revoked.")).to_be_visible()
    old.refresh_from_db()
    assert (old.standing, old.expires_at is not None) == ("revoked", True)


def make_systems():
    """Three systems as they look after a while."""
    used = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    portal = ClientFactory(
        name="Portal",
        purpose="Students see their own grades.",
        scopes=[REGISTRATIONS_READ, ENROLLMENTS_READ, ENROLLMENTS_READ_SENSITIVE],
    )
    make_secret(client=portal, note="Old server", last_used_at=used)
    make_secret(client=portal, note="New server", last_used_at=used)
    make_secret(client=portal, note="Lost", status="revoked")
    timetable = ClientFactory(name="Timetable", role="ADMIN", status="suspended")
    make_secret(client=timetable, note="Nightly")


def test_it_sets_up_a_second_factor_and_asks_for_it(
    desk, browser, live_server, picture
):
    user = make_staff(is_superuser=True)
    user.set_password(PASSWORD)
    user.save()
    page = desk(user)
    page.goto("/admin/second-factor/")
    spelled = page.get_by_text(re.compile(r"^[A-Z2-7]{32}$")).inner_text()
    page.get_by_label("Code").fill(code_spelled(spelled))
    page.get_by_role("button", name="Set up").click()
    recovery = page.locator(".recovery-codes code").first.inner_text()

    page.context.clear_cookies()
    page.goto("/admin/")
    page.get_by_label("Username").fill("clerk")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("That code is wrong")).to_be_visible()
    picture(page, "login")
    SecondFactor.objects.update(throttling_failure_timestamp=None)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("navigation", name="Desk")).to_be_visible()
