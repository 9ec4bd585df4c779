"""The dates that a list can be narrowed down to.

A timestamp; a date of less precision, which is that whole year, month or day; or
a range `from..to` of either, ends included, of which one end may be open.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from config.errors import Invalid
from config.rest.fields import parse_timestamp
from config.rest.queries import MOMENT, Schema, either, pattern

DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
SECOND = timedelta(seconds=1)
SPAN: Schema = either(
    {"type": "string", "format": "date"},
    MOMENT,
    pattern(r"^[0-9]{4}(-[0-9]{2})?$"),
    pattern(r"^[0-9].*\.\.|\.\.[0-9]"),
) | {"description": "A moment, a year, month or day, or a range `from..to` of either."}


@dataclass(frozen=True)
class Span:
    """The moments from `start` to just before `end`; None is open."""

    start: datetime | None
    end: datetime | None


def read_span(text: str, *, field: str) -> Span:
    """Return the moments that a date filter means. Raises Invalid."""
    first, dots, last = text.partition("..")
    try:
        if not dots:
            return _whole(first)
        if not first and not last:
            raise ValueError("open at both ends")
        start = _whole(first).start if first else None
        end = _whole(last).end if last else None
        return Span(start, end)
    except ValueError:
        raise Invalid(
            "Must be a timestamp, a year, month or day such as 2012-03, or a range "
            "of either such as 2012..2013-03-01.",
            field=field,
        ) from None


def _whole(text: str) -> Span:
    """Raises ValueError for what is neither a timestamp nor a date."""
    match = DAY.fullmatch(text)
    if match is None:
        moment = parse_timestamp(text)
        return Span(moment, _after(moment, SECOND))
    year, month, day = (int(part) if part else None for part in match.groups())
    start = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
    if day:
        return Span(start, _after(start, timedelta(days=1)))
    if month:
        return Span(start, _next(start, months=1))
    return Span(start, _next(start, months=12))


def _after(moment: datetime, step: timedelta) -> datetime | None:
    try:
        return moment + step
    except OverflowError:
        return None


def _next(start: datetime, *, months: int) -> datetime | None:
    years, month = divmod(start.month - 1 + months, 12)
    if start.year + years > datetime.max.year:
        return None
    return start.replace(year=start.year + years, month=month + 1)
