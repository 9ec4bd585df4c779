"""Courses, intakes, lecturers, units, their grade columns and versions."""

from offerings.models import (
    Course,
    CourseIntake,
    GradeColumn,
    Lecturer,
    Unit,
    UnitVersion,
)
from transfer.kind import Export, Kind, Rule, columns_of
from transfer.names import NEW_ID, OF_UNIT

OF_COURSE = {"course": "t.course_id = %(course)s"}

COURSES = Kind(
    "courses",
    Course,
    columns_of(Course, ["id", "code", "name"]),
    key=("code",),
    finders=(frozenset({"id"}), frozenset({"code"})),
)

INTAKES = Kind(
    "intakes",
    CourseIntake,
    columns_of(CourseIntake, ["id", "course", "name"]),
    key=("course", "name"),
    key_is_unique=False,
    finders=(frozenset({"id"}), frozenset({"course", "name"})),
    # A name may stand twice in a course.
    before="""
        LEFT JOIN (
            SELECT min(id) AS id, course_id, name, count(*) AS number
            FROM offerings_courseintake GROUP BY course_id, name
        ) AS named
            ON s.id IS NULL AND named.course_id = r.course_id
            AND named.name = s.name""",
    match="{row}.id = named.id",
    rules=(
        Rule("name", "is that of several intakes: give the id", "named.number > 1"),
        Rule(
            "course",
            "cannot change: people are registered on the intake",
            "old.course_id <> new.course_id AND EXISTS ("
            "SELECT FROM registrations_registration WHERE intake_id = old.id)",
            is_of_others=True,
        ),
    ),
    rests_on=(Course,),
    export=Export(filters=OF_COURSE),
)

LECTURERS = Kind(
    "lecturers",
    Lecturer,
    columns_of(Lecturer, ["id", "netid", "first_name", "last_name", "email"]),
    key=("netid",),
    finders=(frozenset({"id"}), frozenset({"netid"})),
)

# Every unit has a final grade.
FINAL_COLUMNS = f"""
INSERT INTO offerings_gradecolumn
    (id, unit_id, name, label, scale, maximum, allowed, position)
SELECT {NEW_ID.format(row="_row")}, id, 'final', 'Final grade', 'continuous', 100,
    '{{{{}}}}', 0
FROM {{plan}} WHERE _action = 'new'
"""

UNITS = Kind(
    "units",
    Unit,
    columns_of(Unit, ["id", "course", "code", "title", "passing_grade"]),
    key=("code",),
    finders=(frozenset({"id"}), frozenset({"code"})),
    rules=(
        Rule("passing_grade", "is more than 100", "new.passing_grade > 100"),
        Rule(
            "course",
            "cannot change: people are registered on the unit",
            "old.course_id <> new.course_id AND EXISTS ("
            "SELECT FROM registrations_registration WHERE unit_id = old.id)",
            is_of_others=True,
        ),
    ),
    after=(FINAL_COLUMNS,),
    rests_on=(Course,),
    export=Export(filters=OF_COURSE),
)

GRADE_COLUMNS = Kind(
    "grade_columns",
    GradeColumn,
    columns_of(
        GradeColumn,
        [
            *("id", "unit", "name", "label", "scale", "maximum", "allowed"),
            "position",
        ],
    ),
    key=("unit", "name"),
    finders=(frozenset({"id"}), frozenset({"unit", "name"})),
    joins="""
        LEFT JOIN (SELECT DISTINCT column_id FROM registrations_grade) AS graded
            ON graded.column_id = old.id""",
    rules=(
        Rule(
            "name",
            "is neither `final` nor begins with __",
            "new.name <> 'final' AND left(new.name, 2) <> '__'",
        ),
        Rule(
            "maximum",
            "is needed, and more than 0, on a scale of numbers",
            "new.scale <> 'labels' AND coalesce(new.maximum, 0) <= 0",
        ),
        Rule(
            "maximum",
            "has no place on a scale of labels",
            "new.scale = 'labels' AND new.maximum IS NOT NULL",
        ),
        Rule(
            "allowed",
            "lists the values of a scale of labels or of a discrete one",
            "(new.scale = 'continuous') <> (new.allowed = '{}')",
        ),
        Rule(
            "scale",
            "cannot change: the column holds grades",
            "graded.column_id IS NOT NULL AND (old.scale, old.maximum, old.allowed)"
            " IS DISTINCT FROM (new.scale, new.maximum, new.allowed)",
            is_of_others=True,
        ),
        Rule(
            "unit",
            "cannot change, nor the name: the column holds grades",
            "graded.column_id IS NOT NULL AND (old.unit_id, old.name)"
            " <> (new.unit_id, new.name)",
            is_of_others=True,
        ),
        Rule(
            "name",
            "cannot change, nor the unit: every unit has a final grade",
            "graded.column_id IS NULL AND old.name = 'final'"
            " AND (old.unit_id, old.name) <> (new.unit_id, new.name)",
        ),
    ),
    rests_on=(Unit,),
    export=Export(filters=OF_UNIT),
)

UNIT_VERSIONS = Kind(
    "unit_versions",
    UnitVersion,
    columns_of(UnitVersion, ["id", "unit", "version_number", "title"]),
    key=("unit", "version_number"),
    finders=(frozenset({"id"}), frozenset({"unit", "version_number"})),
    rules=(
        Rule(
            "unit",
            "cannot change: the version is offered",
            "old.unit_id <> new.unit_id AND EXISTS ("
            "SELECT FROM offerings_unitoffering WHERE unit_version_id = old.id)",
            is_of_others=True,
        ),
    ),
    rests_on=(Unit,),
    export=Export(filters=OF_UNIT),
)
