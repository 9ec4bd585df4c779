"""What a checked import would do, a page at a time."""

from collections.abc import Iterator
from typing import Any

from transfer.errors import RowsAreWrong, TooManyChanges
from transfer.importing import check_ready, kind_named
from transfer.models import Import
from transfer.plans import Difference, differences_of, errors_of
from transfer.staging import Tables

PER_PAGE = 50  # rows
SHOWS = ("error", "changed", "new")


class Preview:
    """Some rows of one import: those that are wrong, changed or new."""

    def __init__(self, it: Import, show: str, after: str) -> None:
        self.it = it
        self.tables = Tables(it.pk)
        self.show = show if show in SHOWS else self._first_to_look_at()
        self.after = int(after) if after.isdecimal() and len(after) < 10 else 0
        self.errors: list[tuple[int, str]] = []
        self.differences: list[Difference] = []
        self._read()

    def _first_to_look_at(self) -> str:
        return next((show for show in SHOWS if getattr(self.it, show)), "new")

    def _read(self) -> None:
        if self.show == "error":
            self.errors = [*errors_of(self.tables, PER_PAGE, self.after)]
            return
        self.differences = differences_of(
            *(kind_named(self.it.kind), self.tables, PER_PAGE),
            action=self.show,
            after=self.after,
        )

    @property
    def people(self) -> Iterator[str | None]:
        """Whose records the page shows."""
        return (each.person for each in self.differences)

    @property
    def next_after(self) -> int | None:
        """The row after which the next page begins; None where this is the last."""
        rows = [row for row, _ in self.errors] or [row.row for row in self.differences]
        return rows[-1] if len(set(rows)) == PER_PAGE else None

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return [
            {"show": show, "count": getattr(self.it, show), "label": label}
            for show, label in zip(SHOWS, ("Errors", "Changed", "New"), strict=True)
        ]

    @property
    def problem(self) -> str:
        """Why it cannot be applied as it stands; "" where it can."""
        try:
            check_ready(self.it)
        except (RowsAreWrong, TooManyChanges) as error:
            return error.message
        return ""

    @property
    def does_nothing(self) -> bool:
        return not (self.it.new or self.it.changed)
