"""What a cell of a file may hold, and how a value of the record is shown in one.

Cells are read a column of a batch at a time: a look at all of them at once
costs a fraction of a call for each.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import models
from django.utils import timezone

from config.formulas import unescape

Refuse = Callable[[int, str], None]  # takes the place in the batch, and a sentence
Values = Sequence[str | None]  # as COPY takes them; None or "": nothing

PLAIN = re.compile(r"[^='\s]|\Z").match  # the beginning of what needs no care


class Cell:
    """Text of any kind; the base of the others."""

    sql = "text"
    shown = "{}"  # SQL that makes of a value the text of a cell

    def __init__(self, longest: int | None = None) -> None:
        self.longest = longest

    def read(self, cells: Sequence[str], refuse: Refuse) -> Values:
        """Return what the cells say; tell `refuse` of each that says nothing fit."""
        different = set(cells)
        if different == {""}:
            return cells
        if self._are_plain(different) and self._are_fit(different):
            return cells
        return [self._read_one(place, cell, refuse) for place, cell in enumerate(cells)]

    def _are_plain(self, texts: set[str]) -> bool:
        """Whether none has space around it, or what `escape` puts before it."""
        is_stripped = [*map(str.strip, texts)] == [*texts]
        return is_stripped and all(map(PLAIN, texts))

    def _are_fit(self, texts: set[str]) -> bool:
        """Whether each of them can be stored as it stands."""
        return self.longest is None or max(map(len, texts)) <= self.longest

    def _read_one(self, place: int, cell: str, refuse: Refuse) -> str | None:
        try:
            plain = unescape(cell.strip())
            return self.value(plain) if plain else None
        except ValueError as error:
            refuse(place, str(error))
            return None

    def value(self, text: str) -> str:
        """Return what is stored for a text. Raises ValueError with a reason."""
        if self.longest is not None and len(text) > self.longest:
            raise ValueError(f"has more than {self.longest} characters")
        return text

    def as_json(self, text: str) -> Any:
        """Return what was shown as a value of JSON."""
        return text


class Pattern(Cell):
    """Text of one form."""

    pattern = re.compile("")
    fault = ""

    def _are_fit(self, texts: set[str]) -> bool:
        # The pattern has no quote, equals sign or space, and holds for nothing.
        return super()._are_fit(texts) and all(map(self.pattern.fullmatch, texts))

    def _are_plain(self, texts: set[str]) -> bool:
        return True

    def value(self, text: str) -> str:
        if not self.pattern.fullmatch(text):
            raise ValueError(self.fault)
        return super().value(text)


class Identity(Pattern):
    """An id, as it was imported or made here."""

    pattern = re.compile(r"[A-Za-z0-9._~-]*")
    fault = "is no id: letters, digits and . _ ~ - only"


class Code(Cell):
    """A code, netid or section id: any text on one line."""

    def _are_fit(self, texts: set[str]) -> bool:
        return super()._are_fit(texts) and all(map(str.isprintable, texts))

    def value(self, text: str) -> str:
        if not text.isprintable():
            raise ValueError("has a character that cannot be printed")
        return super().value(text)


class Email(Pattern):
    pattern = re.compile(r"[^\s@'=,;<>][^\s@,;<>]*@[^\s@,;<>]+|")
    fault = "is no e-mail address"


class Whole(Pattern):
    """A whole number, not negative."""

    sql = "bigint"
    shown = "{}::text"
    pattern = re.compile(r"[0-9]{0,9}")
    fault = "is no whole number"

    def __init__(self, largest: int) -> None:
        super().__init__()
        self.largest = largest

    def _are_fit(self, texts: set[str]) -> bool:
        short = len(str(self.largest)) - 1
        return max(map(len, texts)) <= short and super()._are_fit(texts)

    def value(self, text: str) -> str:
        number = super().value(text)
        if int(number) > self.largest:
            raise ValueError(f"is more than {self.largest}")
        return number

    def as_json(self, text: str) -> Any:
        return int(text)


class Number(Pattern):
    """A number with up to six decimals, not negative."""

    sql = "numeric"
    shown = "trim_scale({})::text"
    pattern = re.compile(r"(?:[0-9]{1,10}(?:\.[0-9]{1,6})?)?")
    fault = "is no number of at most 10 digits and 6 decimals"


class Flag(Cell):
    """True or false."""

    sql = "boolean"
    shown = "CASE {} WHEN true THEN 'true' WHEN false THEN 'false' END"
    words = {"true": "t", "yes": "t", "1": "t", "false": "f", "no": "f", "0": "f"}

    def _are_fit(self, texts: set[str]) -> bool:
        return self.words.keys() | {""} >= texts

    def value(self, text: str) -> str:
        try:
            return self.words[text.lower()]
        except KeyError:
            raise ValueError("is neither true nor false") from None

    def as_json(self, text: str) -> Any:
        return text == "true"


class Day(Cell):
    """A date, as 2024-01-31."""

    sql = "date"
    shown = "{}::text"
    fault = "is no date such as 2024-01-31"
    midnight = "T00:00:00"  # how a date of a spreadsheet comes

    def _are_fit(self, texts: set[str]) -> bool:
        try:
            days = {date.fromisoformat(text) for text in texts if text}
        except ValueError:
            return False
        return {day.isoformat() for day in days} | {""} >= texts

    def value(self, text: str) -> str:
        text = text.removesuffix(self.midnight)
        if len(text) != len("2024-01-31"):
            raise ValueError(self.fault)
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValueError(self.fault) from None


class Moment(Cell):
    """A date and time; without an offset it is the registry's own time."""

    sql = "timestamptz"
    shown = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    fault = "is no moment such as 2024-01-31T09:30:00Z"
    in_utc = re.compile(r"[0-9-]{10}T[0-9:]{8}(?:\.[0-9]{1,6})?Z|")

    def _are_fit(self, texts: set[str]) -> bool:
        if not all(map(self.in_utc.fullmatch, texts)):
            return False
        try:
            deque(map(datetime.fromisoformat, filter(None, texts)), maxlen=0)
        except ValueError:
            return False
        return True

    def value(self, text: str) -> str:
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = timezone.make_aware(moment)
            return moment.astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            raise ValueError(self.fault) from None


class Choice(Cell):
    """One of a few words."""

    def __init__(self, words: Sequence[str]) -> None:
        super().__init__()
        self.words = frozenset(words)
        self.fault = f"is none of {', '.join(words)}"

    def _are_fit(self, texts: set[str]) -> bool:
        return self.words | {""} >= texts

    def value(self, text: str) -> str:
        if text not in self.words:
            raise ValueError(self.fault)
        return text


class Words(Cell):
    """Several texts, with | between them."""

    sql = "varchar[]"
    shown = "array_to_string({}, '|')"

    def _are_fit(self, texts: set[str]) -> bool:
        return not any(texts)

    def value(self, text: str) -> str:
        words = [word.strip() for word in text.split("|")]
        if not all(words) or max(map(len, words)) > (self.longest or 100):
            raise ValueError("is no list of words with | between them")
        return "{" + ",".join(json.dumps(word) for word in words) + "}"

    def as_json(self, text: str) -> Any:
        return text.split("|")


def cell_of(field: models.Field) -> Cell:
    """Return the cell that fits a column of the record."""
    if field.choices:
        return Choice([value for value, _ in field.choices])
    if field.primary_key:
        return Identity(field.max_length)
    by_type: dict[str, Callable[[], Cell]] = {
        "CodeField": lambda: Code(field.max_length),
        "EmailField": lambda: Email(field.max_length),
        "CharField": lambda: Cell(field.max_length),
        "TextField": lambda: Cell(None),
        "BooleanField": Flag,
        "DateField": Day,
        "DateTimeField": Moment,
        "DecimalField": Number,
        "PositiveIntegerField": lambda: Whole(2_147_483_647),
        "PositiveSmallIntegerField": lambda: Whole(32_767),
        "ArrayField": lambda: Words(field.base_field.max_length),  # type: ignore[attr-defined]
    }
    return by_type[type(field).__name__]()
