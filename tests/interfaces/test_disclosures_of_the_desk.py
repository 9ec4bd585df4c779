"""Whoever's record a page of the admin shows is in the disclosure log."""

import pytest
from django.contrib import admin
from django.urls import reverse

from access.models import Disclosure
from tests.interfaces.test_disclosures import logged, people_in
from tests.interfaces.test_groups_at_the_desk import SCREENS, World, member_of
from tests.rows import ROWS
from tests.staff import signed_in

pytestmark = pytest.mark.django_db

# A lane is named after a netid; what waits in it, these pages do not tell.
ONLY_NAMES = {"tasks.lane", "tasks.intervention"}


@pytest.fixture
def world():
    return World(member_of("Lecturer"))


@pytest.fixture
def registrar(world):
    return signed_in(member_of("Registrar"))


def hides_from_the_log(http, url) -> bool:
    """Whether a page shows somebody of whom the log says nothing after it."""
    Disclosure.objects.all().delete()
    page = http.get(url)
    text = b"".join(page) if page.streaming else page.content
    return not people_in(text.decode(errors="replace")) <= logged()


def test_whom_a_screen_of_the_desk_shows_is_logged(world, registrar):
    addresses = {name: world.address(name) for name in SCREENS}
    silent = [
        name for name, url in addresses.items() if hides_from_the_log(registrar, url)
    ]
    assert silent == []


@pytest.mark.parametrize("page", ["changelist", "change", "history"])
def test_whom_a_page_of_a_model_shows_is_logged(world, registrar, page):
    models = {model._meta.label_lower for model in admin.site._registry}
    rows = {label: ROWS[label]().pk for label in sorted(models - ONLY_NAMES)}
    addresses = {
        label: reverse(
            f"admin:{label.replace('.', '_')}_{page}",
            args=[] if page == "changelist" else [pk],
        )
        for label, pk in rows.items()
    }
    silent = [
        label for label, url in addresses.items() if hides_from_the_log(registrar, url)
    ]
    assert silent == []
