from typing import Any

from config.errors import DomainError
from config.rest.dialects import Dialect
from config.rest.faults import Fault, fault_of
from registrations.errors import NotAttempted

FAILED_DEPENDENCY = 424


class ProfileRegistrationsDialect(Dialect):
    """`{"error": code, "message": sentence, "field": path or null}`."""

    name = "profile-registrations"
    prefixes = ("/apis",)
    invalid_status = 422
    schema = {
        "title": "RegistrationError",
        "type": "object",
        "required": ["error", "message", "field"],
        "properties": {
            "error": {"type": "string", "description": "A stable code."},
            "message": {"type": "string"},
            "field": {
                "type": ["string", "null"],
                "description": "The path of what is at fault: `grades[1].value`.",
            },
        },
    }

    def body(self, fault: Fault) -> dict[str, Any]:
        return {"error": fault.code, "message": fault.message, "field": fault.field}

    def item(self, error: DomainError) -> dict[str, Any]:
        """Return the outcome of an item that was refused."""
        fault = fault_of(error, invalid_status=self.invalid_status)
        is_dependent = isinstance(error, NotAttempted)
        status = FAILED_DEPENDENCY if is_dependent else fault.status
        return {"status": status, "json": self.body(fault)}


PROFILE_REGISTRATIONS = ProfileRegistrationsDialect()
