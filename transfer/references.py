"""How a cell names another record: by its id, or by what people call it."""

from dataclasses import dataclass

from django.db.models import Model

from offerings.models import (
    Course,
    CourseIntake,
    Lecturer,
    Term,
    Unit,
    UnitOffering,
    UnitVersion,
)
from registrations.models import GradeState, Registration
from students.models import DplanCode, DplanSource, Profile


@dataclass(frozen=True)
class Naming:
    """What names the rows of a table.

    `names` is a query of (name, id) in which each name stands once at most.
    `shown` is what an export writes for a row of the table under an alias; where
    it is empty, the id.
    """

    names: str
    shown: str


def by(table: str, column: str) -> Naming:
    """Rows that have a unique code or the like, which some may lack."""
    return Naming(
        f"SELECT {column} AS name, id FROM {table} WHERE {column} IS NOT NULL",
        f"coalesce({{row}}.{column}, {{row}}.id)",
    )


BY_ID = Naming("", "")

# A name that fits several intakes, or offerings, names none of them.
INTAKES = """
SELECT course.code || '/' || intake.name COLLATE "C" AS name, min(intake.id) AS id
FROM offerings_courseintake AS intake
JOIN offerings_course AS course ON course.id = intake.course_id
GROUP BY 1 HAVING count(*) = 1
"""
VERSIONS = """
SELECT (unit.code || '/' || version.version_number) COLLATE "C" AS name, version.id
FROM offerings_unitversion AS version
JOIN offerings_unit AS unit ON unit.id = version.unit_id
"""
OFFERINGS = """
SELECT name, min(id) AS id FROM (
    SELECT code AS name, id FROM offerings_unitoffering
    UNION ALL
    SELECT section_id, id FROM offerings_unitoffering WHERE section_id <> code
) AS named
GROUP BY name HAVING count(*) = 1
"""

NAMINGS: dict[type[Model], Naming] = {
    Term: by("offerings_term", "code"),
    Course: by("offerings_course", "code"),
    CourseIntake: Naming(INTAKES, ""),
    Lecturer: by("offerings_lecturer", "netid"),
    Unit: by("offerings_unit", "code"),
    UnitVersion: Naming(VERSIONS, ""),
    UnitOffering: Naming(OFFERINGS, "{row}.code"),
    Profile: by("students_profile", "netid"),
    DplanCode: BY_ID,
    DplanSource: BY_ID,
    GradeState: BY_ID,
    Registration: BY_ID,
}
