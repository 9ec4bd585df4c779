"""Enrollments as the interface shows them: JSON, written by PostgreSQL.

Nothing here looks at what is in them, so nothing is made of it in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from access.callers import Caller
from access.scopes import ENROLLMENTS_READ_SENSITIVE
from config.prepared import fetch_all, lines

# The registry's today is given, as it may be another day in the database's zone.
SELECT = """
SELECT enrollment.profile_id, enrollment.version, json_build_object(
    'id', enrollment.id,
    'section', json_build_object('id', offering.section_id),
    'netid', profile.netid,
    'role', enrollment.role,
    'term', json_build_object(
        'id', term.code || '-' || offering.part_of_term,
        'sis_term_code', term.code,
        'sis_ptrm_code', offering.part_of_term
    ),
    'is_active', %(today)s BETWEEN term.starts_on AND term.ends_on
        OR coalesce(%(today)s BETWEEN term.registration_opens_on
                    AND term.registration_closes_on, false),
    'is_in_session', %(today)s BETWEEN term.starts_on AND term.ends_on
    {sensitive}
)::text
FROM enrollments_enrollment AS enrollment
JOIN students_profile AS profile ON profile.id = enrollment.profile_id
JOIN offerings_unitoffering AS offering ON offering.id = enrollment.offering_id
JOIN offerings_term AS term ON term.id = offering.semester_id
WHERE enrollment.id = ANY(string_to_array(%(ids)s, E'\\n'))
    AND (%(sees_held)s OR NOT profile.is_confidential)
ORDER BY enrollment.id
"""

SHOWN_MOMENT = """
to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
"""
IS_SENSITIVE = f"""
    , 'final_grade', (
        SELECT coalesce(grade.resit_value, grade.value)
        FROM registrations_grade AS grade
        JOIN offerings_gradecolumn AS grade_column
            ON grade_column.id = grade.column_id AND grade_column.name = 'final'
        WHERE grade.registration_id = enrollment.registration_id AND grade.published
    ),
    'course_assessment', CASE
        WHEN enrollment.assessment_submitted_at IS NOT NULL
            OR enrollment.assessment_opted_out_at IS NOT NULL
        THEN json_build_object(
            'submit_date',
            {SHOWN_MOMENT.format(column="enrollment.assessment_submitted_at")},
            'opt_out_date',
            {SHOWN_MOMENT.format(column="enrollment.assessment_opted_out_at")}
        )
    END
"""
PLAIN = SELECT.format(sensitive="")
SENSITIVE = SELECT.format(sensitive=IS_SENSITIVE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One enrollment: what the caller sees of it, and whose it is."""

    profile_id: str
    version: int
    json: str


def sees_sensitive(caller: Caller) -> bool:
    """Whether grades and course assessments are released to this caller."""
    return caller.has(ENROLLMENTS_READ_SENSITIVE)


def read(ids: Sequence[str], caller: Caller) -> list[Shown]:
    """Return those of the enrollments that are there for the caller, by id."""
    asked: dict[str, Any] = {
        "ids": lines(ids),
        "today": timezone.localdate(),
        "sees_held": caller.sees_held,
    }
    statement = SENSITIVE if sees_sensitive(caller) else PLAIN
    return [Shown(*row) for row in fetch_all(statement, asked)]
