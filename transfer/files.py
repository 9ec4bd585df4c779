"""Reading files of rows: CSV or a workbook, in batches, with flat memory.

What a file says is text. Rows are counted as a spreadsheet does: the header is
row 1.
"""

import csv
import io
import itertools
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import BinaryIO

import openpyxl

from transfer.errors import BadFile

BATCH = 2_000  # rows
MOST_COLUMNS = 200
LONGEST_CELL = csv.field_size_limit()  # characters
LONGEST_LINE = 1 << 22  # characters
DELIMITERS = ",;\t"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx with a password
ZIP = b"PK\x03\x04"
OTHER_UNICODE = (b"\xff\xfe", b"\xfe\xff")
PEEK = 1 << 16

Row = list[str]


@dataclass(frozen=True)
class Batch:
    """Some rows of equal length, and the faults of those that had none."""

    numbers: list[int]
    rows: list[Row]
    faults: dict[int, str]  # by place in the batch


@dataclass(frozen=True)
class Sheet:
    """A file that is open: its header, and its rows to be read once."""

    header: Row
    batches: Iterator[Batch]


@contextmanager
def open_sheet(file: BinaryIO) -> Iterator[Sheet]:
    """Read the rows of a CSV file or of the first sheet of a workbook.

    Raises BadFile, also while the batches are read.
    """
    start = file.read(PEEK)
    file.seek(0)
    if not start:
        raise BadFile("The file is empty.")
    if start.startswith(OLD_WORKBOOK):
        raise BadFile(
            "This is a workbook in the old .xls form, or one with a password: save it "
            "as .xlsx, without a password."
        )
    with _workbook_rows(file) if start.startswith(ZIP) else _csv_rows(file) as rows:
        yield _sheet(rows)


def _sheet(rows: Iterator[Row]) -> Sheet:
    numbered = enumerate(rows, start=1)
    header = _header(next(numbered, (1, []))[1])
    filled = (row for row in numbered if any(row[1]))  # blank rows say nothing
    return Sheet(header, _batches(filled, len(header)))


def _header(cells: Row) -> Row:
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise BadFile("The first row must name the columns, and it is empty.")
    if len(header) > MOST_COLUMNS:
        raise BadFile(f"The file has more than {MOST_COLUMNS} columns.")
    if not all(header):
        raise BadFile(f"Column {header.index('') + 1} has no name in the first row.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadFile(f"The first row names {twice[0]!r} twice.")
    return header


def _batches(rows: Iterable[tuple[int, Row]], width: int) -> Iterator[Batch]:
    rows = iter(rows)
    while batch := list(itertools.islice(rows, BATCH)):
        numbers, cells = map(list, zip(*batch, strict=True))
        faults = {
            place: fault
            for place, row in enumerate(cells)
            if len(row) != width and (fault := _fit(row, width))
        }
        yield Batch(numbers, cells, faults)


def _fit(row: Row, width: int) -> str:
    """Give the row as many cells as the header; return what is wrong with it."""
    fault = ""
    if len(row) < width or any(row[width:]):
        fault = f"The row has {len(row)} cells where the first row has {width}."
    row[width:] = []
    row.extend([""] * (width - len(row)))
    return fault


# --- CSV ----------------------------------------------------------------------


@contextmanager
def _csv_rows(file: BinaryIO) -> Iterator[Iterator[Row]]:
    if file.read(2) in OTHER_UNICODE:
        raise BadFile("The file is UTF-16: save it as CSV in UTF-8.")
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        delimiter = _delimiter(_first_line(text))
        text.seek(0)
        # No line is read further than this: what is longer falls into pieces,
        # which do not have the cells of the first row.
        lines = iter(partial(text.readline, LONGEST_LINE), "")
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        yield _told(reader)
    finally:
        text.detach()


def _first_line(text: io.TextIOWrapper) -> str:
    try:
        return text.readline(PEEK)
    except UnicodeDecodeError as error:
        raise _not_utf8(1) from error


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=line.count)


def _told(reader) -> Iterator[Row]:
    """Rows, with what stops the reading told in a sentence."""
    try:
        yield from reader
    except UnicodeDecodeError as error:
        raise _not_utf8(reader.line_num + 1) from error
    except csv.Error as error:
        raise BadFile(_broken(reader.line_num, str(error))) from error


def _not_utf8(line: int) -> BadFile:
    return BadFile(f"The file is not UTF-8 near line {line}: save it as CSV in UTF-8.")


def _broken(line: int, error: str) -> str:
    if "field larger" in error:
        return f"A cell near line {line} holds more than {LONGEST_CELL:,} characters."
    if "unexpected end" in error:
        return 'A cell that begins with " is never ended by another ".'
    return f'The quoting is broken on line {line}: a " inside a cell is written "".'


# --- Workbooks ----------------------------------------------------------------

GIBIBYTE = 1 << 30
MOST_BYTES = 2 * GIBIBYTE  # of a workbook, unpacked
MOST_SHARED_BYTES = GIBIBYTE // 4  # of its texts, which are held in memory
MOST_PARTS = 1_000


@contextmanager
def _workbook_rows(file: BinaryIO) -> Iterator[Iterator[Row]]:
    _check_size(file)
    book = _open_workbook(file)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may be wrong
        yield _told_of_workbook(sheet.iter_rows(values_only=True))
    finally:
        book.close()


def _check_size(file: BinaryIO) -> None:
    """Refuse a small file that unpacks into a huge one."""
    try:
        parts = zipfile.ZipFile(file).infolist()
    except zipfile.BadZipFile as error:
        raise BadFile("The workbook is damaged.") from error
    shared = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
    total = sum(part.file_size for part in parts)
    if total > MOST_BYTES or shared > MOST_SHARED_BYTES or len(parts) > MOST_PARTS:
        raise BadFile("The workbook is too large when unpacked: save it as CSV.")
    file.seek(0)


def _open_workbook(file: BinaryIO):
    # Any of a dozen libraries' exceptions comes out of a damaged workbook.
    try:
        book = openpyxl.load_workbook(
            file, read_only=True, keep_links=False, rich_text=False
        )
    except Exception as error:
        raise BadFile("The workbook is damaged, or is none.") from error
    if not book.worksheets:
        raise BadFile("The workbook has no sheet with cells.")
    return book


def _told_of_workbook(rows: Iterator[tuple]) -> Iterator[Row]:
    try:
        for row in rows:
            yield [*map(_text, row[: MOST_COLUMNS + 1])]
    except BadFile:
        raise
    except Exception as error:
        raise BadFile("The workbook is damaged.") from error


def _text(value) -> str:
    """A cell of a workbook as the text that a CSV file would have."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _checked(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _checked(text: str) -> str:
    if len(text) > LONGEST_CELL:
        raise BadFile(f"A cell holds more than {LONGEST_CELL:,} characters.")
    return text
