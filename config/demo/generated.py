"""Generated students: the same number of them is the same record each time.

What a student is follows from their number alone, so a greater number adds to
what an earlier load has made, and a load that was cut short is gone on with. The
tables are filled in steps, two at a time where neither needs the other.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from django.db import connection, transaction
from django.db.models import Model

from config.demo.record import MADE_AT
from config.demo.sections import (
    Section,
    generated_id,
    generated_name,
    insert_catalogue,
    insert_sections,
    last_generated,
    sections_of,
    terms_of_sections,
)
from config.demo.tables import Attach, Row, copy_rows
from enrollments.models import Enrollment
from offerings.models import Term
from registrations.models import Grade, Registration
from students.models import Dplan, Profile

STEP = 1000  # students whose rows of one table are one transaction
GROUP = 25  # students who share their sections
IDS = 16  # numbers that each student has for their rows of one kind
FORTNIGHT = 14 * 24 * 3600
MADE = str(MADE_AT)

Advance = Callable[[int], None]


def load_students(total: int, attach: Attach, advance: Advance) -> None:
    """Add the rows that are still missing to `total` generated students.

    `attach` puts a transaction into the history context of the load. `advance` is
    told of how many students a step was, for each of the TABLES.
    """
    with transaction.atomic():
        insert_catalogue()
        insert_sections(_group(total) + 1, terms_of_sections(), attach)
    for stage in STAGES:
        Filling(total, attach, advance).fill(stage)


def _group(number: int) -> int:
    return (number - 1) // GROUP


class GeneratedStudent:
    """All rows of one student, one kind after another."""

    def __init__(self, number: int, sections: list[Section], terms: list[Term]) -> None:
        self.ids = number * IDS
        self.id = generated_id("s", self.ids)
        self.netid = f"g{number:07}"
        self.sections = sections
        self.terms = terms

    def profile(self) -> Iterator[Row]:
        random = Random(f"profile {self.ids}")
        yield {
            "id": self.id,
            "netid": self.netid,
            **generated_name(random),
            "email": f"{self.netid}@example.edu",
            "is_confidential": random.random() < 0.005,
            "class_year": 2024 + random.randrange(6),
            "intake_id": self.sections[0].intake_id,
            "created_at": MADE,
            "updated_at": MADE,
        }

    def dplans(self) -> Iterator[Row]:
        random = Random(f"dplans {self.ids}")
        for which, term in enumerate(self.terms):
            yield {
                "id": generated_id("d", self.ids + which),
                "profile_id": self.id,
                "term_id": term.pk,
                "code_id": random.choice("RRRRRRLLOXT"),
                "source_id": random.choice(("PHL", "STU")),
                "updated_at": MADE,
            }

    def attempts(self) -> Iterator["Attempt"]:
        random = Random(self.ids)
        for which, section in enumerate(self.sections):
            yield Attempt(self.ids + which, section, random)

    def registrations(self) -> Iterator[Row]:
        for attempt in self.attempts():
            yield {"profile_id": self.id, **attempt.registration()}

    def grades(self) -> Iterator[Row]:
        for attempt in self.attempts():
            yield from attempt.grades()

    def enrollments(self) -> Iterator[Row]:
        for attempt in self.attempts():
            section = attempt.section
            submitted_at, opted_out_at = attempt.assessment()
            yield {
                "id": f"{section.section_id}-{self.netid}-student",
                "offering_id": section.offering_id,
                "profile_id": self.id,
                "role": Enrollment.Role.STUDENT.value,
                "registration_id": attempt.id,
                "assessment_submitted_at": submitted_at,
                "assessment_opted_out_at": opted_out_at,
                "created_at": attempt.made_at,
                "updated_at": attempt.made_at,
            }


class Attempt:
    """One of a student's registrations, with its grades and assessment."""

    def __init__(self, number: int, section: Section, random: Random) -> None:
        self.id = generated_id("r", number)
        self.section = section
        self.coursework = 30 + int(random.random() * 71)
        self.final = 30 + int(random.random() * 71)
        self.chance = random.random()  # of what comes once in a while
        self.is_ejected = section.is_over and self.chance > 0.99
        self.is_graded = section.is_over and not self.is_ejected
        early = timedelta(seconds=number % FORTNIGHT)
        self.made_at = str(section.opens_at + early)
        self.updated_at = section.ends_at if section.is_over else self.made_at

    def registration(self) -> Row:
        section = self.section
        return {
            "id": self.id,
            "unit_id": section.unit_id,
            "course_id": section.course_id,
            "intake_id": section.intake_id,
            "offering_id": section.offering_id,
            "state": "rejected" if self.is_ejected else "registered",
            "grade_state_id": self._grade_state() if self.is_graded else None,
            "grader_id": section.lecturer_id if self.is_graded else None,
            "began_at": section.begins_at,
            "ended_at": section.ends_at if section.is_over else None,
            "ejected_at": section.ends_at if self.is_ejected else None,
            "created_at": self.made_at,
            "updated_at": self.updated_at,
        }

    def _grade_state(self) -> str:
        return "pass" if self.final >= 50 else "fail"

    def grades(self) -> Iterator[Row]:
        yield self._grade(self.section.coursework_id, self.coursework)
        yield self._grade(self.section.final_id, self.final if self.is_graded else None)

    def _grade(self, column_id: str, value: int | None) -> Row:
        return {
            "registration_id": self.id,
            "column_id": column_id,
            "value": value and str(value),
            "published": self.is_graded,
            "updated_at": self.updated_at,
        }

    def assessment(self) -> tuple[str | None, str | None]:
        """When a student submitted the course assessment, or opted out of it."""
        if not self.section.is_over or self.chance < 0.2:
            return None, None
        moment = self.section.assessed_at
        return (None, moment) if self.chance < 0.25 else (moment, None)


@dataclass(frozen=True)
class Table:
    """A table with rows of every student, known by ids that hold their number."""

    model: type[Model]
    rows: Callable[[GeneratedStudent], Iterator[Row]]
    kind: str
    column: str = "pk"

    def present(self) -> int:
        """The number of the last student who has their rows."""
        return max(last_generated(self.model, self.kind, self.column) // IDS, 0)


# Those of one stage need those of the stages before it, and not each other.
STAGES = (
    (Table(Profile, GeneratedStudent.profile, "s"),),
    (
        Table(Registration, GeneratedStudent.registrations, "r"),
        Table(Dplan, GeneratedStudent.dplans, "d"),
    ),
    (
        Table(Grade, GeneratedStudent.grades, "r", "registration"),
        Table(Enrollment, GeneratedStudent.enrollments, "r", "registration"),
    ),
)
TABLES = sum(map(len, STAGES))


class Filling:
    """Fills tables up to a number of students, each on a connection of its own."""

    def __init__(self, total: int, attach: Attach, advance: Advance) -> None:
        self.total, self.attach, self.advance = total, attach, advance
        self.terms = terms_of_sections()
        self.is_stopped = threading.Event()

    def fill(self, tables: tuple[Table, ...]) -> None:
        if connection.in_atomic_block:  # no other connection would see its rows
            for table in tables:
                self.fill_one(table)
            return
        with ThreadPoolExecutor(len(tables)) as threads:
            fillings = [threads.submit(self.fill_apart, table) for table in tables]
            try:
                for filling in fillings:
                    filling.result()
            except BaseException:
                self.is_stopped.set()
                raise

    def fill_apart(self, table: Table) -> None:
        try:
            self.fill_one(table)
        finally:
            connection.close()

    def fill_one(self, table: Table) -> None:
        present = min(table.present(), self.total)
        self.advance(present)
        for start in range(present + 1, self.total + 1, STEP):
            if self.is_stopped.is_set():
                return
            numbers = range(start, min(start + STEP, self.total + 1))
            self.add(table, numbers)
            self.advance(len(numbers))

    @transaction.atomic
    def add(self, table: Table, numbers: range) -> None:
        sections = sections_of(range(_group(numbers[0]), _group(numbers[-1]) + 1))
        students = (
            GeneratedStudent(number, sections[_group(number)], self.terms)
            for number in numbers
        )
        self.attach()
        copy_rows(table.model, (row for each in students for row in table.rows(each)))
