"""Pages of a collection: a found set, by page number and continuation key.

The filters are run once. Later pages name the set by its key and go on in what
was found then, whatever has come since.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from rest_framework.response import Response

from config import found_sets
from config.found_sets import Found
from config.rest.filters import AttributeFilterSet
from config.rest.pagination import whole_number
from config.rest.queries import TEXT, Schema, whole
from config.rest.requests import Request

DEFAULT_SIZE = 100
LARGEST_SIZE = 1_000  # what is more is cut to this
PARAMETERS: dict[str, Schema] = {
    "continuation_key": TEXT,
    "page": whole(least=1, default=1),
    "pagesize": whole(least=1, default=DEFAULT_SIZE)
    | {"description": f"More than {LARGEST_SIZE} is cut to that."},
}
SECONDS = 60  # for a search; ten million rows take a good part of it
UNINDEXED_SECONDS = 2  # for one that has to look at rows one by one


@dataclass(frozen=True)
class FoundPage:
    """The ids of one page, and which parameters of the query had a say in it."""

    found: Found
    parameters: Collection[str]

    @property
    def ids(self) -> list[str]:
        return self.found.ids

    def response(self, rows: Any) -> Response:
        """Return the bare array, with the total and the key in its headers."""
        headers = {
            "X-Total-Count": str(self.found.total),
            "X-Request-Id": self.found.key,
        }
        return Response(rows, headers=headers)


def found_page(
    request: Request, collection: str, filters: Callable[[], AttributeFilterSet]
) -> FoundPage:
    """Go on in the set that the request names, or search anew.

    `filters` gives the bound filter set of an ordered queryset; it is not called
    for a set that goes on. Raises Invalid or ValidationError (400).
    """
    size = whole_number(request, "pagesize", default=DEFAULT_SIZE, least=1)
    limit = min(size, LARGEST_SIZE)
    skip = (whole_number(request, "page", default=1, least=1) - 1) * limit
    caller = request.caller
    viewer = found_sets.Viewer(caller.client_id, caller.sub, caller.scopes)
    asked: dict[str, Any] = {
        "collection": collection,
        "viewer": viewer,
        "skip": skip,
        "limit": limit,
    }
    key = request.query_params.get("continuation_key")
    if key is not None:
        return FoundPage(found_sets.read(key, **asked), PARAMETERS)
    bound = filters()
    seconds = SECONDS if bound.is_indexed else UNINDEXED_SECONDS
    found = found_sets.find(bound.search(), **asked, seconds=seconds)
    return FoundPage(found, {*PARAMETERS, *bound.filters})
