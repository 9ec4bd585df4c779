"""Reading request bodies: size, media type and strict JSON."""

import json
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType

MAX_DEPTH = 64
MAX_DIGITS = 400  # of an integer; the largest float has 309
MAX_EXPONENT = 400


class NotJson(ParseError):
    """The body cannot be read as JSON; the sentence says why."""

    default_code = "not_json"


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class WrongMedia(UnsupportedMediaType):
    """The body is not said to be plain UTF-8 JSON."""

    default_code = "unsupported_media_type"

    def __init__(self, sentence: str) -> None:
        super().__init__(media_type="", detail=sentence)


def read_body(request: HttpRequest, limit: int) -> bytes:
    """Return the body, or raise TooLarge (413) or WrongMedia (415).

    A body without a Content-Type is taken for JSON.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    _check_media(request)
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        raw = request.META["wsgi.input"].read(limit + 1)
    else:
        raw = request.body
    if len(raw) > limit:
        raise _too_large(limit)
    return raw


def parse_json(raw: bytes) -> Any:
    """Return what the JSON text says; fractions are Decimal.

    Raises NotJson for what is no JSON, and for what no attribute can hold: NaN,
    Infinity, NUL or a lone surrogate in a string, deep nesting, huge numbers.
    """
    try:
        text = raw.decode("utf-8")
        value = json.loads(
            text,
            parse_float=exact_number,
            parse_int=_integer,
            parse_constant=_constant,
        )
        _check_nesting(value)
    except UnicodeDecodeError:
        raise NotJson("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise NotJson(
            f"The body is not JSON: {error.msg} (line {error.lineno}, "
            f"column {error.colno})."
        ) from None
    except RecursionError:
        raise NotJson("The body is nested too deep.") from None
    return value


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.")


def _check_media(request: HttpRequest) -> None:
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in ("", "identity"):
        raise WrongMedia(f"A Content-Encoding is not accepted, got {encoding!r}.")
    if not request.META.get("CONTENT_TYPE"):
        return
    if request.content_type != "application/json":
        raise WrongMedia(
            f"The Content-Type must be application/json, not {request.content_type!r}."
        )
    charset = (request.content_params or {}).get("charset", "utf-8")
    if charset.strip("\"'").lower() not in ("utf-8", "utf8"):
        raise WrongMedia(f"The charset must be UTF-8, not {charset!r}.")


def exact_number(digits: str) -> Decimal:
    try:
        number = Decimal(digits)
        is_sane = len(digits) <= MAX_DIGITS and abs(number.adjusted()) <= MAX_EXPONENT
    except ArithmeticError:
        is_sane = False
    if not is_sane:
        raise NotJson("The body holds a number that is too large or too fine.")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotJson("The body holds a number that is too large.")
    return int(digits)


def _constant(name: str) -> None:
    raise NotJson(f"The body holds {name}, which is no JSON number.")


def _check_nesting(value: Any, depth: int = 1) -> None:
    """Refuse what is too deep, and strings that PostgreSQL cannot hold."""
    if depth > MAX_DEPTH:
        raise NotJson(f"The body is nested more than {MAX_DEPTH} levels deep.")
    if isinstance(value, dict):
        for name, below in value.items():
            _check_text(name)
            _check_nesting(below, depth + 1)
    elif isinstance(value, list):
        for below in value:
            _check_nesting(below, depth + 1)
    elif isinstance(value, str):
        _check_text(value)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise NotJson("The body holds a string with a NUL character.")
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise NotJson("The body holds a string with a lone surrogate.")
