"""JSON out. There is one representation, whatever `Accept` says."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer


def render(data: Any) -> bytes:
    """Return the JSON of `data`; bytes are JSON already."""
    return data if isinstance(data, bytes) else orjson.dumps(data, _plain)


def array(texts: Iterable[str]) -> bytes:
    """Return the JSON array of texts that are JSON already."""
    return f"[{','.join(texts)}]".encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        status = renderer_context["response"].status_code if renderer_context else 200
        return b"" if data is None and status in (201, 204, 304) else render(data)


class OnlyJSON(BaseContentNegotiation):
    """Every answer is JSON: there is nothing to negotiate, and no 406."""

    def select_parser(self, request, parsers):
        return None

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
