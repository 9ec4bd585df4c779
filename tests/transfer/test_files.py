import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from transfer.errors import BadFile
from transfer.files import open_sheet


def read(content):
    """The header, the rows with their numbers, and the faults of a file."""
    with open_sheet(io.BytesIO(content)) as sheet:
        batches = [*sheet.batches]
    rows = [
        pair
        for batch in batches
        for pair in zip(batch.numbers, batch.rows, strict=True)
    ]
    faults = {
        batch.numbers[place]: fault
        for batch in batches
        for place, fault in batch.faults.items()
    }
    return sheet.header, rows, faults


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def packed(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(f"{name}.xml", content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"code,name\nA,Physics\n",
        b"code;name\nA;Physics\n",
        b"code\tname\nA\tPhysics\n",
        b"\xef\xbb\xbfcode,name\r\nA,Physics\r\n",
        b'"code","name"\n"A","Physics"',
        b"code,name,\nA,Physics,\n",
        b"code,name\n\n,\nA,Physics\n"[:10] + b"A,Physics\n",
    ],
    ids=["comma", "semicolon", "tab", "mark", "quotes", "trailing", "plain"],
)
def test_it_reads_csv_as_programs_write_it(content):
    assert read(content) == (["code", "name"], [(2, ["A", "Physics"])], {})


def test_it_counts_rows_as_a_spreadsheet_does_and_leaves_out_blank_ones():
    content = b"code,name\n\nA,Physics\n,\nB,Music\n"
    assert read(content)[1] == [(3, ["A", "Physics"]), (5, ["B", "Music"])]


def test_it_keeps_quotes_and_line_breaks_of_a_cell():
    content = b'code,name\nA,"Say ""yes"",\nor no"\n'
    assert read(content)[1] == [(2, ["A", 'Say "yes",\nor no'])]


def test_it_tells_of_each_row_that_has_other_cells_than_the_first():
    header, rows, faults = read(b"code,name\nA\nB,Music\nC,Art,more\n")
    assert rows == [(2, ["A", ""]), (3, ["B", "Music"]), (4, ["C", "Art"])]
    assert faults == {
        2: "The row has 1 cells where the first row has 2.",
        4: "The row has 3 cells where the first row has 2.",
    }


def test_it_reads_more_rows_than_a_batch():
    content = b"code\n" + b"".join(b"%d\n" % number for number in range(5_000))
    numbers = [number for number, _ in read(content)[1]]
    assert numbers == [*range(2, 5_002)]


def test_it_reads_the_values_of_a_workbook_as_text():
    content = workbook(
        ["text", "number", "fraction", "tiny", "flag", "day", "moment", "none"],
        [
            *("007", 82, 82.50, 0.00001, True),
            *(date(2024, 1, 31), datetime(2024, 1, 31, 9, 30), None),
        ],
    )
    assert read(content)[1] == [
        (
            2,
            [
                *("007", "82", "82.5", "0.00001", "true"),
                *("2024-01-31T00:00:00", "2024-01-31T09:30:00", ""),
            ],
        )
    ]


def test_it_reads_the_first_sheet_of_a_workbook_and_leaves_out_blank_rows():
    content = workbook(["code", "name"], [None, None], ["A", "Physics"])
    assert read(content) == (["code", "name"], [(3, ["A", "Physics"])], {})


def test_it_keeps_what_a_formula_says_so_that_its_cell_is_refused():
    assert read(workbook(["code"], ["=1+1"]))[1] == [(2, ["=1+1"])]


def test_it_never_reads_a_line_of_any_length_into_memory_at_once():
    header, rows, faults = read(b"code\n" + b"A," * 2_200_000)
    assert faults == {
        2: "The row has 2097153 cells where the first row has 1.",
        3: "The row has 102849 cells where the first row has 1.",
    }


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The first row must name the columns, and it is empty."),
        (b",,\nA,B,C", "The first row must name the columns, and it is empty."),
        (b"code,,name\n", "Column 2 has no name in the first row."),
        (b"code,name,code\n", "The first row names 'code' twice."),
        (b"a," * 200 + b"b\n", "The file has more than 200 columns."),
        (
            "code\nMüller".encode("utf-16"),
            "The file is UTF-16: save it as CSV in UTF-8.",
        ),
        (
            "code,name\nA,Müller\n".encode("latin-1"),
            "The file is not UTF-8 near line 1: save it as CSV in UTF-8.",
        ),
        (
            b'code,name\nA,"Phys"ics\n',
            'The quoting is broken on line 2: a " inside a cell is written "".',
        ),
        (
            b'code,name\nA,"Physics\nB,Music\n',
            'A cell that begins with " is never ended by another ".',
        ),
        (
            b"code\n" + b"A" * 140_000,
            "A cell near line 2 holds more than 131,072 characters.",
        ),
        (
            OLD,
            "This is a workbook in the old .xls form, or one with a password: save it "
            "as .xlsx, without a password.",
        ),
        (b"PK\x03\x04 not a zip", "The workbook is damaged."),
        (packed(nothing="x"), "The workbook is damaged, or is none."),
        (
            b'code\n"' + b"\n" * 131_073 + b'"\n',
            "A cell near line 131074 holds more than 131,072 characters.",
        ),
        (
            workbook(["code"], ["A" * 32_767], ["B"])[:-200],
            "The workbook is damaged.",
        ),
    ],
)
def test_it_refuses_a_bad_file_with_a_sentence(content, sentence):
    with pytest.raises(BadFile) as refusal:
        read(content)
    assert refusal.value.message == sentence


@pytest.mark.parametrize(
    "parts",
    [
        dict.fromkeys([f"part{number}" for number in range(1_001)], 0),
        {"sharedStrings": 129 << 20},
        {"styles": 129 << 20},
    ],
    ids=["many", "texts", "styles"],
)
def test_it_refuses_a_workbook_that_unpacks_into_much(parts):
    content = packed(**{name: "A" * size for name, size in parts.items()})
    with pytest.raises(BadFile) as refusal:
        read(content)
    assert refusal.value.message == (
        "The workbook is too large when unpacked: save it as CSV."
    )


def test_it_refuses_a_workbook_that_unpacks_into_gigabytes():
    content = packed(sheet="A" * (1 << 20))
    declared = (1 << 20).to_bytes(4, "little")
    bomb = content.replace(declared, (4_000_000_000).to_bytes(4, "little"))
    with pytest.raises(BadFile) as refusal:
        read(bomb)
    assert refusal.value.message == (
        "The workbook is too large when unpacked: save it as CSV."
    )


def test_it_refuses_a_row_that_never_ends():
    cell = b'"' + b"x" * 100_000 + b'\n",'
    with pytest.raises(BadFile) as refusal:
        read(b"code\n" + cell * 340)
    assert refusal.value.message == "A row that ends after line 336 is too long."


def test_it_holds_no_more_text_at_once_than_it_must():
    content = b"code\n" + (b"x" * 100_000 + b"\n") * 100
    with open_sheet(io.BytesIO(content)) as sheet:
        sizes = [len(batch.rows) for batch in sheet.batches]
    assert sizes == [42, 42, 16]


def test_it_refuses_a_sheet_that_skips_more_rows_than_it_can_have():
    rows = '<row r="1"><c t="inlineStr"><is><t>code</t></is></c></row>'
    far = '<row r="9999999999"><c t="inlineStr"><is><t>A</t></is></c></row>'
    empty = io.BytesIO(workbook())
    made = io.BytesIO()
    with zipfile.ZipFile(empty) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.namelist():
            content = old.read(part).decode()
            if part == "xl/worksheets/sheet1.xml":
                content = (
                    '<worksheet xmlns="http://schemas.openxmlformats.org/'
                    f'spreadsheetml/2006/main"><sheetData>{rows}{far}</sheetData>'
                    "</worksheet>"
                )
            new.writestr(part, content)
    with pytest.raises(BadFile) as refusal:
        read(made.getvalue())
    assert refusal.value.message == "The sheet has too many rows: save it as CSV."
