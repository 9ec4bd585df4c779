"""The filter grammar of the collections: an attribute by its dotted name, and

    value      equal                    =<value    at most that
    value*     begins with it           =>value    at least that
    *          anything                 null       has no value

The operator begins the value, so a URL reads `netid==>f002`; `<value` and
`>value` are taken for the same, as that is what `netid=>f002` arrives as. Every
filter that is given must hold, and so must each of one that is repeated.
"""

import re
from dataclasses import dataclass
from enum import Enum

MOST_REPEATED = 10  # of one filter; a range takes two
GRAMMAR = (
    "A value, `=<value`, `=>value`, a prefix with `*` after it, `*` alone or `null`, "
    f"as far as the attribute has them; up to {MOST_REPEATED} times."
)


class Operator(Enum):
    EQUAL = "equal"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    PREFIX = "prefix"
    NULL = "null"
    ANYTHING = "anything"


@dataclass(frozen=True)
class Comparison:
    operator: Operator
    value: str = ""


def read_comparison(text: str) -> Comparison:
    """Return what a filter's text asks for. There is no text that is none."""
    if text == "*":
        return Comparison(Operator.ANYTHING)
    if text == "null":
        return Comparison(Operator.NULL)
    if match := re.match("=?([<>])", text):
        operator = Operator.AT_MOST if match[1] == "<" else Operator.AT_LEAST
        return Comparison(operator, text[match.end() :])
    if text.endswith("*"):
        return Comparison(Operator.PREFIX, text[:-1])
    return Comparison(Operator.EQUAL, text)
