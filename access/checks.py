"""What is wrong with the doors or the settings is said before anything starts."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from access.endpoints import Endpoint, endpoints
from access.issuers import ALGORITHMS
from access.scopes import ROLES, SCOPES
from access.signing import MAKERS

REQUIRED = {"issuer", "jwks_url", "audience"}
OPTIONAL = {"algorithms", "claims", "scopes", "roles"}
CLAIMS = {"scope", "role", "sub"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@register()
def check_declared_access(app_configs, **options) -> list[Error]:
    """Every action of every view says what its callers must have been granted."""
    actions = {
        (endpoint.view, endpoint.action): endpoint
        for endpoint in endpoints()
        if not endpoint.is_public
    }
    return [fault for endpoint in actions.values() for fault in faults_of(endpoint)]


def faults_of(endpoint: Endpoint) -> Iterator[Error]:
    try:
        required = endpoint.required
    except ImproperlyConfigured as error:
        yield Error(str(error), obj=endpoint.view, id="access.E001")
    else:
        yield from unknown_in(endpoint.view, endpoint.action, required)


def unknown_in(view: type, action: str, asked: dict[str, Any]) -> Iterator[Error]:
    for kind, known in (("scopes", SCOPES), ("roles", ROLES)):
        names = asked[kind]
        if not isinstance(names, tuple) or not set(names) <= set(known):
            yield Error(
                f"The {kind} of {action} must be a tuple of known ones: {names!r}.",
                obj=view,
                id="access.E002",
            )


@register()
def check_signing_algorithm(app_configs, **options) -> list[Error]:
    if settings.JWT_ALGORITHM in MAKERS:
        return []
    known = " or ".join(MAKERS)
    return [Error(f"JWT_ALGORITHM must be {known}.", id="access.E003")]


@register()
def check_trusted_issuers(app_configs, **options) -> list[Error]:
    """An issuer that is half described trusts nobody, or too many."""
    entries = settings.TRUSTED_ISSUERS
    if not isinstance(entries, list):
        return [_issuer_error("", "it must be a list of objects")]
    names = [_name(entry) for entry in entries if isinstance(entry, dict)]
    twice = {name for name in names if names.count(name) > 1}
    faults = [_issuer_error(name, "it is named twice") for name in sorted(twice)]
    for entry in entries:
        faults += [_issuer_error(_name(entry), fault) for fault in issuer_faults(entry)]
    return faults


def issuer_faults(entry: Any) -> list[str]:
    """What is wrong with one entry of TRUSTED_ISSUERS, each in a sentence's end."""
    if not isinstance(entry, dict) or not all(map(entry.get, REQUIRED)):
        return [f"it must be an object with {', '.join(sorted(REQUIRED))}"]
    rules = {
        "it has an unknown attribute": set(entry) <= REQUIRED | OPTIONAL,
        "its jwks_url must be https, or on this machine": _is_safe(entry["jwks_url"]),
        "it is this registry itself": entry["issuer"] != settings.PUBLIC_URL,
        "its algorithms must be asymmetric": _are(entry, "algorithms", ALGORITHMS),
        "it names an unknown scope": _are(entry, "scopes", SCOPES),
        "it names an unknown role": _are(entry, "roles", ROLES),
        "its claims may rename scope, role and sub": _are(entry, "claims", CLAIMS),
    }
    return [sentence for sentence, holds in rules.items() if not holds]


def _are(entry: dict[str, Any], name: str, known: Any) -> bool:
    given = entry.get(name, [])
    return isinstance(given, list | dict) and set(given) <= set(known)


def _is_safe(url: object) -> bool:
    parts = urlsplit(str(url))
    return parts.scheme == "https" or (
        parts.scheme == "http" and parts.hostname in LOOPBACK
    )


def _name(entry: Any) -> str:
    return str(entry.get("issuer", "")) if isinstance(entry, dict) else ""


def _issuer_error(name: str, fault: str) -> Error:
    return Error(f"TRUSTED_ISSUERS {name}: {fault}.", id="access.E004")


@register(Tags.security, deploy=True)
def check_public_url(app_configs, **options) -> list[Warning]:
    """Keys and records cross a network only over https."""
    if _is_safe(settings.PUBLIC_URL):
        return []
    sentence = "PUBLIC_URL must be https: keys and records would cross the network."
    return [Warning(sentence, id="access.W001")]
