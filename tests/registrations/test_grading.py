"""Grades as values: what is on a scale, what is kept, what passes."""

from decimal import Decimal

import pytest

from config.errors import Invalid
from offerings.models import Scale
from registrations.errors import NoPercentage, OffScale
from registrations.grading import (
    from_percentage,
    is_number,
    is_on_scale,
    outcome_of,
    percentage,
    read_value,
    shortest,
)
from registrations.rows import ColumnRow

HUNDRED = ColumnRow("c", "final", "Final", Scale.CONTINUOUS, Decimal("100.000000"))
TWENTY = ColumnRow("c", "final", "Final", Scale.CONTINUOUS, Decimal(20))
THIRD = ColumnRow("c", "final", "Final", Scale.CONTINUOUS, Decimal("0.3"))
HUGE = ColumnRow("c", "final", "Final", Scale.CONTINUOUS, Decimal("9999999999.999999"))
SEVEN = ColumnRow(
    "c", "final", "Final", Scale.DISCRETE, Decimal(12), ["02", "4", "7.5", "12"]
)
LETTERS = ColumnRow("c", "final", "Final", Scale.LABELS, None, ["A", "B+", "5", "é"])


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "7",
        "100",
        "007",
        "0.5",
        "82.50",
        "1.123456",
        "0" * 40,
        "9" * 33 + ".123456",
    ],
)
def test_it_takes_digits_and_up_to_six_decimals_for_a_number(text):
    assert is_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        " 7",
        "7 ",
        "7\n",
        ".5",
        "5.",
        "1.1234567",
        "-1",
        "+1",
        "1e2",
        "1E2",
        "1,5",
        "1_000",
        "0x10",
        "NaN",
        "Infinity",
        "٧",
        "７",
        "²",
        "1.2.3",
        "0" * 41,
    ],
)
def test_it_takes_nothing_else_for_a_number(text):
    assert not is_number(text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (82, "82"),
        (0, "0"),
        (100, "100"),
        (Decimal("82.50"), "82.5"),
        (Decimal("82.0"), "82"),
        (Decimal("0.10"), "0.1"),
        (Decimal("1E+2"), "100"),
        (Decimal("8.25E1"), "82.5"),
        (Decimal("1E-6"), "0.000001"),
        (Decimal("0E-6"), "0"),
        (Decimal("12345678901234567890123456789012.5"),) * 2,
    ],
)
def test_it_writes_a_number_in_plain_digits_without_needless_zeros(number, text):
    assert shortest(number) == str(text)


@pytest.mark.parametrize(
    ("column", "text", "is_on"),
    [
        (HUNDRED, "0", True),
        (HUNDRED, "100", True),
        (HUNDRED, "100.000000", True),
        (HUNDRED, "0100", True),
        (HUNDRED, "99.999999", True),
        (HUNDRED, "100.000001", False),
        (HUNDRED, "101", False),
        (HUNDRED, "-0", False),
        (HUNDRED, "A", False),
        (HUNDRED, "", False),
        (THIRD, "0.3", True),
        (THIRD, "0.300001", False),
        (HUGE, "9999999999.999999", True),
        (HUGE, "10000000000", False),
        (SEVEN, "02", True),
        (SEVEN, "2", True),
        (SEVEN, "2.0", True),
        (SEVEN, "7.5", True),
        (SEVEN, "7.50", True),
        (SEVEN, "7", False),
        (SEVEN, "-3", False),
        (SEVEN, "", False),
        (LETTERS, "A", True),
        (LETTERS, "B+", True),
        (LETTERS, "5", True),
        (LETTERS, "5.0", False),
        (LETTERS, "a", False),
        (LETTERS, "é", True),
        (LETTERS, "e\u0301", False),
        (LETTERS, "", False),
    ],
)
def test_it_knows_what_a_scale_holds(column, text, is_on):
    assert is_on_scale(text, column) is is_on


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        (HUNDRED, "82", "82"),
        (HUNDRED, "82.50", "82.50"),
        (HUNDRED, "  82.50\t", "82.50"),
        (HUNDRED, 82, "82"),
        (HUNDRED, Decimal("82.50"), "82.5"),
        (HUNDRED, Decimal("1E1"), "10"),
        (HUNDRED, 0, "0"),
        (SEVEN, 2, "2"),
        (SEVEN, " 02 ", "02"),
        (LETTERS, " B+ ", "B+"),
        (LETTERS, 5, "5"),
    ],
)
def test_it_keeps_a_string_as_sent_and_a_number_in_its_shortest_form(
    column, value, kept
):
    assert read_value(value, column, "value") == kept


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (HUNDRED, ""),
        (HUNDRED, "  "),
        (HUNDRED, 101),
        (HUNDRED, -1),
        (HUNDRED, Decimal("0.1234567")),
        (HUNDRED, Decimal("1E+999999")),
        (HUNDRED, Decimal("1E-999999")),
        (HUNDRED, 10**400),
        (HUNDRED, "1e1"),
        (HUNDRED, "x" * 100_000),
        (SEVEN, 3),
        (LETTERS, "C"),
        (LETTERS, 6),
    ],
)
def test_it_refuses_what_is_off_the_scale(column, value):
    with pytest.raises(OffScale) as refusal:
        read_value(value, column, "grades[3].value")
    assert refusal.value.field == "grades[3].value"
    assert len(refusal.value.message) < 250


@pytest.mark.parametrize("value", [True, False, [], {}, ["82"], 1.5])
def test_it_refuses_what_is_neither_string_nor_number(value):
    with pytest.raises(Invalid) as refusal:
        read_value(value, HUNDRED, "value")
    assert refusal.value.message == "A grade must be a string or a number."


@pytest.mark.parametrize(
    ("column", "value", "percent"),
    [
        (HUNDRED, "85", "85"),
        (HUNDRED, "82.50", "82.5"),
        (TWENTY, "17", "85"),
        (TWENTY, "0", "0"),
        (THIRD, "0.1", "33.333333"),
        (THIRD, "0.2", "66.666667"),
        (HUGE, "9999999999.999999", "100"),
        (SEVEN, "7.5", "62.5"),
        (SEVEN, "12", "100"),
    ],
)
def test_it_says_a_number_in_percent_of_the_maximum(column, value, percent):
    assert percentage(value, column) == Decimal(percent)


@pytest.mark.parametrize(
    ("column", "value"),
    [(HUNDRED, None), (LETTERS, "A"), (LETTERS, "5"), (HUNDRED, "A"), (TWENTY, "85")],
)
def test_it_has_no_percentage_without_a_number_of_the_scale(column, value):
    assert percentage(value, column) is None


@pytest.mark.parametrize(
    ("percent", "column", "value"),
    [
        ("99.7", HUNDRED, "99.7"),
        ("0", HUNDRED, "0"),
        ("100", HUNDRED, "100"),
        ("85.00", TWENTY, "17"),
        ("99.7", TWENTY, "19.94"),
        ("33.333333", TWENTY, "6.666667"),
        ("33.333333", THIRD, "0.1"),
        ("100", HUGE, "9999999999.999999"),
        ("62.5", SEVEN, "7.5"),
        ("100", SEVEN, "12"),
        ("100.0", SEVEN, "12"),
    ],
)
def test_it_turns_a_percentage_into_a_value(percent, column, value):
    assert from_percentage(Decimal(percent), column) == value


@pytest.mark.parametrize(
    ("percent", "column"),
    [
        ("-0.1", HUNDRED),
        ("100.000001", HUNDRED),
        ("101", HUNDRED),
        ("1E+999999", HUNDRED),
        ("1E-999999", HUNDRED),
        ("50.1234567", HUNDRED),
        ("50", LETTERS),
        ("50", SEVEN),
        ("62.500001", SEVEN),
    ],
)
def test_it_refuses_a_percentage_that_the_scale_cannot_hold(percent, column):
    with pytest.raises(NoPercentage):
        from_percentage(Decimal(percent), column)


@pytest.mark.parametrize(
    ("value", "column", "passing_grade", "outcome"),
    [
        ("50", HUNDRED, "50", "passed"),
        ("49.999999", HUNDRED, "50", "failed"),
        ("0", HUNDRED, "0", "passed"),
        ("100", HUNDRED, "100", "passed"),
        ("99.999999", HUNDRED, "100", "failed"),
        ("10", TWENTY, "50", "passed"),
        ("9.999999", TWENTY, "50", "failed"),
        ("0.1", THIRD, "33.333333", "passed"),
        ("0.1", THIRD, "33.333334", "failed"),
        ("7.5", SEVEN, "62.5", "passed"),
        ("7.5", SEVEN, "62.500001", "failed"),
    ],
)
def test_it_passes_from_the_passing_grade_on(value, column, passing_grade, outcome):
    assert outcome_of(value, column, Decimal(passing_grade)) == outcome


@pytest.mark.parametrize(
    ("value", "column"), [("A", LETTERS), ("5", LETTERS), ("A", HUNDRED)]
)
def test_it_gives_labels_no_outcome_by_the_passing_grade(value, column):
    with pytest.raises(NoPercentage):
        outcome_of(value, column, Decimal(50))
