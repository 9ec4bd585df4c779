import json

import pytest
from django.test import Client as Http

from access.scopes import ADMIN
from tests.access.factories import ClientFactory, make_secret

URL = "/api/v1/unit-offerings"


@pytest.fixture
def http_of(db):
    """Return the HTTP client of a system with this role."""

    def http_of(role=ADMIN, **client) -> Http:
        secret = make_secret(client=ClientFactory(role=role, **client))
        return Http(headers={"Authorization": f"Bearer {secret}"})

    return http_of


@pytest.fixture
def http(http_of) -> Http:
    return http_of()


@pytest.fixture
def send(http):
    """Send JSON, or bytes as they are; return the response."""

    def send(verb, path="", body=None, *, of=http, **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body)
        return of.generic(
            verb, f"{URL}{path}", raw, content_type="application/json", headers=headers
        )

    return send
