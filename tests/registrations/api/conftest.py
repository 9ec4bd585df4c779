import json

import pytest
from django.test import Client as Http

from access.scopes import (
    REGISTRATIONS_HISTORY,
    REGISTRATIONS_READ,
    REGISTRATIONS_WRITE,
)
from tests.access.factories import ClientFactory, make_secret
from tests.factories import GradeColumnFactory, GradeStateFactory, RegistrationFactory

SCOPES = [REGISTRATIONS_READ, REGISTRATIONS_WRITE, REGISTRATIONS_HISTORY]


@pytest.fixture
def http_of(db):
    """Return the HTTP client of a system with these scopes."""

    def http_of(*scopes, **client) -> Http:
        client = ClientFactory(scopes=[*(scopes or SCOPES)], **client)
        http = Http(headers={"Authorization": f"Bearer {make_secret(client=client)}"})
        http.client_id = client.pk
        return http

    return http_of


@pytest.fixture
def http(http_of) -> Http:
    return http_of()


@pytest.fixture
def send(http):
    """Send JSON, or bytes as they are; return the response."""

    def send(verb, url, body=None, *, of=http, **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body)
        return of.generic(
            verb, url, raw, content_type="application/json", headers=headers
        )

    return send


@pytest.fixture
def grade_states(db):
    return [GradeStateFactory(name=name) for name in ("pass", "fail", "incomplete")]


@pytest.fixture
def registration(db):
    """One on a unit with an essay of 20 points and a final grade of 100."""
    registration = RegistrationFactory()
    GradeColumnFactory(unit=registration.unit, pk="c-final")
    GradeColumnFactory(
        unit=registration.unit,
        pk="c-essay",
        name="__essay",
        label="Essay",
        maximum=20,
        position=1,
    )
    return registration
