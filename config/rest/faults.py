"""What went wrong, before an interface puts it into its own shape."""

import dataclasses
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError

from config.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    StaleVersion,
    TooMany,
    Unavailable,
)

logger = logging.getLogger(__name__)

REASONS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    412: "Precondition Failed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}

# The class nearest to the error's own counts: StaleVersion is a Conflict.
STATUSES: Mapping[type[DomainError], int] = {
    NotFound: 404,
    Conflict: 409,
    StaleVersion: 412,
    Forbidden: 403,
    TooMany: 429,
    Unavailable: 503,
}
NO_EXCEPTIONS: Mapping[type[DomainError], int] = {}


@dataclasses.dataclass(frozen=True)
class Fault:
    """One refusal or failure, as every interface's error shape is told of it."""

    status: int
    code: str  # stable, for programs: "not_found", "not_json", ...
    message: str  # a sentence for a person
    field: str | None = None  # the path of the one attribute at fault
    errors: tuple[tuple[str, str], ...] = ()  # (path, sentence) of each attribute
    headers: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The reason phrase of the status, such as "Not Found"."""
        return REASONS.get(self.status, "Error")


def fault_of(
    error: Exception,
    *,
    invalid_status: int = 400,
    statuses: Mapping[type[DomainError], int] = NO_EXCEPTIONS,
) -> Fault:
    """Return what `error` means over HTTP; an unknown one is logged and 500.

    `statuses` holds the errors whose status differs in the interface.
    """
    if isinstance(error, DomainError):
        usual = {**STATUSES, Invalid: invalid_status}
        return _refused(error, {**usual, **statuses})
    if isinstance(error, ValidationError):
        return _invalid(error, invalid_status)
    if isinstance(error, APIException):
        return _protocol(error)
    return _broken(error)


def _refused(error: DomainError, statuses: Mapping[type, int]) -> Fault:
    kind = next((kind for kind in type(error).__mro__ if kind in statuses), None)
    status = statuses[kind] if kind else 400
    errors = tuple((each.field, each.message) for each in error.all if each.field)
    headers = getattr(error, "headers", {})
    return Fault(status, error.code, error.message, error.field, errors, headers)


def _invalid(error: ValidationError, invalid_status: int) -> Fault:
    errors = tuple(sentences(error.detail))
    path, message = errors[0] if errors else ("", "The request is not valid.")
    return Fault(invalid_status, "invalid", message, path or None, errors)


def _protocol(error: APIException) -> Fault:
    headers = dict(getattr(error, "headers", None) or {})
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, int(-(-wait // 1))))
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    detail: Any = error.detail
    code = getattr(detail, "code", error.default_code)
    errors = getattr(error, "errors", ())
    return Fault(error.status_code, code, str(detail), errors=errors, headers=headers)


def _broken(error: Exception) -> Fault:
    if isinstance(error, Http404):
        return Fault(404, "not_found", "Not Found")
    if isinstance(error, RequestDataTooBig):
        return Fault(413, "too_large", "The body is larger than is accepted here.")
    if isinstance(error, SuspiciousOperation | BadRequest | MultiPartParserError):
        return Fault(400, "bad_request", "The request is not one that is served.")
    if isinstance(error, IntegrityError):
        logger.warning("constraint_refused", extra={"error": str(error)})
        return Fault(
            409, "conflict", "The record changed meanwhile; read it and try again."
        )
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("database_away", exc_info=error)
        return Fault(
            503,
            "unavailable",
            "The registry cannot reach its database; nothing was changed. Try again.",
            headers={"Retry-After": "1"},
        )
    logger.error("unexpected_error", exc_info=error)
    return Fault(500, "error", "Something went wrong in the registry; it is logged.")


def sentences(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, sentence) of a DRF error detail; paths read `grades[1].value`."""
    if isinstance(detail, ErrorDetail | str):
        yield path, str(detail)
    elif isinstance(detail, dict):
        for name, below in detail.items():
            yield from sentences(below, _join(path, name))
    elif all(isinstance(part, ErrorDetail | str) for part in detail):
        yield from ((path, str(part)) for part in detail)
    else:
        for index, below in enumerate(detail):
            yield from sentences(below, f"{path}[{index}]")


def _join(path: str, name: Any) -> str:
    if name == "non_field_errors":
        return path
    if isinstance(name, int):  # a list serializer that names its items by index
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else str(name)
