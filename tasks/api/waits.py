"""How long a request is willing to wait for a task."""

import re

from config.errors import Invalid
from config.rest import preferences
from config.rest.queries import Schema
from config.rest.requests import Request

NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
MOST_SECONDS = 30
WAIT: Schema = {
    "type": "number",
    "minimum": 0,
    "maximum": 10**9 - 1,
    "description": f"Seconds; over {MOST_SECONDS} is {MOST_SECONDS}.",
}


def asked_wait(request: Request) -> float:
    """Return the seconds of `?wait=`. Raises Invalid for what is no such number."""
    text = request.query_params.get("wait", "0")
    if not NUMBER.fullmatch(text):
        raise Invalid("wait must be a number of seconds.", field="wait")
    return min(float(text), MOST_SECONDS)


def preferred_wait(request: Request) -> int | None:
    """Return the seconds of `Prefer: wait=N`; one that makes no sense is ignored."""
    text = preferences.preference(request, "wait") or ""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        return None
    return min(int(text), MOST_SECONDS)
