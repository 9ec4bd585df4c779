"""Generated students: the same number of them is the same record each time.

What a student is follows from their number alone, so a greater number adds to
what an earlier load has made.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection
from django.db.models import Max, Model
from django.utils import timezone

from config.demo.record import MADE_AT
from config.demo.sections import (
    Section,
    generated_id,
    generated_name,
    insert_catalogue,
    insert_sections,
    terms_of_sections,
)
from config.demo.tables import copy_rows
from enrollments.models import Enrollment
from offerings.models import Term
from registrations.models import Grade, Registration
from students.models import Dplan, Profile

STEP = 1000  # students in memory at a time
GROUP = 25  # students who share their sections
LARGEST = 16**8

Row = dict[str, Any]
Tables = list[tuple[type[Model], list[Row]]]


def load_students(total: int, advance: Callable[[int], None]) -> None:
    """Add the generated students that are still missing to `total`."""
    present = min(_present(), total)
    advance(present)
    if present == total:
        return
    _check_keys_at_once()
    insert_catalogue()
    for students, tables in _built_ahead(range(present + 1, total + 1)):
        for model, rows in tables:
            copy_rows(model, rows)
        advance(students)


def _present() -> int:
    """How many generated students there are: the number of the last."""
    bounds = (generated_id("s", 0), generated_id("s", LARGEST))
    last = Profile.objects.filter(pk__range=bounds).aggregate(last=Max("pk"))["last"]
    return int(last[-8:], 16) if last else 0


def _check_keys_at_once() -> None:
    # Foreign keys that wait for the commit would queue in memory, one by one.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _built_ahead(numbers: range) -> Iterator[tuple[int, Tables]]:
    """Yield a step's number of students and rows; the next is built meanwhile."""
    terms = terms_of_sections()
    with ThreadPoolExecutor(max_workers=1) as builder:
        built = None
        for start in range(0, len(numbers), STEP):
            step = numbers[start : start + STEP]
            sections = insert_sections(
                range(_group(step[0]), _group(step[-1]) + 1), terms
            )
            building = builder.submit(_tables, step, sections, terms)
            if built:
                yield built.result()
            built = building
        if built:
            yield built.result()


def _tables(
    numbers: range, sections: dict[int, list[Section]], terms: list[Term]
) -> tuple[int, Tables]:
    students = [
        GeneratedStudent(number, sections[_group(number)], terms) for number in numbers
    ]
    return len(students), [
        (model, [row for student in students for row in rows(student)])
        for model, rows in (
            (Profile, GeneratedStudent.profile),
            (Dplan, GeneratedStudent.dplans),
            (Registration, GeneratedStudent.registrations),
            (Grade, GeneratedStudent.grades),
            (Enrollment, GeneratedStudent.enrollments),
        )
    ]


def _group(number: int) -> int:
    return (number - 1) // GROUP


class GeneratedStudent:
    """All rows of one student, one kind after another."""

    def __init__(self, number: int, sections: list[Section], terms: list[Term]) -> None:
        self.number = number
        self.id = generated_id("s", number)
        self.netid = f"g{number:07}"
        self.random = Random(number)
        self.terms = terms
        self.attempts = [
            Attempt(number, which, section, self.random)
            for which, section in enumerate(sections)
        ]

    def profile(self) -> Iterator[Row]:
        name = generated_name(self.random)
        yield {
            "id": self.id,
            "netid": self.netid,
            **name,
            "email": f"{self.netid}@example.edu",
            "is_confidential": self.random.random() < 0.005,
            "class_year": 2024 + self.random.randrange(6),
            "intake_id": self.attempts[0].section.intake_id,
            "created_at": MADE_AT,
            "updated_at": MADE_AT,
        }

    def dplans(self) -> Iterator[Row]:
        for which, term in enumerate(self.terms):
            yield {
                "id": generated_id("d", self.number * 16 + which),
                "profile_id": self.id,
                "term_id": term.pk,
                "code_id": self.random.choice("RRRRRRLLOXT"),
                "source_id": self.random.choice(("PHL", "STU")),
                "updated_at": MADE_AT,
            }

    def registrations(self) -> Iterator[Row]:
        for attempt in self.attempts:
            yield {"profile_id": self.id, **attempt.registration()}

    def grades(self) -> Iterator[Row]:
        for attempt in self.attempts:
            yield from attempt.grades()

    def enrollments(self) -> Iterator[Row]:
        for attempt in self.attempts:
            section = attempt.section
            submitted_at, opted_out_at = attempt.assessment()
            yield {
                "id": f"{section.section_id}-{self.netid}-student",
                "offering_id": section.offering_id,
                "profile_id": self.id,
                "role": Enrollment.Role.STUDENT,
                "registration_id": attempt.id,
                "assessment_submitted_at": submitted_at,
                "assessment_opted_out_at": opted_out_at,
                "created_at": attempt.made_at,
                "updated_at": attempt.made_at,
            }


class Attempt:
    """One of a student's registrations, with its grades and assessment."""

    def __init__(self, number: int, which: int, section: Section, random: Random):
        self.section = section
        self.made_at = section.begins_at - timedelta(
            days=14, seconds=-(number % 1_000_000)
        )
        self.id = f"{int(self.made_at.timestamp()):08x}{number:012x}{which:04x}"
        self.coursework = random.randint(30, 100)
        self.final = random.randint(30, 100)
        self.is_over = section.ends_at < timezone.now()
        self.is_ejected = self.is_over and random.random() < 0.01
        self.chance = random.random()  # of what comes once in a while

    @property
    def is_graded(self) -> bool:
        return self.is_over and not self.is_ejected

    def registration(self) -> Row:
        section, ended_at = self.section, self.section.ends_at
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
            "ended_at": ended_at if self.is_over else None,
            "ejected_at": ended_at if self.is_ejected else None,
            "created_at": self.made_at,
            "updated_at": ended_at if self.is_over else self.made_at,
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
            "updated_at": self.section.ends_at if self.is_over else self.made_at,
        }

    def assessment(self) -> tuple[datetime | None, datetime | None]:
        """When a student submitted the course assessment, or opted out of it."""
        if not self.is_over or self.chance > 0.8:
            return None, None
        moment = self.section.ends_at - timedelta(days=3)
        return (None, moment) if self.chance < 0.05 else (moment, None)
