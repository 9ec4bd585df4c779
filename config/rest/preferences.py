"""What a request asks for in its headers and query, beside the interface's own."""

from collections.abc import Collection
from urllib.parse import unquote_to_bytes

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

MAX_REASON = 500
MAX_WARNED = 10  # names in one Warning header


class BadQuery(ParseError):
    """The query cannot be read, whatever is asked by it."""

    errors = (("query", "A query parameter holds no valid text."),)
    default_detail = errors[0][1]


def dry_run_of(request: Request) -> bool:
    """Whether `dry_run=true` was asked. Raises ParseError for another value."""
    value = request.query_params.get("dry_run", "false")
    if value not in ("true", "false"):
        raise ParseError("dry_run must be true or false.")
    return value == "true"


def reason_of(request: Request) -> str | None:
    """Return X-Change-Reason, or None. Raises ParseError for a bad one."""
    header = request.headers.get("X-Change-Reason")
    if header is None:
        return None
    reason = _utf8(header).strip()
    if not 1 <= len(reason) <= MAX_REASON or not reason.isprintable():
        raise ParseError(f"X-Change-Reason must be 1 to {MAX_REASON} characters.")
    return reason


def preference(request: Request, name: str) -> str | None:
    """Return the value of one preference of `Prefer`, such as wait=5 -> "5".

    None where it was not asked; "" where it has no value.
    """
    for part in request.headers.get("Prefer", "").replace(";", ",").split(","):
        token, _, value = part.strip().partition("=")
        if token.strip().lower() == name:
            return value.strip().strip('"')
    return None


def check_query(request: Request) -> None:
    """Raise BadQuery for what no filter could be held against: NUL, no UTF-8."""
    raw = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    text = unquote_to_bytes(raw)
    if b"\0" in text or not _is_utf8(text):
        raise BadQuery


def warning_of(request: Request, known: Collection[str]) -> str | None:
    """Return the Warning header that names the parameters that were ignored."""
    unknown = [name for name in request.query_params if name not in known]
    if not unknown:
        return None
    names = ", ".join(_quotable(name) for name in unknown[:MAX_WARNED])
    return f'299 - "Ignored query parameters: {names}"'


def _quotable(name: str) -> str:
    shown = name[:64].encode("ascii", "replace").decode()
    return "".join(char if char.isprintable() else "?" for char in shown).translate(
        {ord('"'): "'", ord("\\"): "/"}
    )


def _utf8(header: str) -> str:
    """WSGI hands headers over as Latin-1; clients send UTF-8."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return header


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
