"""The courses, intakes and sections in which generated students study.

Forty courses of four units each. A group of students shares an intake of its
course and one section of each unit.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from django.db.models import Max, Model
from django.utils import timezone

from config.demo.names import FIRST_NAMES, LAST_NAMES, SUBJECTS
from config.demo.record import MADE_AT, PAST_TERMS
from config.demo.tables import Attach, Row, copy_rows, insert_missing
from offerings.models import (
    Course,
    CourseIntake,
    GradeColumn,
    Lecturer,
    Term,
    Unit,
    UnitOffering,
    UnitVersion,
)

LARGEST = 16**10 - 1
NUMBERS = ("010", "020.05", "031", "044")  # one unit each, in every subject


@dataclass(frozen=True)
class Section:
    """One section of a group, as the rows of its students repeat it.

    Moments are text, which streams into the database six times as fast.
    """

    offering_id: str
    section_id: str
    course_id: str
    intake_id: str
    unit_id: str
    coursework_id: str
    final_id: str
    lecturer_id: str
    opens_at: datetime  # a fortnight before it begins
    begins_at: str
    ends_at: str
    assessed_at: str
    is_over: bool


def generated_id(kind: str, number: int) -> str:
    """The id of the n-th generated row of a kind, told by one letter."""
    return f"67656e{ord(kind):02x}{number:016x}"


def last_generated(model: type[Model], kind: str, column: str = "pk") -> int:
    """The greatest number of a generated id in a column; -1 where there is none."""
    least, most = generated_id(kind, 0), generated_id(kind, LARGEST)
    bounds = {f"{column}__gte": least, f"{column}__lte": most}
    last = model._default_manager.filter(**bounds).aggregate(last=Max(column))["last"]
    return int(last[-10:], 16) if last else -1


def generated_name(random: Random) -> dict[str, str]:
    return {
        "first_name": random.choice(FIRST_NAMES),
        "last_name": random.choice(LAST_NAMES),
    }


def terms_of_sections() -> list[Term]:
    """The terms of the demo record and the one that holds today."""
    past = Term.objects.filter(code__in=PAST_TERMS)
    today = Term.objects.in_session().exclude(code=None).order_by("code")[:1]
    return sorted({*past, *today}, key=lambda term: term.code)


def insert_catalogue() -> None:
    """Insert the courses and units, where an earlier load has not."""
    courses = range(len(SUBJECTS))
    units = range(len(SUBJECTS) * len(NUMBERS))
    for rows in (
        map(_course, courses),
        map(_unit, units),
        map(_version, units),
        (column for unit in units for column in _columns(unit)),
    ):
        insert_missing(rows)


def _course(number: int) -> Course:
    subject = SUBJECTS[number]
    return Course(
        pk=generated_id("c", number), code=subject, name=f"Studies in {subject}"
    )


def _unit(number: int) -> Unit:
    return Unit(
        pk=generated_id("u", number),
        course_id=generated_id("c", number // len(NUMBERS)),
        code=_unit_code(number),
        title=f"Topics in {_unit_code(number)}",
    )


def _unit_code(number: int) -> str:
    course, which = divmod(number, len(NUMBERS))
    return f"{SUBJECTS[course]}.{NUMBERS[which]}"


def _version(number: int) -> UnitVersion:
    unit = _unit(number)
    return UnitVersion(pk=generated_id("v", number), unit_id=unit.pk, title=unit.title)


def _columns(number: int) -> list[GradeColumn]:
    unit_id = generated_id("u", number)
    return [
        GradeColumn(
            pk=generated_id(kind, number),
            unit_id=unit_id,
            name=name,
            label=label,
            maximum=100,
            position=position,
        )
        for position, (kind, name, label) in enumerate(
            [("w", "__coursework", "Coursework"), ("f", "final", "Final grade")]
        )
    ]


def insert_sections(groups: int, terms: list[Term], attach: Attach) -> None:
    """Insert what each group shares, up to that many groups.

    A group that an earlier load has made keeps the terms of that load.
    """
    missing = range(last_generated(CourseIntake, "i") + 1, groups)
    if not missing:
        return
    attach()
    copy_rows(CourseIntake, map(_intake, missing))
    copy_rows(Lecturer, map(_lecturer, missing))
    copy_rows(
        UnitOffering,
        (
            _offering(group, which, terms[(group + which) % len(terms)])
            for group in missing
            for which in range(len(NUMBERS))
        ),
    )


def _intake(group: int) -> Row:
    course = group % len(SUBJECTS)
    return {
        "id": generated_id("i", group),
        "course_id": generated_id("c", course),
        "name": f"{SUBJECTS[course]} group {group + 1}",
    }


def _lecturer(group: int) -> Row:
    return {
        "id": generated_id("l", group),
        "netid": f"l{group + 1:06}",
        **generated_name(Random(f"lecturer {group}")),
    }


def _offering(group: int, which: int, term: Term) -> Row:
    unit, number = _unit_number(group, which), group * len(NUMBERS) + which
    section = group // len(SUBJECTS) + 1
    section_id = f"{_unit_code(unit)}.{section:02}-{term.code}-U-{20000 + number}"
    return {
        "id": generated_id("o", number),
        "code": section_id,
        "section_id": section_id,
        "part_of_term": "U",
        "unit_version_id": generated_id("v", unit),
        "course_intake_id": generated_id("i", group),
        "lecturer_id": generated_id("l", group),
        "semester_id": term.pk,
        "created_at": MADE_AT,
        "updated_at": MADE_AT,
    }


def sections_of(groups: range) -> dict[int, list[Section]]:
    """Each group's sections, as they stand."""
    groups_by_intake = {generated_id("i", group): group for group in groups}
    offerings = UnitOffering.objects.filter(course_intake__in=groups_by_intake)
    sections: dict[int, list[Section]] = {group: [] for group in groups}
    for offering in offerings.select_related("semester").order_by("pk"):
        group = groups_by_intake[offering.course_intake_id]
        sections[group].append(_section(group, len(sections[group]), offering))
    return sections


def _section(group: int, which: int, offering: UnitOffering) -> Section:
    unit = _unit_number(group, which)
    begins_at = _midnight(offering.semester.starts_on)
    ends_at = _midnight(offering.semester.ends_on)
    return Section(
        offering_id=offering.pk,
        section_id=offering.section_id,
        course_id=generated_id("c", group % len(SUBJECTS)),
        intake_id=offering.course_intake_id,
        unit_id=generated_id("u", unit),
        coursework_id=generated_id("w", unit),
        final_id=generated_id("f", unit),
        lecturer_id=offering.lecturer_id,
        opens_at=begins_at - timedelta(days=14),
        begins_at=str(begins_at),
        ends_at=str(ends_at),
        assessed_at=str(ends_at - timedelta(days=3)),
        is_over=ends_at < timezone.now(),
    )


def _unit_number(group: int, which: int) -> int:
    """Which of all units the n-th section of a group is of."""
    return group % len(SUBJECTS) * len(NUMBERS) + which


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
