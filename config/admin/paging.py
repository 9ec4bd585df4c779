"""Lists that cost the same at a hundred rows and at a million."""

import json
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

from config.estimates import rounded

MOST_ROWS = 10_000  # that can be paged through; past that, a filter helps


class BoundedPaginator(Paginator):
    """Counts no further than anyone would page."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[:MOST_ROWS].count()

    @property
    def has_more(self) -> bool:
        """Whether there may be rows that cannot be paged to."""
        return self.count == MOST_ROWS

    @cached_property
    def total(self) -> str:
        """How many there are, in words; past what is counted, an estimate."""
        if not self.has_more:
            return f"{self.count:,}"
        estimate = rounded(self._estimate)
        return (
            f"about {estimate:,}" if estimate > MOST_ROWS else f"{MOST_ROWS:,} or more"
        )

    @property
    def _estimate(self) -> float:
        """How many rows PostgreSQL expects of the query; none of them is read."""
        rows: Any = self.object_list
        (explained,) = json.loads(rows.order_by().values("pk").explain(format="json"))
        return explained["Plan"]["Plan Rows"]
