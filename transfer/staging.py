"""The rows of a file in an unlogged table of their own, read by COPY."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from transfer.cells import Values
from transfer.errors import BadFile
from transfer.files import Batch, Sheet
from transfer.kind import Column, Kind
from transfer.mapping import Mapped

SCHEMA = "staging"  # made by a migration; dumps may leave it out
MOST_ROWS = 10_000_000


@dataclass(frozen=True)
class Tables:
    """The names of the tables of one import, or of one exported file."""

    owner_id: str

    @property
    def file(self) -> str:
        """The bytes of a file: see transfer.keeping."""
        return f'{SCHEMA}."file_{self.owner_id}"'

    @property
    def rows(self) -> str:
        """The file, as it was read."""
        return f'{SCHEMA}."rows_{self.owner_id}"'

    @property
    def plan(self) -> str:
        """What the import would do with each row."""
        return f'{SCHEMA}."plan_{self.owner_id}"'


def stage(
    kind: Kind,
    sheet: Sheet,
    mapped: Mapped,
    table: str,
    advance: Callable[[int], None],
) -> int:
    """Read the sheet into a new table; return how many rows it has.

    A cell that says nothing fit is left empty, and the fault kept with its row.
    """
    columns = [
        (sheet.header.index(title), kind.column(name)) for title, name in mapped.items()
    ]
    _create(kind, table)
    count = 0
    with connection.cursor() as cursor:
        names = ", ".join(f'"{column.name}"' for _, column in columns)
        into = f"COPY {table} (_row, _errors, {names}) FROM STDIN (FORMAT csv)"
        with cursor.copy(into) as copy:
            for batch in sheet.batches:
                copy.write(_text(batch, columns))
                count += len(batch.numbers)
                advance(count)
        cursor.execute(f"ANALYZE {table}")
    return count


def _create(kind: Kind, table: str) -> None:
    columns = ", ".join(
        f'"{column.name}" {column.cell.sql}{_collate(column)}'
        for column in kind.columns
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {table}")
        cursor.execute(
            f"CREATE UNLOGGED TABLE {table} (_row bigint, _errors text, {columns})"
        )


def _collate(column: Column) -> str:
    return f' COLLATE "{column.collation}"' if column.collation else ""


def _text(batch: Batch, columns: list[tuple[int, Column]]) -> str:
    """The batch as COPY reads it: an empty cell is null."""
    faults = dict(batch.faults)
    cells = [*zip(*batch.rows, strict=True)]
    read = [[*_read(column, cells[place], faults)] for place, column in columns]
    errors = [faults.get(place) for place in range(len(batch.numbers))]
    text = io.StringIO()
    csv.writer(text).writerows(zip(batch.numbers, errors, *read, strict=True))
    if "\0" in text.getvalue():
        raise BadFile(f"A cell after row {batch.numbers[0]} holds a NUL character.")
    return text.getvalue()


def _read(column: Column, cells: tuple[str, ...], faults: dict[int, str]) -> Values:
    def refuse(place: int, fault: str) -> None:
        sentence = f"{column.name} {fault}."
        faults[place] = "\n".join(filter(None, [faults.get(place), sentence]))

    return column.cell.read(cells, refuse)


def drop(tables: Tables) -> None:
    names = ", ".join([tables.file, tables.rows, tables.plan])
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {names}")


def staged_ids() -> set[str]:
    """Return the id of each import and exported file that still has a table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT substr(tablename, 6) FROM pg_tables WHERE schemaname = %s",
            [SCHEMA],
        )
        return {owner_id for (owner_id,) in cursor.fetchall()}
