from typing import Any

from config.rest.dialects import Dialect
from config.rest.faults import Fault


class TokenDialect(Dialect):
    """`{"message": ...}`, but `{"detail": ...}` for a verb that is not there."""

    name = "access"
    prefixes = ("/api/jwt",)

    def body(self, fault: Fault) -> dict[str, Any]:
        if fault.status == 405:
            return {"detail": fault.reason}
        return {"message": fault.reason if fault.status == 401 else fault.message}


TOKENS = TokenDialect()
