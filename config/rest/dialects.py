"""A dialect: how one interface is named, where it lies and how it says errors."""

from collections.abc import Mapping
from typing import Any

from config.errors import DomainError
from config.rest.faults import Fault

DIALECTS: list["Dialect"] = []

MESSAGE = {
    "title": "Message",
    "type": "object",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}


MESSAGE_WITH_ERRORS = {
    "title": "MessageWithErrors",
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string"},
        "errors": {
            "description": "Only with 400: sentences by attribute.",
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
}


class Dialect:
    """Subclass once per interface, in its `errors.py`, and instantiate once.

    The instance registers itself: unknown URLs under its prefixes are answered
    in its shape.
    """

    name: str = ""  # the door that history and disclosures show
    prefixes: tuple[str, ...] = ()
    invalid_status: int = 400  # for values that break a rule
    statuses: Mapping[type[DomainError], int] = {}  # of errors that differ here
    schema: dict[str, Any] = MESSAGE  # the JSON schema of an error

    def __init__(self) -> None:
        DIALECTS.append(self)

    def body(self, fault: Fault) -> dict[str, Any]:
        """Return the JSON of an error."""
        return {"message": fault.message}


class Plain(Dialect):
    """What has no interface of its own says `{"message": ...}`."""

    name = "registry"

    def body(self, fault: Fault) -> dict[str, Any]:
        return {"message": "Not Found" if fault.status == 404 else fault.message}


PLAIN = Plain()


class AttributeErrors(Dialect):
    """`{"message"}`, and with 400 `"errors"` that says what is wrong where."""

    schema = MESSAGE_WITH_ERRORS

    def body(self, fault: Fault) -> dict[str, Any]:
        if fault.status == 401:
            return {"message": fault.reason}
        if fault.status != 400:
            return {"message": fault.message}
        return {"message": _naming(fault), "errors": _errors(fault)}


def _naming(fault: Fault) -> str:
    """The sentence, which begins with the attribute where it does not name it."""
    if not fault.field or fault.field in fault.message:
        return fault.message
    return f"{fault.field}: {fault.message}"


def _errors(fault: Fault) -> dict[str, list[str]]:
    """The sentences by attribute; those on the body as a whole by `payload`."""
    if fault.code == "not_json":
        return {"payload": [fault.message]}
    by_path: dict[str, list[str]] = {}
    for path, sentence in fault.errors:
        by_path.setdefault(path or "payload", []).append(sentence)
    return by_path


def dialect_of(path: str) -> Dialect:
    """Return the dialect under whose longest prefix the URL path lies."""
    lengths = {
        len(prefix): dialect
        for dialect in DIALECTS
        for prefix in dialect.prefixes
        if path == prefix.rstrip("/") or path.startswith(prefix.rstrip("/") + "/")
    }
    return lengths[max(lengths)] if lengths else PLAIN
