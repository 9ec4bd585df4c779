"""The version of this interface that a caller may ask for. There is one."""

import re

from rest_framework.exceptions import ParseError

from config.rest.requests import Request

VERSION = "2025-05-07"
IN_ACCEPT = re.compile(r';\s*version\s*=\s*"?([^",;]*)"?', re.IGNORECASE)


def check_version(request: Request) -> None:
    """Raise ParseError (400) where another version is asked for."""
    asked = IN_ACCEPT.findall(request.headers.get("Accept", ""))
    if "X-API-Version" in request.headers:
        asked.append(request.headers["X-API-Version"])
    if any(version.strip() != VERSION for version in asked):
        raise ParseError(f"The only version of this interface is {VERSION}.")
