import pytest

from offerings.section_ids import (
    EnrollmentId,
    SectionId,
    parse_enrollment_id,
    parse_section_id,
)

PLAIN = SectionId("AAAS", "010", "01", "202001", "U", "10188")
DOTTED = SectionId("AAAS", "010.05", "01", "202001", "U", "10188")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("AAAS.010.01-202001-U-10188", PLAIN),
        ("AAAS.010.05.01-202001-U-10188", DOTTED),
    ],
)
def test_it_takes_a_section_apart_from_the_right(text, parts):
    assert parse_section_id(text) == parts
    assert str(parts) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AAAS.010.01",
        "AAAS.010.01-202001-U",
        "AAAS.01-202001-U-10188",
        "AAAS.010.01-202001--10188",
        ".010.01-202001-U-10188",
        "AAAS..01-202001-U-10188",
        "AAAS.010.01-202001-U-",
    ],
)
def test_it_refuses_what_names_no_section(text):
    with pytest.raises(ValueError, match="part"):
        parse_section_id(text)


def test_it_takes_an_enrollment_apart_from_the_right():
    text = "AAAS.010.05.01-202001-U-10188-f002qt1-student"
    parts = EnrollmentId("AAAS.010.05.01-202001-U-10188", "f002qt1", "student")
    assert parse_enrollment_id(text) == parts
    assert str(parts) == text


@pytest.mark.parametrize("text", ["", "f002qt1-student", "-f002qt1-student", "a--b"])
def test_it_refuses_what_names_no_enrollment(text):
    with pytest.raises(ValueError, match="part"):
        parse_enrollment_id(text)
