"""Typed readers of the environment that report all that is missing at once.

`NAME_FILE` may hold the path of a file with the value instead of `NAME`, as
container secrets are mounted.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class Env:
    """Reads settings from the environment; `check()` raises with every fault."""

    def __init__(self, environ=os.environ) -> None:
        self.environ = environ
        self.faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self._read(name)
        if value is not None:
            return value
        if default is None:
            self.faults.append(f"{name} is not set")
            return ""
        return default

    def integer(self, name: str, default: int) -> int:
        value = self._read(name)
        if value is None:
            return default
        try:
            return int(value)
        except ValueError:
            self.faults.append(f"{name} must be a whole number, not {value!r}")
            return default

    def flag(self, name: str, default: bool = False) -> bool:
        value = self._read(name)
        if value is None:
            return default
        if value.lower() not in TRUE | FALSE:
            self.faults.append(f"{name} must be true or false, not {value!r}")
        return value.lower() in TRUE

    def words(self, name: str, default: Iterable[str] = ()) -> list[str]:
        value = self._read(name)
        if value is None:
            return [*default]
        return [part.strip() for part in value.split(",") if part.strip()]

    def parsed(self, name: str, parse: Callable[[str], Any], default: Any) -> Any:
        value = self._read(name)
        if not value:
            return default
        try:
            return parse(value)
        except Exception as error:  # whatever the parser raises is the fault
            self.faults.append(f"{name} cannot be read: {error}")
            return default

    def check(self) -> None:
        """Raise one ImproperlyConfigured that lists every fault found so far."""
        if self.faults:
            raise ImproperlyConfigured("; ".join(self.faults))

    def _read(self, name: str) -> str | None:
        if name in self.environ:
            return self.environ[name]
        path = self.environ.get(f"{name}_FILE")
        if path is None:
            return None
        try:
            return Path(path).read_text().strip()
        except OSError as error:
            self.faults.append(f"{name}_FILE cannot be read: {error}")
            return ""
