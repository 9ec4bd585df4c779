"""Values of requests and answers, read strictly: nothing is coerced."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers

ID = re.compile(r"[A-Za-z0-9._~-]{1,128}", re.ASCII)
RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?(Z|[+-]\d{2}:\d{2})",
    re.ASCII | re.IGNORECASE,
)
NOT_TIMESTAMP = "not an RFC 3339 timestamp of the years 1 to 9999"


def timestamp(moment: datetime | None) -> str | None:
    """Return a moment as `YYYY-MM-DDTHH:MM:SSZ`, in UTC."""
    if moment is None:
        return None
    utc = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return f"{utc.isoformat()}Z"


def unix_seconds(moment: datetime) -> int:
    """Return a moment as whole Unix seconds."""
    return int(moment.timestamp())


def parse_timestamp(text: str) -> datetime:
    """Read an RFC 3339 timestamp; a fraction of a second is cut off.

    Raises ValueError for anything else, and outside the years 1 to 9999 UTC.
    """
    match = RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(NOT_TIMESTAMP)
    day, clock, zone = match.groups()
    offset = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{day}T{clock}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(NOT_TIMESTAMP) from None


class StrictString(serializers.CharField):
    """A JSON string, as it was sent; numbers and booleans are no strings."""

    default_error_messages = {"invalid": "Must be a string."}

    def __init__(self, **options: Any) -> None:
        options.setdefault("trim_whitespace", False)
        super().__init__(**options)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Id(StrictString):
    """An id: 1 to 64 characters that a URL holds as they are."""

    default_error_messages = {"unlike": "Is not an id of this registry."}

    def to_internal_value(self, data):
        text = super().to_internal_value(data)
        if not ID.fullmatch(text):
            self.fail("unlike")
        return text


class StrictBoolean(serializers.Field):
    """true or false, and nothing that resembles them."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid")
        return data

    def to_representation(self, value):
        return value


class Timestamp(serializers.Field):
    """A moment, in RFC 3339; shown in UTC, to the second, with `Z`."""

    default_error_messages = {
        "type": "Must be a timestamp such as 2020-03-05T17:53:46Z.",
        "invalid": "Is not a timestamp such as 2020-03-05T17:53:46Z.",
    }

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("type")
        try:
            return parse_timestamp(data)
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value):
        return timestamp(value)


class Score(serializers.Field):
    """A number from 0 to 100, decimals allowed, exact."""

    default_error_messages = {
        "invalid": "Must be a number.",
        "range": "Must be from 0 to 100.",
    }

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int | Decimal):
            self.fail("invalid")
        if not 0 <= data <= 100:
            self.fail("range")
        return Decimal(data)

    def to_representation(self, value):
        return value
