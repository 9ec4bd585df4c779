"""The system checks of access."""

import pytest
from django.core.checks import run_checks
from django.test import override_settings
from django.urls import path

from access.checks import issuer_faults
from access.scopes import ADMIN, REGISTRATIONS_READ
from config.rest.views import InterfaceView

ISSUER = {
    "issuer": "https://login.example.org",
    "jwks_url": "https://login.example.org/keys",
    "audience": "registry",
}


UNSAFE = "its jwks_url must be https, or on this machine"


class Forgetful(InterfaceView):
    required_scopes = {"list": (REGISTRATIONS_READ,)}
    required_roles = {"list": (ADMIN,)}

    def list(self, request): ...

    def create(self, request): ...


class Mistaken(InterfaceView):
    required_scopes = {"list": "registrations:read", "create": ("everything",)}
    required_roles = {"list": ("KING",)}

    def list(self, request): ...

    def create(self, request): ...


class Open(Forgetful):
    is_public = True


ACTIONS = {"get": "list", "post": "create"}
urlpatterns = [
    path("forgetful", Forgetful.as_view(ACTIONS)),
    path("mistaken", Mistaken.as_view(ACTIONS)),
    path("open", Open.as_view(ACTIONS)),
]


def ids():
    return sorted(error.id for error in run_checks() if error.id.startswith("access"))


def test_the_registry_has_no_fault():
    assert ids() == []


@override_settings(ROOT_URLCONF="tests.access.test_checks")
def test_it_finds_an_action_that_declares_nothing_or_what_is_not_there():
    errors = [error for error in run_checks() if error.id.startswith("access")]
    assert [(error.id, error.obj) for error in errors] == [
        ("access.E001", Forgetful),
        ("access.E002", Mistaken),
        ("access.E002", Mistaken),
        ("access.E002", Mistaken),
    ]
    assert errors[0].msg == "Forgetful declares no scopes or roles for create."


@override_settings(JWT_ALGORITHM="HS256")
def test_it_finds_a_signing_algorithm_that_is_symmetric():
    assert ids() == ["access.E003"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://registry.example.edu", []),
        ("http://127.0.0.1:8000", []),
        ("http://registry.example.edu", ["access.W001"]),
    ],
)
def test_it_warns_of_keys_that_would_cross_a_network_in_the_clear(url, found):
    with override_settings(PUBLIC_URL=url):
        warnings = run_checks(include_deployment_checks=True)
    assert [each.id for each in warnings if each.id == "access.W001"] == found


@override_settings(TRUSTED_ISSUERS=[ISSUER])
def test_it_takes_an_issuer_that_is_described():
    assert ids() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"audience": ""}, "it must be an object with audience, issuer, jwks_url"),
        ({"jwks": "x"}, "it has an unknown attribute"),
        ({"jwks_url": "http://login.example.org/keys"}, UNSAFE),
        ({"jwks_url": 5}, UNSAFE),
        ({"issuer": "http://127.0.0.1:8000"}, "it is this registry itself"),
        ({"algorithms": ["HS256"]}, "its algorithms must be asymmetric"),
        ({"algorithms": ["none"]}, "its algorithms must be asymmetric"),
        ({"algorithms": "RS256"}, "its algorithms must be asymmetric"),
        ({"scopes": ["everything"]}, "it names an unknown scope"),
        ({"roles": ["KING"]}, "it names an unknown role"),
        ({"claims": {"azp": "client"}}, "its claims may rename scope, role and sub"),
    ],
)  # fmt: skip
def test_it_finds_what_is_wrong_with_an_issuer(change, fault):
    assert issuer_faults({**ISSUER, **change}) == [fault]


@pytest.mark.parametrize("entries", [{}, "x", [5], [ISSUER, ISSUER]])
def test_it_finds_issuers_that_are_no_list_of_different_ones(entries):
    with override_settings(TRUSTED_ISSUERS=entries):
        assert ids() == ["access.E004"]
