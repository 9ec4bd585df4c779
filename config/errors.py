"""What the domain says when it refuses. Doors choose the status and the shape."""

from collections.abc import Sequence


class DomainError(Exception):
    """A refusal with a stable code, a sentence for a person, and where it lies.

    `code` is the promise that programs may rely on; `field` is a path into the
    input such as `grades[1].value`, or None where no one attribute is at fault.
    """

    code = "error"

    def __init__(
        self, message: str, *, field: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code or self.code

    @property
    def all(self) -> tuple["DomainError", ...]:
        """This and whatever else is wrong, where that is known too."""
        return (self,)


class NotFound(DomainError):
    """What was named does not exist, or is hidden from who asks."""

    code = "not_found"


class Conflict(DomainError):
    """The record as it stands forbids the change."""

    code = "conflict"


class Forbidden(DomainError):
    """Who asks may not do this."""

    code = "forbidden"


class Invalid(DomainError):
    """The values given break a rule of the record."""

    code = "invalid"


class SeveralInvalid(Invalid):
    """More than one thing is wrong. Who has room for one says the first."""

    def __init__(self, errors: Sequence[DomainError]) -> None:
        first = errors[0]
        super().__init__(first.message, field=first.field, code=first.code)
        self.errors = tuple(errors)

    @property
    def all(self) -> tuple[DomainError, ...]:
        return self.errors


class StaleVersion(Conflict):
    """The row changed since the version that the caller named with If-Match."""

    code = "precondition_failed"


class Later(DomainError):
    """Nothing is wrong with what was asked; it cannot be taken on just now."""

    code = "later"
    retry_after = 1  # seconds

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class TooMany(Later):
    """The one who asks, or what is asked about, has enough waiting already (429)."""

    code = "too_many"


class Unavailable(Later):
    """The registry itself cannot take it on (503)."""

    code = "unavailable"
