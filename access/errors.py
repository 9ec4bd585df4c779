"""What access says when it refuses."""

from collections.abc import Iterable

from config.errors import Conflict, Forbidden, Invalid, NotFound


class Unauthorized(Exception):
    """Nobody we know stands behind the request. The reason is for the log only."""


class MissingScopes(Forbidden):
    """The caller was not granted what this needs."""

    code = "insufficient_scope"

    def __init__(self, scopes: Iterable[str]) -> None:
        self.scopes = tuple(scopes)
        noun = "scope" if len(self.scopes) == 1 else "scopes"
        super().__init__(f"Missing required {noun}: {', '.join(self.scopes)}")


class MissingRole(Forbidden):
    """The caller has none of the roles that may do this."""

    code = "insufficient_role"

    def __init__(self, roles: Iterable[str]) -> None:
        self.roles = tuple(roles)
        super().__init__(f"Missing required role: {' or '.join(self.roles)}")


class ClientNotFound(NotFound):
    code = "client_not_found"


class KeyNotFound(NotFound):
    code = "key_not_found"


class IdentityNotFound(NotFound):
    code = "identity_not_found"


class UnknownScope(Invalid):
    code = "unknown_scope"


class AlreadyRevoked(Conflict):
    code = "already_revoked"


class WrongCode(Invalid):
    code = "wrong_code"
