from hypothesis import given
from hypothesis import strategies as st

from config.formulas import escape, unescape


@given(st.text())
def test_reading_takes_away_what_escaping_put_before_a_text(text):
    assert unescape(escape(text)) == text


@given(st.text())
def test_no_escaped_text_is_a_formula(text):
    assert not escape(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
