"""ETag, If-None-Match and If-Match.

A tag is `"<version>-<hash>"`: the version of the row, and a hash of the body
that GET there would give this caller now. If-None-Match compares the whole,
If-Match the version only.
"""

import hashlib
import re
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from config.rest.renderers import render

TAG = re.compile(r'\s*(W/)?"([^"]*)"\s*(?:,|$)')
VERSION = re.compile(r"(\d{1,18})(?:-[0-9a-f]+)?")

NOT_TAGS = ParseError("If-Match must be `*` or a list of quoted ETags.")


def etag(version: int, body: Any) -> str:
    """Return the tag of a row at `version` that this caller sees as `body`."""
    return f'"{version}-{hashlib.sha256(render(body)).hexdigest()[:16]}"'


def is_unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match names this tag, so that 304 answers."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return False
    return header.strip() == "*" or tag in {
        f'"{opaque}"' for _, opaque in TAG.findall(header)
    }


def expected_versions(request: Request) -> frozenset[int] | None:
    """Return the versions that If-Match accepts; None where any will do.

    Raises ParseError (400) for what is no list of tags. A tag that no version
    of ours could have matches nothing.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    if TAG.sub("", header).strip():
        raise NOT_TAGS
    opaque = [tag for weak, tag in TAG.findall(header) if not weak]
    matches = [VERSION.fullmatch(tag) for tag in opaque]
    return frozenset(int(match[1]) for match in matches if match)
