"""A class that looks like one, for the browser's tests and their pictures."""

from config.history import recorded
from tests.factories import (
    CourseFactory,
    CourseIntakeFactory,
    GradeColumnFactory,
    GradeFactory,
    GradeStateFactory,
    LecturerFactory,
    ProfileFactory,
    RegistrationFactory,
    TermFactory,
    UnitFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)

NAMES = [
    ("Amara", "Abara"),
    ("Jo", "Adler"),
    ("Eli", "Baptiste"),
    ("Leo", "Castro"),
    ("Vera", "Diaz"),
    ("Uma", "Eze"),
    ("Omar", "Fischer"),
    ("Theo", "Hansen"),
    ("Emma", "Jansen"),
    ("Olga", "Kaya"),
    ("Noor", "Lindqvist"),
    ("Ana", "Moreau"),
]
COURSEWORK = ["78", "91", "54", "66", "81", None, "84", "96", "50", "88", None, "73"]
FINAL = ["81", None, "53", "71", None, "58", None, "92", "47", None, "64", "79"]


def outcome_of(result):
    return None if result is None else "pass" if int(result) > 49 else "fail"


def make_class(lecturer_user=None):
    """An offering with twelve students, some graded; the seventh is under hold."""
    with recorded(actor={"staff": "okafor"}, door="admin"):
        return _made(lecturer_user)


def _made(lecturer_user):
    course = CourseFactory(code="PHYS", name="Physics")
    unit = UnitFactory(course=course, code="PHYS.013", title="Introductory Physics I")
    coursework = GradeColumnFactory(
        unit=unit, name="__coursework", label="Coursework", maximum=100, position=1
    )
    final = GradeColumnFactory(unit=unit, label="Final grade")
    offering = UnitOfferingFactory(
        code="PHYS.013.01-202503-U-10412",
        section_id="PHYS.013.01-202503-U-10412",
        part_of_term="U",
        unit_version=UnitVersionFactory(unit=unit),
        course_intake=CourseIntakeFactory(course=course, name="Class of 2028"),
        lecturer=LecturerFactory(
            first_name="Mina", last_name="Okafor", user=lecturer_user
        ),
        semester=TermFactory(code="202503", name="Summer 2025"),
    )
    GradeStateFactory(name="pass", label="Pass")
    GradeStateFactory(name="fail", label="Fail")
    rows = zip(NAMES, COURSEWORK, FINAL, strict=True)
    for place, ((first, last), work, result) in enumerate(rows):
        registration = RegistrationFactory(
            profile=ProfileFactory(
                netid=f"f00{place:02}qx",
                first_name=first,
                last_name=last,
                class_year=2028,
                is_confidential=place == 6,
            ),
            unit=unit,
            intake=offering.course_intake,
            offering=offering,
            grade_state_id=outcome_of(result),
        )
        GradeFactory(registration=registration, column=coursework, value=work)
        GradeFactory(
            registration=registration, column=final, value=result, published=place == 0
        )
    return offering
