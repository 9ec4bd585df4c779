"""The endpoints that there are, read from the URLs: for checks, lists and tests."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver

from access.permissions import declared

CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Endpoint:
    """One verb at one address of an interface."""

    path: str  # "/api/students/{netid}"
    method: str
    action: str
    view: type

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_public(self) -> bool:
        return getattr(self.view, "is_public", False)

    @property
    def required(self) -> dict[str, tuple[str, ...]]:
        """The scopes and roles that it asks for. Raises ImproperlyConfigured."""
        return declared(self.view, self.action)


def endpoints() -> list[Endpoint]:
    """Every endpoint once, in the order of its address."""
    found = {str(endpoint): endpoint for endpoint in _walk(get_resolver(), "/")}
    return [found[name] for name in sorted(found, key=lambda name: name.split()[::-1])]


def _walk(resolver: Any, prefix: str) -> Iterator[Endpoint]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if not isinstance(entry, URLPattern):
            yield from _walk(entry, path)
        elif hasattr(entry.callback, "cls") and hasattr(entry.callback, "actions"):
            yield from _of_view(path, entry.callback)


def _of_view(path: str, callback: Any) -> Iterator[Endpoint]:
    address = CONVERTER.sub(r"{\1}", path).rstrip("/")
    for method, action in callback.actions.items():
        if method != "head":  # asks for what GET asks for
            yield Endpoint(address, method.upper(), action, callback.cls)
