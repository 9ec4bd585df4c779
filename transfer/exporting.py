"""The rows of a kind of record as a file, streamed from the database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.db import connection, transaction

from access.disclosure import disclose
from transfer.kind import Column, Kind
from transfer.writing import FORMATS

BATCH = 2_000  # rows
PEOPLE_IN_A_LINE = 10_000  # of the disclosure log

Advance = Callable[[int, int], None]

SELECT = """
SELECT {shown}, {person} AS _person
FROM {table} AS t
{joins}
{visible}
{where}
ORDER BY t.{pk}
"""
VISIBLE = """
JOIN students_profile AS _held ON _held.id = {person} AND NOT _held.is_confidential
"""


@dataclass(frozen=True)
class Recipient:
    """Who is given an export, and what of it."""

    name: str  # of the person, as the disclosure log has it
    door: str
    sees_held: bool = False
    request: str = ""  # the id of the request that asked for it


def _ignore(done: int, total: int = 0) -> None:
    pass


@transaction.atomic
def export(
    kind: Kind,
    format: str,
    out: BinaryIO,
    recipient: Recipient,
    *,
    filters: Mapping[str, str] | None = None,
    advance: Advance = _ignore,
) -> int:
    """Write every row that the recipient may see; return how many.

    `filters` leaves those of one term, course or unit: their ids, as
    transfer.filters finds them.

    What is written is logged as disclosed in the same transaction: let nobody
    have the file before that has committed.
    """
    log = Log(kind, recipient)
    count = 0
    writer = FORMATS[format](out, kind)
    for rows in _batches(kind, recipient, filters or {}):
        *cells, people = zip(*rows, strict=True)
        log.add(people)
        writer.write(cells)
        count += len(rows)
        advance(count, 0)
    writer.close()
    log.close()
    return count


class Log:
    """Logs whose records were released, in parts, each with its number of rows."""

    def __init__(self, kind: Kind, recipient: Recipient) -> None:
        self.kind = kind
        self.recipient = recipient
        self.rows = 0
        self.people: dict[str, None] = {}

    def add(self, people: tuple[str | None, ...]) -> None:
        self.rows += len(people)
        self.people.update(dict.fromkeys(filter(None, people)))
        if len(self.people) > PEOPLE_IN_A_LINE:
            self.close()

    def close(self) -> None:
        disclose(
            door=self.recipient.door,
            what=f"export of {self.rows} {self.kind.name}",
            profile_ids=self.people,
            staff=self.recipient.name,
            request_id=self.recipient.request,
        )
        self.rows, self.people = 0, {}


def _batches(
    kind: Kind, recipient: Recipient, filters: Mapping[str, str]
) -> Iterator[list[tuple]]:
    statement = select(kind, sees_held=recipient.sees_held, filters=[*filters])
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, filters)
        while rows := cursor.fetchmany(BATCH):
            yield rows


def select(kind: Kind, *, sees_held: bool, filters: Sequence[str] = ()) -> str:
    """Return the SQL of the rows as text cells, and of whose each is."""
    person = kind.export.person
    return SELECT.format(
        shown=", ".join(_shown(kind, each, sees_held) for each in kind.columns),
        person=person or "NULL",
        table=kind.table,
        joins=kind.export.joins + "".join(_joins(kind)),
        visible="" if sees_held or not person else VISIBLE.format(person=person),
        where=_where(kind.export.filters[name] for name in filters),
        pk=kind.pk,
    )


def _where(conditions: Iterable[str]) -> str:
    joined = " AND ".join(conditions)
    return f"WHERE {joined}" if joined else ""


def _shown(kind: Kind, column: Column, sees_held: bool) -> str:
    if column.name in kind.export.blind and not sees_held:
        return kind.export.blind[column.name]
    if column.name in kind.export.shown:
        return kind.export.shown[column.name]
    if _is_named(column):
        return column.naming.shown.format(row=column.name)
    return column.cell.shown.format(f't."{column.attname}"')


def _joins(kind: Kind) -> Iterator[str]:
    for column in kind.columns:
        if _is_named(column) and column.name not in kind.export.shown:
            yield (
                f"\nLEFT JOIN {column.its_table} AS {column.name}"
                f' ON {column.name}.{column.its_pk} = t."{column.attname}"'
            )


def _is_named(column: Column) -> bool:
    """Whether it is shown by a code of what it refers to, and not by its id."""
    return column.references is not None and bool(column.naming.shown)
