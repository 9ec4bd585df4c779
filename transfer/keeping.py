"""Files of the admin, in the database, so that every host has them.

A file lies in parts in an unlogged table of its own. It is made in one
transaction and never changed; a crash of the database empties it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryFile
from typing import BinaryIO

from django.db import ProgrammingError, connection

from transfer.errors import FileLost

PART = 1 << 20  # bytes

CREATE = """
CREATE UNLOGGED TABLE {table} (part integer PRIMARY KEY, content bytea NOT NULL);
ALTER TABLE {table} ALTER content SET STORAGE EXTERNAL
"""

LOST = FileLost("The file is not there any more: it is kept for a day.")


def keep(table: str, file: BinaryIO) -> int:
    """Store what is left of a file in a new table; return how many bytes it is."""
    size = 0
    with connection.cursor() as cursor:
        cursor.execute(CREATE.format(table=table))
        with cursor.copy(f"COPY {table} (part, content) FROM STDIN") as copy:
            for number, part in enumerate(_parts_of(file)):
                copy.write_row((number, part))
                size += len(part)
    return size


def _parts_of(file: BinaryIO) -> Iterator[bytes]:
    """At least one part, so that an empty file is told from a lost one."""
    yield file.read(PART)
    yield from iter(partial(file.read, PART), b"")


def parts(table: str) -> Iterator[bytes]:
    """Yield the parts of a stored file. Raises FileLost with the first of them."""
    part, number = _part(table, 0), 0
    if part is None:
        raise LOST
    while part is not None:
        yield part
        number += 1
        part = _part(table, number)


def _part(table: str, number: int) -> bytes | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT content FROM {table} WHERE part = %s", [number])
            found = cursor.fetchone()
    except ProgrammingError as error:  # the table has been dropped
        raise LOST from error
    return bytes(found[0]) if found else None


@contextmanager
def opened(table: str) -> Iterator[BinaryIO]:
    """Lend a copy of a stored file on this host's disk. Raises FileLost."""
    with TemporaryFile() as file:
        for part in parts(table):
            file.write(part)
        file.seek(0)
        yield file
