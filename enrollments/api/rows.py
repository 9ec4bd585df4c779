"""Enrollments as the interface shows them, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from access.callers import Caller
from access.scopes import ENROLLMENTS_READ_SENSITIVE
from config.rest.fields import timestamp

# The registry's today is given, as it may be another day in the database's zone.
PLAIN = """
SELECT enrollment.id, enrollment.profile_id, enrollment.version,
       offering.section_id, profile.netid, enrollment.role,
       term.code, offering.part_of_term,
       %(today)s BETWEEN term.starts_on AND term.ends_on AS is_in_session,
       coalesce(%(today)s BETWEEN term.registration_opens_on
                AND term.registration_closes_on, false) AS is_open
FROM enrollments_enrollment AS enrollment
JOIN students_profile AS profile ON profile.id = enrollment.profile_id
JOIN offerings_unitoffering AS offering ON offering.id = enrollment.offering_id
JOIN offerings_term AS term ON term.id = offering.semester_id
WHERE enrollment.id = ANY(%(ids)s) AND (%(sees_held)s OR NOT profile.is_confidential)
ORDER BY enrollment.id
"""

SENSITIVE = """
SELECT enrollment.id, enrollment.profile_id, enrollment.version,
       offering.section_id, profile.netid, enrollment.role,
       term.code, offering.part_of_term,
       %(today)s BETWEEN term.starts_on AND term.ends_on AS is_in_session,
       coalesce(%(today)s BETWEEN term.registration_opens_on
                AND term.registration_closes_on, false) AS is_open,
       grade.of_record,
       enrollment.assessment_submitted_at, enrollment.assessment_opted_out_at
FROM enrollments_enrollment AS enrollment
JOIN students_profile AS profile ON profile.id = enrollment.profile_id
JOIN offerings_unitoffering AS offering ON offering.id = enrollment.offering_id
JOIN offerings_term AS term ON term.id = offering.semester_id
LEFT JOIN LATERAL (
    SELECT coalesce(grade.resit_value, grade.value) AS of_record
    FROM registrations_grade AS grade
    JOIN offerings_gradecolumn AS grade_column
        ON grade_column.id = grade.column_id AND grade_column.name = 'final'
    WHERE grade.registration_id = enrollment.registration_id AND grade.published
) AS grade ON true
WHERE enrollment.id = ANY(%(ids)s) AND (%(sees_held)s OR NOT profile.is_confidential)
ORDER BY enrollment.id
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """One enrollment: what the caller sees of it, and whose it is."""

    profile_id: str
    version: int
    body: dict[str, Any]


def sees_sensitive(caller: Caller) -> bool:
    """Whether grades and course assessments are released to this caller."""
    return caller.has(ENROLLMENTS_READ_SENSITIVE)


def read(ids: Sequence[str], caller: Caller) -> list[Shown]:
    """Return those of the enrollments that are there for the caller, by id."""
    is_sensitive = sees_sensitive(caller)
    asked: dict[str, Any] = {
        "ids": [*ids],
        "today": timezone.localdate(),
        "sees_held": caller.sees_held,
    }
    with connection.cursor() as cursor:
        cursor.execute(SENSITIVE if is_sensitive else PLAIN, asked)
        rows = cursor.fetchall()
    show = _sensitive if is_sensitive else _plain
    return [Shown(row[1], row[2], show(row)) for row in rows]


def _plain(row: tuple) -> dict[str, Any]:
    (enrollment, _, _, section, netid, role, code, part, is_in_session, is_open) = row
    return {
        "id": enrollment,
        "section": {"id": section},
        "netid": netid,
        "role": role,
        "term": {
            "id": f"{code}-{part}" if code is not None else None,
            "sis_term_code": code,
            "sis_ptrm_code": part,
        },
        "is_active": is_in_session or is_open,
        "is_in_session": is_in_session,
    }


def _sensitive(row: tuple) -> dict[str, Any]:
    *shown, final_grade, submitted_at, opted_out_at = row
    body = _plain(tuple(shown))
    body["final_grade"] = final_grade
    body["course_assessment"] = None
    if submitted_at or opted_out_at:
        body["course_assessment"] = {
            "submit_date": timestamp(submitted_at),
            "opt_out_date": timestamp(opted_out_at),
        }
    return body
