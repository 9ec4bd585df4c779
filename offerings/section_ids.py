"""What a section's id says: `{subject}.{number}.{section}-{term}-{part}-{crn}`.

A course number may itself hold dots, so the parts are taken from the right.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class SectionId:
    """A class section as its id names it."""

    subject: str
    number: str  # of the course, such as 010 or 010.05
    section: str
    term_code: str
    part_of_term: str
    crn: str

    def __str__(self) -> str:
        title = f"{self.subject}.{self.number}.{self.section}"
        return f"{title}-{self.term_code}-{self.part_of_term}-{self.crn}"


@dataclass(frozen=True)
class EnrollmentId:
    """A person in a section, as an enrollment's id names them."""

    section_id: str
    netid: str
    role: str

    def __str__(self) -> str:
        return f"{self.section_id}-{self.netid}-{self.role}"


def parse_section_id(text: str) -> SectionId:
    """Read a section's id. Raises ValueError for what is none."""
    title, term_code, part_of_term, crn = _from_right(text, "-", 4)
    course, section = _from_right(title, ".", 2)
    subject, _, number = course.partition(".")
    parts = SectionId(subject, number, section, term_code, part_of_term, crn)
    if not all((subject, number, section, term_code, part_of_term, crn)):
        raise ValueError(f"{text!r} leaves a part of a section's id empty")
    return parts


def parse_enrollment_id(text: str) -> EnrollmentId:
    """Read an enrollment's id. Raises ValueError for what is none."""
    parts = EnrollmentId(*_from_right(text, "-", 3))
    if not all((parts.section_id, parts.netid, parts.role)):
        raise ValueError(f"{text!r} leaves a part of an enrollment's id empty")
    return parts


def _from_right(text: str, separator: str, count: int) -> list[str]:
    parts = text.rsplit(separator, count - 1)
    if len(parts) != count:
        raise ValueError(f"{text!r} has fewer than {count} parts between {separator!r}")
    return parts
