"""Whatever is read from outside is read, or refused by its own error; never else."""

import json
from contextlib import suppress
from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Invalid
from config.rest.bodies import NotJson, parse_json
from config.rest.comparisons import read_comparison
from config.rest.fields import parse_timestamp
from config.trail import moment_of
from offerings.models import Scale
from offerings.section_ids import parse_enrollment_id, parse_section_id
from registrations.grading import is_on_scale, percentage, read_value
from registrations.rows import ColumnRow

# What people, and programs at odds with them, put into a text.
ODD = st.sampled_from(
    [
        "\0",
        "\ud800",
        "%00",
        "=>",
        "=<",
        "..",
        "*",
        "null",
        "NaN",
        "1e999",
        "٣",
        "\u202e",
    ]
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(ODD, st.text(max_size=4))).map("".join))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(TEXTS, inner)),
)
COLUMNS = st.sampled_from(
    [
        ColumnRow("a", "final", "Final", Scale.CONTINUOUS, Decimal(100)),
        ColumnRow("b", "final", "Final", Scale.DISCRETE, Decimal(5), ["1", "2.5", "x"]),
        ColumnRow("c", "final", "Final", Scale.LABELS, None, ["A", "B"]),
    ]
)
DIGITS = st.from_regex(r"[0-9]{1,45}(\.[0-9]{1,8})?", fullmatch=True)


@given(st.binary())
def test_a_body_is_json_or_refused(raw):
    with suppress(NotJson):
        parse_json(raw)


@given(VALUES)
def test_a_body_that_is_json_is_read_as_it_was_written(value):
    raw = json.dumps(value, default=str).encode()
    with suppress(NotJson):
        read = json.dumps(parse_json(raw), default=float)
        assert json.loads(read) == json.loads(raw)


@given(COLUMNS, st.one_of(VALUES, DIGITS, st.decimals(allow_nan=False)))
def test_a_grade_is_on_its_scale_or_refused(column, value):
    with suppress(Invalid):
        text = read_value(value, column, "value")
        assert is_on_scale(text, column)
        assert read_value(text, column, "value") == text


@given(COLUMNS, TEXTS)
def test_a_grade_has_a_percentage_or_none(column, text):
    percent = percentage(text, column)
    assert percent is None or percent >= 0


@pytest.mark.parametrize("parse", [parse_section_id, parse_enrollment_id])
@given(text=TEXTS)
def test_an_id_of_several_parts_is_read_or_refused(parse, text):
    with suppress(ValueError):
        assert str(parse(text)) == text


@given(TEXTS)
def test_a_timestamp_is_read_or_refused(text):
    with suppress(ValueError):
        assert parse_timestamp(text).tzinfo is UTC


@given(TEXTS)
def test_a_moment_of_an_address_is_one_or_none(text):
    assert moment_of(text) is None or moment_of(text).tzinfo


@given(TEXTS)
def test_a_condition_of_a_filter_compares_with_a_part_of_its_text(text):
    assert read_comparison(text).value in text
