"""What every command of ours does: say who changes, and how refusals read."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Column, Table

from access.disclosure import NotLogged
from config.errors import DomainError
from config.history import command_actor, recorded

UNLOGGED = (
    "The disclosure log cannot be written, so nothing is shown: give the command the "
    "primary database, and a role that may write there."
)
WIDEST = 1_000  # characters of a line that is not for a terminal


class RegistryCommand(BaseCommand):
    """Runs inside one history context; a refusal is a sentence and exit code 1.

    Data goes to stdout, everything else to stderr.
    """

    @property
    def name(self) -> str:
        return type(self).__module__.rpartition(".")[2]

    def execute(self, *arguments: Any, **options: Any) -> Any:
        with recorded(actor=command_actor(self.name), door="command"):
            try:
                return super().execute(*arguments, **options)
            except DomainError as error:
                raise CommandError(error.message) from error
            except NotLogged as error:
                raise CommandError(UNLOGGED) from error

    def say(self, sentence: str) -> None:
        """Tell the person at the terminal something that is no data."""
        self.stderr.write(sentence, self.style.SUCCESS)

    def print_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, default=str))

    def print_rows(self, rows: Iterable[Mapping[str, Any]], *, format: str) -> None:
        """Print rows as a JSON array, or as a table for people."""
        listed = list(rows)
        if format == "json":
            self.print_json(listed)
        elif listed:
            stdout = cast(TextIO, self.stdout)
            width = None if stdout.isatty() else WIDEST
            Console(file=stdout, markup=False, width=width).print(_table(listed))

    def print_row(self, row: Mapping[str, Any], *, format: str) -> None:
        """Print the only row there is, as a JSON object or as a table."""
        if format == "json":
            self.print_json(row)
        else:
            self.print_rows([row], format=format)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, and nothing elsewhere; yield what moves it."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task(label, total=None)

        def advance(done: int, total: int = 0) -> None:
            progress.update(bar, completed=done, total=total or None)

        yield advance


def add_format(parser, *, default: str = "table") -> None:
    """Add `--format table|json`."""
    parser.add_argument("--format", choices=["table", "json"], default=default)


@dataclass(frozen=True)
class AtTheTerminal:
    """Who runs a command, and whether people under hold exist for them in it."""

    sees_held: bool


def add_include_held(parser) -> None:
    """Add `--include-held`; without it, people under privacy hold are as if absent."""
    says = "people under privacy hold too, who else are as if absent"
    parser.add_argument("--include-held", action="store_true", help=says)


def moment(text: str) -> datetime:
    """Read a date or a moment that was given as an argument."""
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else timezone.make_aware(when)


def at_least_one(text: str) -> int:
    """Read a whole number from 1 that was given as an argument."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _table(rows: list[Mapping[str, Any]]) -> Table:
    columns = [Column(name, overflow="fold") for name in rows[0]]
    table = Table(*columns, box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row.values()))
    return table
