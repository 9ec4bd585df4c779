"""What every answer tells browsers and caches."""

import pytest
from django.test import Client as Http

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/admin/login/", "/api/jwt", "/nowhere", "/docs"])
def test_it_allows_a_browser_nothing_from_elsewhere_and_nothing_inline(path):
    policy = Http().get(path)["Content-Security-Policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/admin/login/", "max-age=0, no-cache, no-store, must-revalidate, private"),
        ("/api/jwt", "private, no-cache"),
        ("/.well-known/jwks.json", "public, max-age=300"),
    ],
)
def test_it_says_what_a_cache_may_keep(path, value):
    assert Http().get(path)["Cache-Control"] == value


def test_it_gives_no_other_site_a_way_in():
    response = Http(headers={"Origin": "https://elsewhere.example.org"}).get("/api/jwt")
    assert not [name for name in response.headers if name.startswith("Access-Control")]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
