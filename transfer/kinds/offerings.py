from offerings.models import (
    Course,
    CourseIntake,
    Lecturer,
    Term,
    Unit,
    UnitOffering,
    UnitVersion,
)
from transfer.kind import Export, Kind, Once, Rule, columns_of
from transfer.names import OF_OFFERING

# As offerings.section_ids reads it, from the right.
FORM = r"'^[^.]+\..+\.[^.]+-[^-]+-[^-]+-[^-]+$'"
NAMED_TERM = "substring(new.section_id FROM '-([^-]+)-[^-]+-[^-]+$')"
NAMED_PART = "substring(new.section_id FROM '-([^-]+)-[^-]+$')"

OFFERINGS = Kind(
    "offerings",
    UnitOffering,
    columns_of(
        UnitOffering,
        [
            *("id", "code", "unit_version", "course_intake", "lecturer", "semester"),
            *("personalized_outline", "student_groupings_enabled", "section_id"),
            *("part_of_term", "allows_retakes", "registration_opens_at"),
            *("registration_closes_at", "passing_grade", "created_at"),
        ],
    ),
    key=("code",),
    finders=(frozenset({"id"}), frozenset({"code"})),
    fresh_id="gen_random_uuid()::text",
    context="""
        LEFT JOIN offerings_unitversion AS was ON was.id = old.unit_version_id
        LEFT JOIN offerings_unitversion AS becomes
            ON becomes.id = new.unit_version_id
        LEFT JOIN offerings_term AS term ON term.id = new.semester_id""",
    once=(Once("section_id", "is the same section"),),
    rules=(
        Rule("passing_grade", "is more than 100", "new.passing_grade > 100"),
        Rule(
            "registration_closes_at",
            "comes before registration_opens_at",
            "new.registration_closes_at < new.registration_opens_at",
        ),
        Rule(
            "section_id",
            "does not read subject.number.section-term-part-crn",
            f"new.section_id !~ {FORM}",
        ),
        Rule(
            "section_id",
            "names another term or part of term than the offering's",
            "old.section_id IS DISTINCT FROM new.section_id"
            f" AND new.section_id ~ {FORM} AND term.id IS NOT NULL AND"
            f" ({NAMED_TERM}, {NAMED_PART}) IS DISTINCT FROM"
            " (term.code, new.part_of_term)",
        ),
        Rule(
            "section_id",
            "is that of another offering",
            "EXISTS (SELECT FROM offerings_unitoffering AS other"
            " WHERE other.section_id = new.section_id"
            " AND other.id IS DISTINCT FROM old.id)",
        ),
        Rule(
            "section_id",
            "cannot change: people are enrolled in the section",
            "old.section_id IS DISTINCT FROM new.section_id AND EXISTS ("
            "SELECT FROM enrollments_enrollment WHERE offering_id = old.id)",
            is_of_others=True,
        ),
        Rule(
            "unit_version",
            "cannot be of another unit: the offering has registrations",
            "was.unit_id <> becomes.unit_id AND EXISTS ("
            "SELECT FROM registrations_registration WHERE offering_id = old.id)",
            is_of_others=True,
        ),
        Rule(
            "course_intake",
            "cannot change: the offering has registrations",
            "old.course_intake_id <> new.course_intake_id AND EXISTS ("
            "SELECT FROM registrations_registration WHERE offering_id = old.id)",
            is_of_others=True,
        ),
    ),
    rests_on=(Course, CourseIntake, Lecturer, Term, Unit, UnitVersion),
    export=Export(filters=OF_OFFERING),
)
