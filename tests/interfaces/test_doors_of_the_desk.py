"""Every address of the admin asks who it is, and for the second factor."""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client as Http
from django.urls import URLPattern

from access.codes import new_key
from access.second_factor import set_up
from tests.config.test_login import code_of
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db

OPEN = {"/admin/login/", "/admin/logout/"}
CONVERTER = re.compile(r"<[^>]*>|\(\?P[^)]*\)")


def addresses(patterns, prefix="/admin/") -> Iterator[str]:
    """Every address of the site, with 1 for what it names."""
    for each in patterns:
        path = prefix + CONVERTER.sub("1", str(each.pattern)).strip("^$\\Z")
        yield from (
            [path]
            if isinstance(each, URLPattern)
            else addresses(each.url_patterns, path)
        )


ADDRESSES = sorted({*addresses(admin.site.urls[0])} - OPEN)


def nobody(settings):
    return Http()


def not_staff(settings):
    user = make_staff(is_superuser=True)
    user.is_staff = False
    user.save()
    return signed_in(user)


def half_signed_in(settings):
    """Somebody whose password was right, and who was asked for no code yet."""
    user, key = make_staff(is_superuser=True), new_key()
    http = signed_in(user)
    set_up(user=user, key=key, code=code_of(key))
    return http


def without_the_factor_that_is_required(settings):
    settings.SECOND_FACTOR_REQUIRED = True
    return signed_in(make_staff(is_superuser=True))


def test_there_are_addresses():
    assert {"/admin/", "/admin/students/profile/1/change/", "/admin/find/"} <= {
        *ADDRESSES
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("who", "opened"),
    [
        (nobody, set()),
        (not_staff, set()),
        (half_signed_in, set()),
        (without_the_factor_that_is_required, {"/admin/second-factor/"}),
    ],
)
def test_it_leads_to_the_login_from_everywhere(who, opened, method, settings):
    http = who(settings)
    answers = {url: http.generic(method, url) for url in ADDRESSES}
    assert opened == {
        url
        for url, answer in answers.items()
        if not answer.get("Location", "").startswith("/admin/login/")
    }


@pytest.mark.parametrize(
    "path", ["/api/students", "/api/tasks", "/api/v1/unit-offerings"]
)
def test_who_is_signed_in_there_is_nobody_to_an_interface(path):
    http = signed_in(make_staff(is_superuser=True))
    assert http.get("/admin/").status_code == 200
    assert http.get(path).status_code == 401
