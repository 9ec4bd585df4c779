"""One demo client for each interface, and the file that holds their keys."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from access import scopes
from access.keys import digest_of, is_same, prefix_of
from access.models import Client, Key
from access.operations import create_client, create_key
from config.demo.record import F003GHC
from config.embedded.state import StateFolder, write_private

KEYS_FILE = "demo-keys.json"

# The tester of the published task pages, who is an instructor too. The scopes
# stand in the order in which the page's sample joins them.
TESTER: dict[str, Any] = {
    "name": "Integration Test User",
    "contact": "Integration.Test.User@dartmouth.edu",
    "acts_as": F003GHC,
}
CLIENTS: dict[str, dict[str, Any]] = {
    "profile-registrations": {
        "pk": "64656d6f0000000000000001",
        "name": "Demo grade entry",
        "scopes": [
            scopes.REGISTRATIONS_READ,
            scopes.REGISTRATIONS_WRITE,
            scopes.REGISTRATIONS_HISTORY,
        ],
    },
    "offering-registrations": {
        "pk": "64656d6f0000000000000002",
        "name": "Demo course delivery",
        "scopes": [scopes.REGISTRATIONS_READ, scopes.REGISTRATIONS_WRITE],
    },
    "unit-offerings": {
        "pk": "64656d6f0000000000000003",
        "name": "Demo timetable",
        "role": scopes.ADMIN,
    },
    "enrollments": {
        "pk": "64656d6f0000000000000004",
        "scopes": [
            scopes.ENROLLMENTS_READ,
            scopes.ENROLLMENTS_READ_SENSITIVE,
            scopes.ENROLLMENTS_WRITE,
        ],
        **TESTER,
    },
    "students": {
        "pk": "64656d6f0000000000000005",
        "scopes": [
            scopes.STUDENTS_WRITE_SENSITIVE,
            scopes.STUDENTS_TASKS,
            scopes.STUDENTS_READ_SENSITIVE,
        ],
        **TESTER,
    },
}

Keys = dict[str, dict[str, str]]


def create_clients() -> Keys:
    """Return a key that works for each client, made where there is none yet."""
    kept = kept_keys()
    return {name: _client_with_key(name, kept.get(name)) for name in CLIENTS}


def kept_keys() -> Keys:
    """Return what an earlier load has kept: by interface its client and key."""
    try:
        return json.loads(_keys_file().read_text())
    except (FileNotFoundError, ValueError):
        return {}


def keep_keys(keys: Keys) -> None:
    """Write the keys where only the owner of the state folder can read them."""
    if keys != kept_keys():
        StateFolder(settings.STATE_DIR).create()
        write_private(_keys_file(), json.dumps(keys, indent=1))


def _keys_file() -> Path:
    return settings.STATE_DIR / KEYS_FILE


def _client_with_key(name: str, kept: dict[str, str] | None) -> dict[str, str]:
    attributes = CLIENTS[name]
    pk = attributes["pk"]
    if not Client.objects.filter(pk=pk).exists():
        create_client(purpose=f"Demonstration of {name}", **attributes)
    if kept and kept["client"] == pk and _opens(kept["key"], pk):
        return kept
    return {"client": pk, "key": create_key(client_id=pk, note="loaddemo").secret}


def _opens(secret: str, client_id: str) -> bool:
    """Whether this database knows that key; it may be one of an earlier one."""
    key = Key.objects.filter(prefix=prefix_of(secret), client_id=client_id).first()
    return key is not None and is_same(bytes(key.digest), digest_of(secret))
