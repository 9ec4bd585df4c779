"""The request as a view of an interface sees it."""

from typing import Any

from rest_framework.request import Request as FrameworkRequest

from access.callers import Caller
from config.rest.bodies import NotJson, parse_json, read_body


class Request(FrameworkRequest):
    """Adds the caller and a body that is read once, and strictly."""

    max_body: int = 0
    _raw: bytes | None = None
    _parsed: Any = None
    _is_parsed = False

    @property
    def caller(self) -> Caller:
        """Who asks; only after authentication."""
        return self.user

    @property
    def raw(self) -> bytes:
        """The body as it came. Raises TooLarge (413), WrongMedia (415)."""
        if self._raw is None:
            self._raw = read_body(self._request, self.max_body)
        return self._raw

    @property
    def data(self) -> Any:
        """The body as JSON. Raises as `raw` does, and NotJson (400)."""
        if not self._is_parsed:
            if not self.raw.strip():
                raise NotJson("The body is empty; JSON is expected.")
            self._parsed = parse_json(self.raw)
            self._is_parsed = True
        return self._parsed
