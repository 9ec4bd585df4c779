from decimal import Decimal

import pytest
from django.test import RequestFactory

from config.rest.bodies import NotJson, TooLarge, WrongMedia, parse_json, read_body

JSON = "application/json"


def body(raw: bytes, content_type: str = JSON, limit: int = 100, **headers):
    request = RequestFactory().generic("POST", "/", raw, content_type, **headers)
    return read_body(request, limit)


def test_it_keeps_fractions_exact():
    assert parse_json(b'{"a": 82.10, "b": 7}') == {"a": Decimal("82.10"), "b": 7}


def test_it_lets_the_last_of_a_repeated_key_count():
    assert parse_json(b'{"a": 1, "a": 2}') == {"a": 2}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"{", "The body is not JSON"),
        (b"\xff", "not UTF-8"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'{"a": "\\ud800"}', "lone surrogate"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": 1e99999999999999999999}', "too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too large"),
        (b"[" * 65 + b"]" * 65, "64 levels"),
        (b"[" * 200_000, "nested too deep"),
    ],
)
def test_it_refuses_what_no_attribute_can_hold(raw, sentence):
    with pytest.raises(NotJson, match=sentence):
        parse_json(raw)


def test_it_accepts_64_levels_and_a_surrogate_pair():
    assert parse_json(b"[" * 64 + b"]" * 64)
    assert parse_json(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_it_takes_a_body_of_just_the_limit():
    assert body(b"x" * 100) == b"x" * 100


def test_it_refuses_a_body_over_the_limit():
    with pytest.raises(TooLarge, match="100 bytes"):
        body(b"x" * 101)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'application/json; charset="UTF-8"',
        "",
    ],
)
def test_it_takes_utf8_json(content_type):
    assert body(b"{}", content_type) == b"{}"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
    ],
)
def test_it_refuses_other_media(content_type):
    with pytest.raises(WrongMedia):
        body(b"{}", content_type)


def test_it_refuses_a_content_encoding():
    with pytest.raises(WrongMedia, match="gzip"):
        body(b"{}", headers={"Content-Encoding": "gzip"})
