import pytest

from transfer.cells import (
    Cell,
    Choice,
    Code,
    Day,
    Email,
    Flag,
    Identity,
    Moment,
    Number,
    Whole,
    Words,
)


def read(cell, *texts):
    faults = []
    values = cell.read(texts, lambda place, fault: faults.append((place, fault)))
    return [value or None for value in values], faults


TEXT = Cell(5)
ROLE = Choice(["student", "instructor"])


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        (TEXT, "", None),
        (TEXT, "  Ada ", "Ada"),
        (TEXT, "'=1", "=1"),
        (TEXT, "''=1", "'=1"),
        (TEXT, "'t", "'t"),
        (TEXT, "+1", "+1"),
        (TEXT, "-", "-"),
        (Identity(64), "f00-A.b_c~", "f00-A.b_c~"),
        (Identity(64), "'-a", "-a"),
        (Code(64), "CS 101 Ü", "CS 101 Ü"),
        (Email(254), "ada@example.edu", "ada@example.edu"),
        (Email(254), "'+ada@example.edu", "+ada@example.edu"),
        (Email(254), "o'neil@example", "o'neil@example"),
        (Whole(32_767), "32767", "32767"),
        (Whole(32_767), "007", "007"),
        (Number(), "82.5", "82.5"),
        (Number(), "100", "100"),
        (Flag(), "true", "true"),
        (Flag(), "TRUE", "t"),
        (Flag(), "no", "no"),
        (Day(), "2024-02-29", "2024-02-29"),
        (Day(), "2024-02-29T00:00:00", "2024-02-29"),
        (Moment(), "2024-01-31T09:30:00Z", "2024-01-31T09:30:00Z"),
        (Moment(), "2024-01-31T09:30:00+01:00", "2024-01-31T08:30:00+00:00"),
        (Moment(), "2024-01-31 09:30", "2024-01-31T09:30:00+00:00"),
        (ROLE, "student", "student"),
        (Words(100), "A|B plus|C", '{"A","B plus","C"}'),
        (Words(100), 'say "A"|\\', '{"say \\"A\\"","\\\\"}'),
    ],
)
def test_it_reads_what_a_cell_says(cell, text, value):
    assert read(cell, text) == ([value], [])


@pytest.mark.parametrize(
    ("cell", "text", "fault"),
    [
        (TEXT, "Babbage", "has more than 5 characters"),
        (TEXT, "=1+1", "holds a formula: paste its value, or put ' before it"),
        (Identity(64), "a b", "is no id: letters, digits and . _ ~ - only"),
        (Identity(3), "abcd", "has more than 3 characters"),
        (Code(64), "A\nB", "has a character that cannot be printed"),
        (Email(254), "ada", "is no e-mail address"),
        (Email(254), "=a@b", "holds a formula: paste its value, or put ' before it"),
        (Whole(32_767), "32768", "is more than 32767"),
        (Whole(32_767), "-1", "is no whole number"),
        (Whole(32_767), "1.0", "is no whole number"),
        (Whole(32_767), "٣", "is no whole number"),
        (Number(), "1e3", "is no number of at most 10 digits and 6 decimals"),
        (Number(), "1.1234567", "is no number of at most 10 digits and 6 decimals"),
        (Flag(), "maybe", "is neither true nor false"),
        (Day(), "2024-02-30", "is no date such as 2024-01-31"),
        (Day(), "20240131", "is no date such as 2024-01-31"),
        (Day(), "31.1.2024", "is no date such as 2024-01-31"),
        (Moment(), "2024-13-01T00:00:00Z", "is no moment such as 2024-01-31T09:30:00Z"),
        (Moment(), "noon", "is no moment such as 2024-01-31T09:30:00Z"),
        (ROLE, "Student", "is none of student, instructor"),
        (Words(100), "A||B", "is no list of words with | between them"),
    ],
)
def test_it_refuses_what_a_cell_cannot_hold(cell, text, fault):
    assert read(cell, text) == ([None], [(0, fault)])


def test_it_tells_of_every_cell_of_a_batch_that_is_wrong():
    values, faults = read(Whole(10), "1", "x", "", "11", "2")
    assert values == ["1", None, None, None, "2"]
    assert faults == [(1, "is no whole number"), (3, "is more than 10")]
