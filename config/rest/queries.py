"""How the OpenAPI document describes what a query may say.

A query is text; a schema says what the text must read like. An interface names its
parameters with these, by action, at the top of its views.
"""

from typing import Any

from config.rest.pagination import LONGEST_CURSOR

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
CURSOR: Schema = {
    "type": "string",
    "maxLength": LONGEST_CURSOR,
    "description": "What the `Link` to the next page holds.",
}


def whole(*, least: int = 0, most: int | None = None, default: int) -> Schema:
    """A whole number. Past `most` it is refused."""
    bounds = {} if most is None else {"maximum": most}
    return {"type": "integer", "minimum": least, **bounds, "default": default}


def page_size(*, default: int, most: int) -> Schema:
    """How many rows a page has."""
    return whole(least=1, most=most, default=default)


def pattern(expression: str) -> Schema:
    return {"type": "string", "pattern": expression}


def either(*schemas: Schema) -> Schema:
    return {"anyOf": [*schemas]}


def one_of(*words: str) -> Schema:
    return {"type": "string", "enum": [*words]}


def comma_list(of: Schema) -> Schema:
    """Several, with commas between them; a URL has room for some hundreds."""
    return {"type": "array", "items": of, "minItems": 1}
