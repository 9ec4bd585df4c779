from collections.abc import Mapping
from typing import Any

from config.errors import DomainError
from config.rest.dialects import Dialect
from config.rest.faults import Fault
from registrations.errors import NoDefaultState, TermClosed, WrongStatus

# What the record calls by another name.
NAMES = {
    "offering_id": "offeringId",
    "percentage": "grade",
    "profile_id": "userId",
}


class OfferingRegistrationsDialect(Dialect):
    """400 says sentences, and sentences by attribute; all else says a code."""

    name = "offering-registrations"
    prefixes = ("/dc/api/v5", "/api/v5")
    statuses: Mapping[type[DomainError], int] = {
        NoDefaultState: 400,
        TermClosed: 400,
        WrongStatus: 400,
    }
    schema = {
        "title": "OfferingRegistrationError",
        "type": "object",
        "properties": {
            "errors": {"type": "array", "items": {"type": "string"}},
            "fieldErrors": {
                "type": "object",
                "additionalProperties": {"type": "string"},
            },
            "error": {"type": "string"},
            "error_description": {"type": "string"},
        },
    }

    def body(self, fault: Fault) -> dict[str, Any]:
        if fault.status == 400:
            return _invalid(fault)
        code = "invalid_token" if fault.status == 401 else fault.code
        return {"error": code, "error_description": fault.message}


def _invalid(fault: Fault) -> dict[str, Any]:
    errors = fault.errors or ((fault.field, fault.message),)
    sentences = [sentence for path, sentence in errors if not path]
    by_field = {NAMES.get(path, path): said for path, said in errors if path}
    body = {"errors": sentences, "fieldErrors": by_field}
    return {name: value for name, value in body.items() if value}


OFFERING_REGISTRATIONS = OfferingRegistrationsDialect()
