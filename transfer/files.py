"""Reading files of rows: CSV or a workbook, in batches, with flat memory.

What a file says is text. Rows are counted as a spreadsheet does: the header is
row 1.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO

from transfer.errors import BadFile

BATCH = 2_000  # rows
MOST_COLUMNS = 200
LONGEST_NAME = 200  # of a column
LONGEST_CELL = csv.field_size_limit()  # characters
LONGEST_LINE = 1 << 22  # characters
LONGEST_ROW = 1 << 25  # of which a cell with line breaks may have many
LONGEST_BATCH = 1 << 22  # or a row more
DELIMITERS = ",;\t"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"  # .xls, and .xlsx with a password
ZIP = b"PK\x03\x04"
OTHER_UNICODE = (b"\xff\xfe", b"\xfe\xff")
PEEK = 1 << 16

Row = list[str]
Numbered = Iterator[tuple[int, Row]]


class Source:
    """Rows that are read one by one, and how many characters that took so far."""

    characters = 0

    def __iter__(self) -> Iterator[Row]:
        raise NotImplementedError


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
    with _workbook_rows(file) if start.startswith(ZIP) else _csv_rows(file) as source:
        yield _sheet(source)


def _sheet(source: Source) -> Sheet:
    numbered = enumerate(source, start=1)
    header = _header(next(numbered, (1, []))[1])
    filled = (row for row in numbered if any(row[1]))  # blank rows say nothing
    return Sheet(header, _batches(filled, len(header), source))


def _header(cells: Row) -> Row:
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise BadFile("The first row must name the columns, and it is empty.")
    if len(header) > MOST_COLUMNS:
        raise BadFile(f"The file has more than {MOST_COLUMNS} columns.")
    for number, name in enumerate(header, start=1):
        if not name:
            raise BadFile(f"Column {number} has no name in the first row.")
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise BadFile(
                f"Column {number} has a name that is none: one line of at most "
                f"{LONGEST_NAME} characters."
            )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise BadFile(f"The first row names {twice[0]!r} twice.")
    return header


def _batches(rows: Numbered, width: int, source: Source) -> Iterator[Batch]:
    while batch := _some(rows, source):
        numbers, cells = map(list, zip(*batch, strict=True))
        faults = {
            place: fault
            for place, row in enumerate(cells)
            if len(row) != width and (fault := _fit(row, width))
        }
        yield Batch(numbers, cells, faults)


def _some(rows: Numbered, source: Source) -> list[tuple[int, Row]]:
    """The next rows: so many, or so much text."""
    some = []
    most = source.characters + LONGEST_BATCH
    for row in rows:
        some.append(row)
        if len(some) == BATCH or source.characters > most:
            break
    return some


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
def _csv_rows(file: BinaryIO) -> Iterator[Source]:
    if file.read(2) in OTHER_UNICODE:
        raise BadFile("The file is UTF-16: save it as CSV in UTF-8.")
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        delimiter = _delimiter(_first_line(text))
        text.seek(0)
        yield CsvRows(text, delimiter)
    finally:
        text.detach()


def _first_line(text: io.TextIOWrapper) -> str:
    try:
        return text.readline(PEEK)
    except UnicodeDecodeError as error:
        raise _not_utf8(1) from error


def _delimiter(line: str) -> str:
    return max(DELIMITERS, key=line.count)


class CsvRows(Source):
    """Rows of CSV, with what stops the reading told in a sentence."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        self.text = text
        self.reader = csv.reader(self._lines(), delimiter=delimiter, strict=True)
        self.row_ends_by = LONGEST_ROW  # characters

    def __iter__(self) -> Iterator[Row]:
        try:
            for row in self.reader:
                self.row_ends_by = self.characters + LONGEST_ROW
                yield row
        except UnicodeDecodeError as error:
            raise _not_utf8(self.reader.line_num + 1) from error
        except csv.Error as error:
            raise BadFile(_broken(self.reader.line_num, str(error))) from error

    def _lines(self) -> Iterator[str]:
        # No line is read further than this: what is longer falls into pieces,
        # which do not have the cells of the first row.
        while line := self.text.readline(LONGEST_LINE):
            self.characters += len(line)
            if self.characters > self.row_ends_by:
                raise BadFile(
                    f"A row that ends after line {self.reader.line_num} is too long."
                )
            yield line


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
MOST_HELD_BYTES = GIBIBYTE // 8  # of its texts and styles, which stay in memory
MOST_PARTS = 1_000
MOST_ROWS_OF_A_SHEET = 1_048_576
SHEETS = "xl/worksheets/"


@contextmanager
def _workbook_rows(file: BinaryIO) -> Iterator[Source]:
    _check_size(file)
    book = _open_workbook(file)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size may be wrong
        # Rows that it leaves out come as empty ones; a file may say how many.
        most = MOST_ROWS_OF_A_SHEET + 1
        yield WorkbookRows(sheet.iter_rows(values_only=True, max_row=most))
    finally:
        book.close()


def _check_size(file: BinaryIO) -> None:
    """Refuse a small file that unpacks into a huge one."""
    try:
        parts = zipfile.ZipFile(file).infolist()
    except zipfile.BadZipFile as error:
        raise BadFile("The workbook is damaged.") from error
    held = sum(part.file_size for part in parts if SHEETS not in part.filename)
    total = sum(part.file_size for part in parts)
    if total > MOST_BYTES or held > MOST_HELD_BYTES or len(parts) > MOST_PARTS:
        raise BadFile("The workbook is too large when unpacked: save it as CSV.")
    file.seek(0)


def _open_workbook(file: BinaryIO):
    import openpyxl  # here, as every web process would start later for it

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


class WorkbookRows(Source):
    """Rows of a sheet, as CSV would have them."""

    def __init__(self, rows: Iterator[tuple]) -> None:
        self.rows = rows

    def __iter__(self) -> Iterator[Row]:
        try:
            yield from self._read()
        except BadFile:
            raise
        except Exception as error:
            raise BadFile("The workbook is damaged.") from error

    def _read(self) -> Iterator[Row]:
        for number, cells in enumerate(self.rows, start=1):
            if number > MOST_ROWS_OF_A_SHEET:
                raise BadFile("The sheet has too many rows: save it as CSV.")
            row = [*map(_text, cells[: MOST_COLUMNS + 1])]
            self.characters += sum(map(len, row))
            yield row


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
