"""The forms that an export can have. Rows come as columns of text cells."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any, BinaryIO, Protocol

import orjson

from config.formulas import LIKE_A_FORMULA, escape
from transfer.errors import BadFile
from transfer.files import MOST_ROWS_OF_A_SHEET
from transfer.kind import Kind

Cells = Sequence[Sequence[str | None]]  # by column

NOT_IN_A_SHEET = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Heading(Protocol):
    """What stands above the rows of a file."""

    @property
    def title(self) -> str: ...
    @property
    def names(self) -> list[str]: ...


def _escaped(cells: Cells) -> list[Sequence[str | None]]:
    """No cell of them is run by a spreadsheet that opens the file."""
    return [
        [text and escape(text) for text in column]
        if any(map(LIKE_A_FORMULA.match, filter(None, column)))
        else column
        for column in cells
    ]


class CsvWriter:
    suffix = "csv"
    content_type = "text/csv; charset=utf-8"

    def __init__(self, out: BinaryIO, kind: Heading) -> None:
        self.text = io.TextIOWrapper(out, encoding="utf-8", newline="")
        self.writer = csv.writer(self.text)
        self.writer.writerow(kind.names)

    def write(self, cells: Cells) -> None:
        self.writer.writerows(zip(*_escaped(cells), strict=True))

    def close(self) -> None:
        self.text.flush()
        self.text.detach()


class JsonWriter:
    """One JSON object a line. Nothing is escaped: no spreadsheet reads it."""

    suffix = "jsonl"
    content_type = "application/jsonl"

    def __init__(self, out: BinaryIO, kind: Kind) -> None:
        self.out = out
        self.columns = kind.columns

    def write(self, cells: Cells) -> None:
        for row in zip(*cells, strict=True):
            self.out.write(orjson.dumps(self._object(row)) + b"\n")

    def _object(self, row: Sequence[str | None]) -> dict[str, Any]:
        return {
            column.name: None if text is None else column.cell.as_json(text)
            for column, text in zip(self.columns, row, strict=True)
        }

    def close(self) -> None:
        pass


class WorkbookWriter:
    suffix = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, out: BinaryIO, kind: Heading) -> None:
        from openpyxl import Workbook  # here, for the start of every web process

        self.out = out
        self.book = Workbook(write_only=True)  # keeps its rows on disk
        self.sheet = self.book.create_sheet(kind.title)
        self.sheet.append(kind.names)
        self.rows = 1

    def write(self, cells: Cells) -> None:
        self.rows += len(cells[0])
        if self.rows > MOST_ROWS_OF_A_SHEET:
            raise BadFile("A sheet has no room for that many rows: export CSV.")
        for row in zip(*_escaped(cells), strict=True):
            self.sheet.append(
                [text and NOT_IN_A_SHEET.sub("\ufffd", text) for text in row]
            )

    def close(self) -> None:
        self.book.save(self.out)


FORMATS = {writer.suffix: writer for writer in (CsvWriter, WorkbookWriter, JsonWriter)}
