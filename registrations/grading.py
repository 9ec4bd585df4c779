"""Rules of grades: about values only, exact, without a database."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from config.errors import Invalid
from offerings.models import Scale
from registrations.errors import NoPercentage, OffScale, shown
from registrations.models import Outcome
from registrations.rows import ColumnRow

LONGEST_NUMBER = 40  # characters
NUMBER = re.compile(r"[0-9]+(\.[0-9]{1,6})?")
STEP = Decimal("0.000001")  # the finest difference between two grades
HUNDRED = Decimal(100)


def read_value(value: Any, column: ColumnRow, field: str) -> str:
    """Return a grade as it is kept: a string without its surrounding space, a
    number as its shortest decimal string.

    Raises OffScale for what the column's scale does not hold.
    """
    text = value.strip() if isinstance(value, str) else _number_text(value, field)
    if not is_on_scale(text, column):
        raise OffScale(f"{shown(text)} is not {_scale_in_words(column)}.", field=field)
    return text


def shortest(number: int | Decimal) -> str:
    """Return a number in plain digits, without needless zeros."""
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_number(text: str) -> bool:
    """Whether the text is a number as a grade may be: digits, then perhaps a
    point and up to six more; no sign, no exponent."""
    return len(text) <= LONGEST_NUMBER and NUMBER.fullmatch(text) is not None


def is_on_scale(text: str, column: ColumnRow) -> bool:
    if column.scale == Scale.LABELS:
        return text in column.allowed
    if not is_number(text):
        return False
    number = Decimal(text)
    if column.scale == Scale.DISCRETE:
        return any(
            is_number(allowed) and Decimal(allowed) == number
            for allowed in column.allowed
        )
    return column.maximum is not None and number <= column.maximum


def percentage(value: str | None, column: ColumnRow) -> Decimal | None:
    """Return value x 100 / maximum, to six decimals.

    None where there is no value, on a scale of labels, and for a value that the
    scale has ceased to hold.
    """
    if value is None or column.maximum is None or not is_on_scale(value, column):
        return None
    exact = Decimal(value) * HUNDRED / column.maximum
    return exact.quantize(STEP, ROUND_HALF_UP)


def from_percentage(percent: Decimal, column: ColumnRow) -> str:
    """Return the value that is that percentage of the column's maximum.

    Raises NoPercentage on a scale of labels, on a discrete one that has no such
    value, and for a percentage that is no number from 0 to 100 of at most six
    decimals.
    """
    if column.maximum is None:
        raise _no_percentage("The final grade is a label, not a number.")
    if not (0 <= percent <= HUNDRED and is_number(shortest(percent))):
        raise _no_percentage("It must be from 0 to 100, with at most 6 decimals.")
    exact = percent * column.maximum / HUNDRED
    if column.scale == Scale.CONTINUOUS:
        return shortest(exact.quantize(STEP, ROUND_HALF_UP))
    for allowed in column.allowed:
        if is_number(allowed) and Decimal(allowed) == exact:
            return allowed
    raise _no_percentage("No value of the final grade's scale is that percentage.")


def outcome_of(value: str, column: ColumnRow, passing_grade: Decimal) -> Outcome:
    """Return whether a value passes; exact, whatever the maximum.

    Raises NoPercentage where the scale has no percentages.
    """
    if column.maximum is None or not is_on_scale(value, column):
        raise _no_percentage("The final grade is not a number of its scale.")
    has_passed = Decimal(value) * HUNDRED >= passing_grade * column.maximum
    return Outcome.PASSED if has_passed else Outcome.FAILED


def _number_text(value: Any, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Invalid("A grade must be a string or a number.", field=field)
    if abs(Decimal(value).adjusted()) > LONGEST_NUMBER:  # never spell 1e999999 out
        raise OffScale("The number is too large or too fine.", field=field)
    return shortest(value)


def _no_percentage(sentence: str) -> NoPercentage:
    return NoPercentage(sentence, field="percentage")


def _scale_in_words(column: ColumnRow) -> str:
    if column.scale == Scale.CONTINUOUS and column.maximum is not None:
        return f"a number from 0 to {shortest(column.maximum)} with at most 6 decimals"
    return f"one of {', '.join(column.allowed[:20])}"
