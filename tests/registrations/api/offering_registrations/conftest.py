import json

import pytest
from django.test import Client as Http

from access.scopes import REGISTRATIONS_READ, REGISTRATIONS_WRITE
from tests.access.factories import ClientFactory, make_secret
from tests.factories import (
    GradeColumnFactory,
    GradeStateFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)

URL = "/dc/api/v5/registrations"


@pytest.fixture
def http_of(db):
    """Return the HTTP client of a system that was granted these scopes."""

    def http_of(*scopes, **client) -> Http:
        secret = make_secret(client=ClientFactory(scopes=list(scopes), **client))
        return Http(headers={"Authorization": f"Bearer {secret}"})

    return http_of


@pytest.fixture
def http(http_of) -> Http:
    return http_of(REGISTRATIONS_READ, REGISTRATIONS_WRITE)


@pytest.fixture
def send(http):
    """Send JSON, or bytes as they are; return the response."""

    def send(verb, path="", body=None, *, of=http, **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body)
        return of.generic(
            verb, f"{URL}{path}", raw, content_type="application/json", headers=headers
        )

    return send


@pytest.fixture
def offering(db):
    """Taught to one intake, marked from 0 to 200, passed with half of that."""
    offering = UnitOfferingFactory(unit_version__title="Course 1")
    GradeColumnFactory(unit=offering.unit_version.unit, maximum=200)
    GradeStateFactory(name="pass")
    GradeStateFactory(name="fail")
    return offering


@pytest.fixture
def registered(offering):
    """Make a registration into the offering, as it is stored."""

    def registered(**attributes):
        return RegistrationFactory(
            unit=offering.unit_version.unit,
            course=offering.course_intake.course,
            intake=offering.course_intake,
            offering=offering,
            **attributes,
        )

    return registered
