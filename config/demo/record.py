"""The rows that the published samples name, with ids that never change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db.models import Model

from enrollments.models import Enrollment
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
from registrations.models import GradeState, Outcome, Registration
from students.models import DplanCode, DplanSource, Profile

MADE_AT = datetime(2024, 1, 8, 9, tzinfo=UTC)  # of rows whose moment no sample gives

# The year's quarters: where each begins, its part of a SIS code, and its name.
# They leave no gap, so that a term holds on every day.
QUARTERS = {
    1: ("01", "Winter"),
    4: ("03", "Spring"),
    7: ("06", "Summer"),
    10: ("09", "Fall"),
}
PAST_TERMS = {
    "202001": "5e0bdb976a7719120001aa01",
    "202301": "63b0cd976a7719120001aa02",
    "202303": "642779976a7719120001aa03",
    "202501": "677485976a7719120001aa04",
    "202503": "67eb36976a7719120001aa05",
}

BUSINESS = "6385baad976a7719120008ca"
BUSINESS_INTAKE = "6385bcf1976a77191200ba5d"
COMPUTING = "6385baad976a7719120008cb"
GIVEN = "uuid-string-here"  # what the unit offerings page calls each related record

STRATEGY = "6385baad976a7719120008e3"
MARKETING = "6385baa7976a7719120005dc"
PROGRAMMING = "6385baad976a7719120008f1"
COURSE_1 = "6385baad976a7719120008f2"
COURSE_2 = "6385baad976a7719120008f3"

INSTRUCTOR = "5f3759df976a7719120003ac"
SECTION = "5cddb466b68a450c3b10aaaa"
SECTION_ID = "AAAS.010.01-202001-U-10188"

F002QT1 = "507f1f77bcf86cd799439011"
F0027K4 = "6385bdd4976a7719120108e9"
F00000X = "6385bdd4976a7719120108ea"
F0HOLD1 = "6385bdd4976a7719120108eb"
F0DC001 = "6629aeada89133acedfad6d7d110123d"
F003GHC = "6385bdd4976a7719120108ed"


def rows() -> Iterator[list[Model]]:
    """Yield the rows of one table after another, each after those it points to."""
    yield [*terms()]
    yield [
        Course(pk=BUSINESS, code="MBA", name="Master of Business Administration"),
        Course(pk=COMPUTING, code="CS", name="Computer Science"),
    ]
    yield [
        CourseIntake(pk=BUSINESS_INTAKE, course_id=BUSINESS, name="Class of 2025"),
        CourseIntake(pk=GIVEN, course_id=COMPUTING, name="Intake 2024"),
    ]
    yield [*lecturers()]
    yield [*units()]
    yield [*columns()]
    yield [*versions()]
    yield [*offerings()]
    yield [*profiles()]
    yield [
        DplanCode(pk=code, name=name)
        for code, name in {
            "R": "Resident",
            "L": "Leave",
            "O": "Off-campus program",
            "X": "Exchange",
            "T": "Transfer term",
        }.items()
    ]
    yield [
        DplanSource(pk="PHL", name="Registrar Action"),
        DplanSource(pk="STU", name="Student Request"),
    ]
    yield [
        GradeState("pass", "Pass", Outcome.PASSED, is_default=True),
        GradeState("fail", "Fail", Outcome.FAILED, is_default=True),
        GradeState("incomplete", "Incomplete", Outcome.NONE),
    ]
    yield [*registrations()]
    yield [*enrollments()]


def terms() -> Iterator[Term]:
    for code, pk in PAST_TERMS.items():
        yield quarter(_first_day(code), pk=pk)
    yield Term(
        pk=GIVEN,
        name="Semester 1, 2024",
        starts_on=date(2024, 1, 8),
        ends_on=date(2024, 6, 14),
    )


def term_of(day: date) -> Term:
    """The term that holds on that day.

    Its id is made of its code: the same in every load while it holds, and a load
    in a later term adds another.
    """
    return quarter(day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1))


def quarter(first_day: date, pk: str = "") -> Term:
    """The term that begins on that day, open for registration the month before."""
    part, name = QUARTERS[first_day.month]
    code = f"{first_day.year}{part}"
    return Term(
        pk=pk or f"7465726d0000000000{code}",
        code=code,
        name=f"{name} {first_day.year}",
        starts_on=first_day,
        ends_on=_next_quarter(first_day) - timedelta(days=1),
        registration_opens_on=first_day - timedelta(days=31),
        registration_closes_on=first_day - timedelta(days=1),
    )


def _first_day(code: str) -> date:
    months = {part: month for month, (part, _) in QUARTERS.items()}
    return date(int(code[:4]), months[code[4:]], 1)


def _next_quarter(first_day: date) -> date:
    return (first_day + timedelta(days=95)).replace(day=1)


def lecturers() -> Iterator[Lecturer]:
    yield Lecturer(
        pk=INSTRUCTOR,
        netid="f003ghc",
        first_name="Integration Test",
        last_name="User",
        email="Integration.Test.User@dartmouth.edu",
    )
    yield Lecturer(
        pk=GIVEN, first_name="Grace", last_name="Moore", email="g.moore@example.edu"
    )


def units() -> Iterator[Unit]:
    for pk, course_id, code, title in (
        (STRATEGY, BUSINESS, "AAAS.010", "Foundations of Strategy"),
        (MARKETING, BUSINESS, "MKTG.020", "Marketing"),
        (PROGRAMMING, COMPUTING, "CS101", "Introduction to Programming"),
        (COURSE_1, COMPUTING, "COURSE-1", "Course 1"),
        (COURSE_2, COMPUTING, "COURSE-2", "Course 2"),
    ):
        yield Unit(pk=pk, course_id=course_id, code=code, title=title, passing_grade=50)


def columns() -> Iterator[GradeColumn]:
    yield GradeColumn(
        pk="667ae7cb6ab728271421708e",
        unit_id=STRATEGY,
        name="__coursework",
        label="Coursework",
        maximum=100,
    )
    for pk, unit_id in (
        ("6385baad976a7719120008e6", STRATEGY),
        ("6385baa7976a7719120005df", MARKETING),
        ("6385baad976a771912000901", PROGRAMMING),
        ("6385baad976a771912000902", COURSE_1),
        ("6385baad976a771912000903", COURSE_2),
    ):
        yield GradeColumn(
            pk=pk,
            unit_id=unit_id,
            name="final",
            label="Final grade",
            maximum=100,
            position=1,
        )


def versions() -> Iterator[UnitVersion]:
    for pk, unit_id, title in (
        ("6385baad976a771912000911", STRATEGY, "Foundations of Strategy"),
        (GIVEN, PROGRAMMING, "Introduction to Programming"),
        ("6385baad976a771912000912", COURSE_1, "Course 1"),
        ("6385baad976a771912000913", COURSE_2, "Course 2"),
    ):
        yield UnitVersion(pk=pk, unit_id=unit_id, version_number=1, title=title)


def offerings() -> Iterator[UnitOffering]:
    yield _of_given("unit-offering-uuid", "CS101-2024-1")
    yield _of_given("unit-offering-2", "CS102-2024-1")
    yield _of_given(
        "89cd2eada89133acedfad6d766a2d931",
        "COURSE-1",
        unit_version_id="6385baad976a771912000912",
        passing_grade=50,
    )
    yield _of_given(
        "89cd2eada89133acedfad6d766a2d932",
        "COURSE-2",
        unit_version_id="6385baad976a771912000913",
        passing_grade=50,
        allows_retakes=True,
    )
    yield UnitOffering(
        pk=SECTION,
        code=SECTION_ID,
        section_id=SECTION_ID,
        part_of_term="U",
        unit_version_id="6385baad976a771912000911",
        course_intake_id=BUSINESS_INTAKE,
        lecturer_id=INSTRUCTOR,
        semester_id=PAST_TERMS["202001"],
        created_at=MADE_AT,
        updated_at=MADE_AT,
    )


def _of_given(pk: str, code: str, **more) -> UnitOffering:
    related = {
        "unit_version_id": GIVEN,
        "course_intake_id": GIVEN,
        "lecturer_id": GIVEN,
        "semester_id": GIVEN,
    }
    made = {"created_at": MADE_AT, "updated_at": MADE_AT}
    return UnitOffering(pk=pk, code=code, **made, **{**related, **more})


def profiles() -> Iterator[Profile]:
    for pk, netid, first_name, last_name in (
        (F002QT1, "f002qt1", "Quinn", "Taylor"),
        (F0027K4, "f0027k4", "Kim", "Alvarez"),
        (F00000X, "f00000x", "Xenia", "Okafor"),
        (F0HOLD1, "f0hold1", "Hollis", "Dale"),
        (F0DC001, "f0dc001", "Dana", "Castillo"),
    ):
        yield Profile(
            pk=pk,
            netid=netid,
            first_name=first_name,
            last_name=last_name,
            email=f"{first_name}.{last_name}@example.edu",
            is_confidential=netid == "f0hold1",
            class_year=2025,
            intake_id=BUSINESS_INTAKE,
            created_at=MADE_AT,
            updated_at=MADE_AT,
        )
    yield Profile(
        pk=F003GHC,
        netid="f003ghc",
        first_name="Integration Test",
        last_name="User",
        email="Integration.Test.User@dartmouth.edu",
        created_at=MADE_AT,
        updated_at=MADE_AT,
    )


def registrations() -> Iterator[Registration]:
    for pk, profile_id, unit_id, offering_id, seconds in (
        ("65e6e5aaf398a642a7022ab5", F002QT1, STRATEGY, SECTION, 1709630890),
        ("65e6e5aaf398a642a7022ab6", F002QT1, MARKETING, None, 1709630895),
        ("65e6e5aaf398a642a7022ab7", F0HOLD1, STRATEGY, SECTION, 1709630900),
    ):
        moment = datetime.fromtimestamp(seconds, UTC)
        yield Registration(
            pk=pk,
            profile_id=profile_id,
            unit_id=unit_id,
            offering_id=offering_id,
            course_id=BUSINESS,
            intake_id=BUSINESS_INTAKE,
            created_at=moment,
            updated_at=moment,
        )
    moment = datetime(2024, 1, 22, 3, 56, 49, tzinfo=UTC)
    yield Registration(
        pk="65ade781cc98d136543678191005431a",
        profile_id=F0DC001,
        unit_id=COURSE_1,
        offering_id="89cd2eada89133acedfad6d766a2d931",
        course_id=COMPUTING,
        intake_id=GIVEN,
        created_at=moment,
        updated_at=moment,
    )


def enrollments() -> Iterator[Enrollment]:
    for netid, profile_id, role, registration_id in (
        ("f002qt1", F002QT1, Enrollment.Role.STUDENT, "65e6e5aaf398a642a7022ab5"),
        ("f0hold1", F0HOLD1, Enrollment.Role.STUDENT, "65e6e5aaf398a642a7022ab7"),
        ("f003ghc", F003GHC, Enrollment.Role.INSTRUCTOR, None),
    ):
        yield Enrollment(
            pk=f"{SECTION_ID}-{netid}-{role}",
            offering_id=SECTION,
            profile_id=profile_id,
            role=role,
            registration_id=registration_id,
            created_at=MADE_AT,
            updated_at=MADE_AT,
        )
