import json

import pytest
from django.test import Client as Http

from access.scopes import ENROLLMENTS_WRITE
from students.models import Profile
from tasks import registry
from tests.access.factories import ClientFactory, make_secret


@pytest.fixture(autouse=True)
def _interface(settings):
    settings.ROOT_URLCONF = "tests.tasks.interface"


@pytest.fixture
def http_of():
    """Return the HTTP client of a new system with these scopes."""

    def http_of(*scopes: str, **client) -> Http:
        client = ClientFactory(scopes=list(scopes), **client)
        secret = make_secret(client=client)
        return Http(headers={"Authorization": f"Bearer {secret}"})

    return http_of


@pytest.fixture
def http(http_of, db) -> Http:
    """Who may PATCH effects, and asks for no more."""
    return http_of(ENROLLMENTS_WRITE, name="Portal", contact="portal@example.org")


@pytest.fixture
def patch(http):
    """PATCH an effect; return the response."""

    def patch(pk="a", body='{"n": 1}', *, of=http, query="", **headers):
        return of.patch(
            f"/effects/{pk}{query}",
            body if isinstance(body, str) else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )

    return patch


@pytest.fixture(autouse=True)
def _holds(monkeypatch):
    """Who is under privacy hold, as the students app says it."""

    def profiles():
        return Profile.objects.filter(is_confidential=True).values("pk")

    monkeypatch.setattr(registry, "_held_people", [profiles])
