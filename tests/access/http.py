"""Calling an interface as a registered system does."""

import json

from django.test import Client as Http

from tests.access.factories import ClientFactory, make_secret


def caller(*scopes: str, **client) -> Http:
    """Return the HTTP client of a new system with these scopes."""
    secret = make_secret(client=ClientFactory(scopes=list(scopes), **client))
    return Http(headers={"Authorization": f"Bearer {secret}"})


def send(http: Http, method: str, path: str, body, **headers):
    """Send JSON; bytes go as they are. `_` in a header's name stands for `-`."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.generic(method, path, raw, "application/json", headers=named)
