"""Pages by key: each begins where the one before ended, at the same cost.

A cursor holds the values of the last row that was shown, so that an index leads
straight to the next one. It is opaque to who carries it, and read strictly.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Expression, F, Field, Func, QuerySet, Value
from rest_framework.request import Request

from config.errors import Invalid

LONGEST_CURSOR = 1_000
MOST_DIGITS = 18  # of a number in a query; more is as good as infinite


@dataclass(frozen=True)
class Page:
    """Some rows in order, and cursors to those around them (None: no more)."""

    rows: list[Any]
    next: str | None = None
    previous: str | None = None


@dataclass(frozen=True)
class Cursor:
    """The row that a page begins after or, walking back, ends before."""

    values: tuple[Any, ...]
    is_backwards: bool = False

    def __str__(self) -> str:
        words = [self.is_backwards, *map(_plain, self.values)]
        return base64.urlsafe_b64encode(orjson.dumps(words)).decode().rstrip("=")


class Keyset:
    """The order of a list: columns that end in a unique one, all one way.

    Keyset("created_at", "id"), or Keyset("-accepted_at", "-id") for newest first.
    """

    def __init__(self, *order: str) -> None:
        self.order = order
        self.columns = tuple(name.lstrip("-") for name in order)
        self.is_descending = order[0].startswith("-")

    def page(
        self, rows: QuerySet, *, limit: int, cursor: str | None = None, skip: int = 0
    ) -> Page:
        """Return up to `limit` rows after the cursor, or from the start.

        `rows` may be of instances or of `values()` that hold the key's columns.
        Raises Invalid for a cursor that is none of this list's.
        """
        start = self._read(cursor, rows) if cursor is not None else None
        is_backwards = start is not None and start.is_backwards
        if start is not None:
            rows = rows.filter(self._beyond(start))
        ordered = rows.order_by(*self._turned() if is_backwards else self.order)
        found = [*ordered[skip : skip + limit + 1]]
        has_more, found = len(found) > limit, found[:limit]
        if is_backwards:
            found.reverse()
            return self._around(found, before=has_more, after=True)
        return self._around(found, before=bool(start or skip), after=has_more)

    def _around(self, rows: list[Any], *, before: bool, after: bool) -> Page:
        if not rows:
            return Page([])
        return Page(
            rows,
            next=str(Cursor(self._values(rows[-1]))) if after else None,
            previous=str(Cursor(self._values(rows[0]), True)) if before else None,
        )

    def _values(self, row: Any) -> tuple[Any, ...]:
        if isinstance(row, dict):
            return tuple(row[name] for name in self.columns)
        return tuple(getattr(row, name) for name in self.columns)

    def _turned(self) -> list[str]:
        return [name[1:] if self.is_descending else f"-{name}" for name in self.order]

    def _beyond(self, start: Cursor) -> Expression:
        operator = "<" if self.is_descending != start.is_backwards else ">"
        return RowComparison(operator, self.columns, start.values)

    def _read(self, text: str, rows: QuerySet) -> Cursor:
        fields = [rows.model._meta.get_field(name) for name in self.columns]
        try:
            is_backwards, *values = _decoded(text)
            if not isinstance(is_backwards, bool) or len(values) != len(fields):
                raise ValueError("not a cursor of this list")
            parsed = tuple(map(_parsed, fields, values))
        except (ValueError, TypeError, OverflowError, ValidationError):
            raise Invalid(
                "The cursor is not one that this list gave.", field="cursor"
            ) from None
        return Cursor(parsed, is_backwards)


class RowComparison(Func):
    """`(a, b) > (x, y)`: compared as a row, so that one range of an index serves."""

    output_field = BooleanField()

    def __init__(
        self, operator: str, columns: Sequence[str], values: Sequence[Any]
    ) -> None:
        super().__init__(*map(F, columns), *map(Value, values))
        self.operator = operator

    def as_sql(self, compiler, connection, **context):
        compiled = [compiler.compile(part) for part in self.get_source_expressions()]
        middle = len(compiled) // 2
        left = ", ".join(sql for sql, _ in compiled[:middle])
        right = ", ".join(sql for sql, _ in compiled[middle:])
        parameters = [value for _, values in compiled for value in values]
        return f"({left}) {self.operator} ({right})", parameters


def whole_number(request: Request, name: str, *, default: int, least: int = 0) -> int:
    """Return a number of the query. Raises Invalid for what is none, or too small."""
    text = request.query_params.get(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit()
    number = int(text.lstrip("0")[: MOST_DIGITS + 1] or 0) if is_number else -1
    if number < least:
        raise Invalid(f"{name} must be a whole number from {least}.", field=name)
    return number


def limit_of(request: Request, *, default: int, most: int) -> int:
    """Return the `limit` of the query: 1 to `most`. Raises Invalid for others."""
    limit = whole_number(request, "limit", default=default, least=1)
    if limit > most:
        raise Invalid(f"limit must be at most {most}.", field="limit")
    return limit


def url_with(request: Request, **changes: str | None) -> str:
    """Return the absolute URL of this request with other parameters; None: without."""
    query = request.query_params.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    url = request.build_absolute_uri(request.path)
    return f"{url}?{query.urlencode()}" if query else url


def link_to_next(request: Request, page: Page, *drop: str) -> dict[str, str]:
    """Return the `Link` header to the next page, without the parameters `drop`."""
    if page.next is None:
        return {}
    url = url_with(request, cursor=page.next, **dict.fromkeys(drop))
    return {"Link": f'<{url}>; rel="next"'}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _decoded(text: str) -> list[Any]:
    if len(text) > LONGEST_CURSOR or not text.isascii():
        raise ValueError("too long, or not base64")
    padded = text + "=" * (-len(text) % 4)
    try:
        words = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if not isinstance(words, list):
        raise ValueError("not a list")
    return words


def _parsed(field: Field, value: Any) -> Any:
    """Read one value; what a column of a key cannot hold is refused."""
    is_number = isinstance(value, int) and abs(value) < 2**63
    is_text = isinstance(value, str) and "\0" not in value
    if isinstance(value, bool) or not (is_number or is_text):
        raise ValueError("not a value of a key")
    parsed = field.to_python(value)
    if isinstance(parsed, datetime) and parsed.tzinfo is None:
        raise ValueError("a moment without its zone")
    return parsed
