from typing import Any

from access.errors import MissingRole
from access.scopes import ADMIN, LECTURER
from config.rest.dialects import Dialect
from config.rest.faults import Fault

# Sentences that were published for what other interfaces say otherwise.
PUBLISHED = {
    MissingRole([ADMIN, LECTURER]).message: "Admin or Lecturer privileges required",
    MissingRole([ADMIN]).message: "Insufficient permissions. Admin role required.",
}


class UnitOfferingsDialect(Dialect):
    """`{"error": reason phrase, "message": sentence or sentences, "statusCode"}`."""

    name = "unit-offerings"
    prefixes = ("/api/v1/unit-offerings",)
    schema = {
        "title": "UnitOfferingError",
        "type": "object",
        "required": ["error", "message", "statusCode"],
        "properties": {
            "error": {"type": "string"},
            "message": {
                "oneOf": [
                    {"type": "string"},
                    {"type": "array", "items": {"type": "string"}},
                ]
            },
            "statusCode": {"type": "integer"},
        },
    }

    def body(self, fault: Fault) -> dict[str, Any]:
        return {
            "error": fault.reason,
            "message": self._message(fault),
            "statusCode": fault.status,
        }

    def _message(self, fault: Fault) -> str | list[str]:
        if fault.status == 401:
            return "Authentication required"
        if fault.status == 400 and fault.errors:
            return [f"{name}: {sentence}" for name, sentence in fault.errors]
        return PUBLISHED.get(fault.message, fault.message)


UNIT_OFFERINGS = UnitOfferingsDialect()
