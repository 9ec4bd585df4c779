"""Grades: a row is the value of one grade column for one registration."""

from offerings.models import (
    Course,
    CourseIntake,
    GradeColumn,
    Term,
    Unit,
    UnitOffering,
)
from registrations.errors import NothingToPublish, TermClosed
from registrations.models import Grade
from students.models import Profile
from transfer.cells import Identity, Whole
from transfer.grade_scales import judge_grades
from transfer.kind import (
    Column,
    Export,
    Kind,
    Rule,
    RuleOfRecord,
    columns_of,
    finding,
)
from transfer.names import RENAMED, of_registration

# By its id, or by who is registered on what: the latest attempt, unless the
# file says which.
BEFORE = """
    LEFT JOIN LATERAL (
        SELECT min(named.id) AS id, count(*) AS number
        FROM registrations_registration AS named
        WHERE s.registration IS NULL
            AND named.profile_id = r.profile_id AND named.unit_id = r.unit_id
            AND (s.intake IS NULL OR named.intake_id = r.intake_id)
            AND (s.course IS NULL OR named.course_id = r.course_id)
            AND CASE WHEN s.attempt IS NULL THEN NOT EXISTS (
                SELECT FROM registrations_registration AS later
                WHERE later.profile_id = named.profile_id
                    AND later.unit_id = named.unit_id
                    AND later.course_id = named.course_id
                    AND later.intake_id IS NOT DISTINCT FROM named.intake_id
                    AND later.attempt > named.attempt
            ) ELSE named.attempt = s.attempt END
    ) AS named ON true
    LEFT JOIN registrations_registration AS registration
        ON registration.id = coalesce(s.registration, named.id)
    LEFT JOIN offerings_gradecolumn AS grade_column
        ON grade_column.unit_id = registration.unit_id
        AND grade_column.name = s.grade_name"""

CONTEXT = """
    LEFT JOIN offerings_unitoffering AS offering
        ON offering.id = registration.offering_id
    LEFT JOIN offerings_term AS term ON term.id = offering.semester_id"""

VALUE = "CASE WHEN given.value THEN s.value ELSE old.value END"

ALL = "{0}.value, {0}.published, {0}.comment, {0}.resit_value, {0}.resit_justification"
STOOD = ALL.format("old").replace("old.published", "coalesce(old.published, false)")

# A grade that was never given is not made to hold nothing.
NOTHING = f"({ALL.format('new')}) IS NOT DISTINCT FROM (NULL, false, NULL, NULL, NULL)"

# A registration is shown with its grades. A final grade that a file replaces is no
# longer that of who gave it.
TOUCH_REGISTRATIONS = """
UPDATE registrations_registration AS registration
SET version = version + 1, updated_at = statement_timestamp(),
    grader_id = CASE WHEN graded.is_regraded THEN NULL ELSE grader_id END
FROM (
    SELECT registration_id, bool_or(_is_regraded) AS is_regraded
    FROM {plan} WHERE _action IN ('new', 'changed') GROUP BY registration_id
) AS graded
WHERE registration.id = graded.registration_id
"""

# Where the registration stands, and what the row said to find it by.
NOTES = {
    "_offering_id": "registration.offering_id",
    "_intake_id": "registration.intake_id",
    "_course_id": "registration.course_id",
    "_profile": "s.profile",
    "_is_found": "s.registration IS NULL",
    "_of_intake": "s.intake IS NOT NULL",
    "_of_course": "s.course IS NOT NULL",
    "_attempt": "s.attempt",
}
MOVED = """
SELECT FROM {plan} AS planned
JOIN registrations_registration AS registration
    ON registration.id = planned.registration_id
WHERE planned._action IN ('new', 'changed') AND
    (registration.offering_id, registration.intake_id, registration.course_id)
    IS DISTINCT FROM (planned._offering_id, planned._intake_id, planned._course_id)
"""
# Another that a row would find as well, or instead.
FOUND_ANOTHER = """
SELECT FROM {plan} AS planned
JOIN registrations_registration AS registration
    ON registration.id = planned.registration_id
JOIN registrations_registration AS other
    ON other.profile_id = registration.profile_id
    AND other.unit_id = registration.unit_id AND other.id <> registration.id
WHERE planned._action IN ('new', 'changed') AND planned._is_found
    AND (NOT planned._of_intake OR other.intake_id = planned._intake_id)
    AND (NOT planned._of_course OR other.course_id = planned._course_id)
    AND CASE WHEN planned._attempt IS NULL THEN NOT EXISTS (
        SELECT FROM registrations_registration AS later
        WHERE later.profile_id = other.profile_id AND later.unit_id = other.unit_id
            AND later.course_id = other.course_id
            AND later.intake_id IS NOT DISTINCT FROM other.intake_id
            AND later.attempt > other.attempt
    ) ELSE other.attempt = planned._attempt END
"""

GRADES = Kind(
    "grades",
    Grade,
    (
        Column("registration", Identity(64)),
        finding("profile", Profile),
        finding("unit", Unit),
        finding("course", Course),
        finding("intake", CourseIntake),
        Column("attempt", Whole(32_767)),
        finding("grade_name"),
        *columns_of(
            Grade,
            [
                *("value", "published", "comment", "resit_value"),
                "resit_justification",
            ],
        ),
    ),
    key=("registration", "column"),
    finders=(
        frozenset({"registration", "grade_name"}),
        frozenset({"profile", "unit", "grade_name"}),
    ),
    before=BEFORE,
    match=(
        "{row}.registration_id = registration.id AND {row}.column_id = grade_column.id"
    ),
    context=CONTEXT,
    values={
        "registration_id": "registration.id",
        "column_id": "grade_column.id",
        "value": VALUE,
        "published": f"""
            {VALUE} IS NOT NULL
            AND coalesce(s.published, old.published, false)""",
    },
    rules=(
        Rule(
            "registration",
            "names none that there is",
            "registration.id IS NULL AND coalesce(named.number, 0) < 2",
        ),
        Rule(
            "registration",
            "could be several: give its id, the intake or the attempt",
            "named.number > 1",
        ),
        Rule(
            "profile",
            "is not whose registration it is",
            "registration.profile_id <> r.profile_id",
        ),
        Rule(
            "unit",
            "is not what the registration is on",
            "registration.unit_id <> r.unit_id",
        ),
        Rule(
            "grade_name",
            "is none of the unit's grades",
            "registration.id IS NOT NULL AND grade_column.id IS NULL",
        ),
        RuleOfRecord(
            "published",
            NothingToPublish.sentence,
            "s.published AND new.value IS NULL",
        ),
        RuleOfRecord(
            "value",
            TermClosed.sentence,
            "term.grades_closed_at IS NOT NULL AND NOT around.is_late AND"
            f" ({STOOD}) IS DISTINCT FROM ({ALL.format('new')})",
        ),
    ),
    nothing=NOTHING,
    notes=NOTES
    | {
        "_person": "registration.profile_id",
        "_is_new_value": "new.value IS DISTINCT FROM old.value",
        "_is_new_resit_value": "new.resit_value IS DISTINCT FROM old.resit_value",
        "_is_regraded": (
            "grade_column.name = 'final'"
            " AND coalesce(new.resit_value, new.value, '')"
            " <> coalesce(old.resit_value, old.value)"
        ),
    },
    locks=("registrations_registration", "registration_id"),
    after=(TOUCH_REGISTRATIONS,),
    moved=" UNION ALL ".join([RENAMED.format(person="_person"), MOVED, FOUND_ANOTHER]),
    judge=judge_grades,
    rests_on=(Course, CourseIntake, GradeColumn, Term, Unit, UnitOffering),
    person="_person",
    export=Export(
        joins="""
            JOIN registrations_registration AS registration
                ON registration.id = t.registration_id
            JOIN offerings_gradecolumn AS grade_column
                ON grade_column.id = t.column_id
            JOIN students_profile AS profile ON profile.id = registration.profile_id
            JOIN offerings_unit AS unit ON unit.id = registration.unit_id""",
        person="registration.profile_id",
        shown={
            "registration": "t.registration_id",
            "profile": "coalesce(profile.netid, profile.id)",
            "unit": "unit.code",
            "course": "registration.course_id",
            "intake": "registration.intake_id",
            "attempt": "registration.attempt::text",
            "grade_name": "grade_column.name",
        },
        filters=of_registration("registration"),
    ),
)
