"""Texts in files that a spreadsheet opens, and would run where they begin like that."""

import re

# A spreadsheet would take such a text for a formula. It is written with a quote
# before it, which reading takes away again.
LIKE_A_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
QUOTED = re.compile(r"'+[=+\-@\t\r\n]")


def escape(text: str) -> str:
    """Return a text as a spreadsheet shows it without running it."""
    return f"'{text}" if LIKE_A_FORMULA.match(text) else text


def unescape(text: str) -> str:
    """Return what `escape` was given. Raises ValueError for a formula."""
    if text.startswith("="):
        raise ValueError("holds a formula: paste its value, or put ' before it")
    return text[1:] if QUOTED.match(text) else text
