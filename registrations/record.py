"""The record as rows: how it is locked, read and written, in one statement each.

Values go in and come out as JSON: one parameter and one column, whatever the
number of rows, at a fraction of what adapting thousands of values costs.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection
from msgspec import Struct

from offerings.models.catalogue import FINAL
from registrations.changes import Target
from registrations.rows import GradeRow, GradeStateRow, OfferingRow, Row, UnitRow
from students.models import Viewer

TARGETS = """
target AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset(%(targets)s::json) AS t(
        registration_id varchar, profile_id varchar,
        unit_id varchar, context_id varchar
    )
),
wanted AS (
    SELECT r.id
    FROM (
        SELECT registration_id AS id FROM target WHERE registration_id IS NOT NULL
        UNION
        SELECT r.id
        FROM (
            SELECT DISTINCT profile_id, unit_id FROM target
            WHERE registration_id IS NULL
        ) AS pair
        JOIN registrations_registration AS r USING (profile_id, unit_id)
    ) AS named
    JOIN registrations_registration AS r USING (id)
    JOIN students_profile AS profile ON profile.id = r.profile_id
    WHERE %(sees_held)s OR NOT profile.is_confidential
)
"""

OFFERING = """
json_build_object(
    'id', offering.id,
    'title', version.title,
    'lecturer_id', offering.lecturer_id,
    'passing_grade', offering.passing_grade,
    'is_closed', term.grades_closed_at IS NOT NULL
)
"""

# In the order of the ids, as every writer locks them.
LOCK = f"""
WITH {TARGETS}
SELECT id FROM registrations_registration
WHERE id IN (SELECT id FROM wanted)
ORDER BY id
FOR NO KEY UPDATE
"""

READ = f"""
WITH {TARGETS},
registration AS MATERIALIZED (
    SELECT * FROM registrations_registration WHERE id IN (SELECT id FROM wanted)
),
rows AS (
    SELECT
        r.id, r.profile_id, r.unit_id, r.course_id, r.intake_id, r.attempt,
        NOT EXISTS (
            SELECT FROM registrations_registration AS later
            WHERE later.profile_id = r.profile_id
                AND later.unit_id = r.unit_id
                AND later.course_id = r.course_id
                AND later.intake_id IS NOT DISTINCT FROM r.intake_id
                AND later.attempt > r.attempt
        ) AS is_latest,
        CASE WHEN offering.id IS NOT NULL THEN {OFFERING} END AS offering,
        r.state, r.grade_state_id AS grade_state, state.outcome, r.awarded,
        r.notes, r.feedback, r.grader_id, r.began_at, r.last_active_at,
        r.ended_at, r.ejected_at, r.version, r.created_at, r.updated_at,
        (
            SELECT coalesce(json_object_agg(
                g.column_id,
                json_build_object(
                    'value', g.value,
                    'published', g.published,
                    'comment', g.comment,
                    'resit_value', g.resit_value,
                    'resit_justification', g.resit_justification
                )
            ), '{{}}')
            FROM registrations_grade AS g
            WHERE g.registration_id = r.id
        ) AS grades
    FROM registration AS r
    LEFT JOIN registrations_gradestate AS state ON state.name = r.grade_state_id
    LEFT JOIN offerings_unitoffering AS offering ON offering.id = r.offering_id
    LEFT JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
    LEFT JOIN offerings_term AS term ON term.id = offering.semester_id
),
units AS (
    SELECT
        unit.id, unit.passing_grade, row_to_json(course) AS course,
        (
            SELECT coalesce(
                json_agg(c ORDER BY c.name = '{FINAL}', c.position, c.id), '[]'
            )
            FROM offerings_gradecolumn AS c
            WHERE c.unit_id = unit.id
        ) AS columns
    FROM offerings_unit AS unit
    JOIN offerings_course AS course ON course.id = unit.course_id
    WHERE unit.id IN (
        SELECT unit_id FROM target UNION SELECT unit_id FROM registration
    )
)
SELECT json_build_object(
    'registrations', (SELECT coalesce(json_agg(rows), '[]') FROM rows),
    'units', (SELECT coalesce(json_agg(units), '[]') FROM units),
    'grade_states', (
        SELECT coalesce(json_agg(state), '[]') FROM registrations_gradestate AS state
    ),
    'intakes', (
        SELECT coalesce(json_object_agg(id, course_id), '{{}}')
        FROM offerings_courseintake
        WHERE id IN (SELECT context_id FROM target)
    ),
    'courses', (
        SELECT coalesce(json_agg(id), '[]')
        FROM offerings_course
        WHERE id IN (SELECT context_id FROM target)
    )
)::text
"""

# What making registrations needs to know: who is in which intake, and which
# offerings there are of the units in question.
OPENINGS = f"""
WITH target AS MATERIALIZED (
    SELECT *
    FROM json_to_recordset(%(targets)s::json) AS t(
        profile_id varchar, unit_id varchar, context_id varchar
    )
),
own AS (
    SELECT profile.id AS profile_id, intake.id AS intake_id, intake.course_id
    FROM students_profile AS profile
    JOIN offerings_courseintake AS intake ON intake.id = profile.intake_id
    WHERE profile.id IN (SELECT profile_id FROM target)
),
offerings AS (
    SELECT
        version.unit_id, offering.course_intake_id AS intake_id,
        {OFFERING} AS offering,
        count(*) OVER (
            PARTITION BY version.unit_id, offering.course_intake_id
        ) AS number
    FROM offerings_unitoffering AS offering
    JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
    JOIN offerings_term AS term ON term.id = offering.semester_id
    WHERE version.unit_id IN (SELECT unit_id FROM target)
        AND offering.course_intake_id IN (
            SELECT context_id FROM target UNION SELECT intake_id FROM own
        )
)
SELECT json_build_object(
    'own', (SELECT coalesce(json_agg(own), '[]') FROM own),
    'only_offerings', (
        SELECT coalesce(json_agg(offerings), '[]') FROM offerings WHERE number = 1
    )
)::text
"""

WRITE = """
WITH row AS MATERIALIZED (
    SELECT
        t.*, t.offering ->> 'id' AS offering_id,
        t.id IN (SELECT json_array_elements_text(%(new)s::json)) AS is_new
    FROM json_to_recordset(%(rows)s::json) AS t(
        id varchar, profile_id varchar, unit_id varchar, course_id varchar,
        intake_id varchar, attempt int, offering json, state varchar,
        grade_state varchar, awarded boolean, notes text,
        feedback text, grader_id varchar, ended_at timestamptz,
        ejected_at timestamptz, version int, created_at timestamptz,
        updated_at timestamptz
    )
),
grade AS MATERIALIZED (
    SELECT t.registration_id, t.column_id, t.updated_at, g.*
    FROM json_to_recordset(%(grades)s::json) AS t(
        registration_id varchar, column_id varchar, updated_at timestamptz, grade json
    )
    CROSS JOIN json_to_record(t.grade) AS g(
        value text, published boolean, comment text, resit_value text,
        resit_justification text
    )
),
made AS (
    INSERT INTO registrations_registration (
        id, profile_id, unit_id, course_id, intake_id, attempt, offering_id, state,
        grade_state_id, awarded, notes, feedback, grader_id, ended_at, ejected_at,
        version, created_at, updated_at
    )
    SELECT
        id, profile_id, unit_id, course_id, intake_id, attempt, offering_id, state,
        grade_state, awarded, notes, feedback, grader_id, ended_at, ejected_at,
        version, created_at, updated_at
    FROM row
    WHERE is_new
    ORDER BY profile_id, unit_id, course_id, intake_id, attempt
    ON CONFLICT DO NOTHING
    RETURNING id
),
updated AS (
    UPDATE registrations_registration AS r
    SET course_id = row.course_id, intake_id = row.intake_id, attempt = row.attempt,
        offering_id = row.offering_id, state = row.state,
        grade_state_id = row.grade_state, awarded = row.awarded,
        notes = row.notes, feedback = row.feedback, grader_id = row.grader_id,
        ended_at = row.ended_at, ejected_at = row.ejected_at,
        version = row.version, updated_at = row.updated_at
    FROM row
    WHERE r.id = row.id AND NOT row.is_new
),
graded AS (
    INSERT INTO registrations_grade (
        registration_id, column_id, value, published, comment, resit_value,
        resit_justification, updated_at
    )
    SELECT
        registration_id, column_id, value, published, comment, resit_value,
        resit_justification, updated_at
    FROM grade
    ORDER BY registration_id, column_id
    ON CONFLICT (registration_id, column_id) DO UPDATE
    SET value = excluded.value, published = excluded.published,
        comment = excluded.comment, resit_value = excluded.resit_value,
        resit_justification = excluded.resit_justification,
        updated_at = excluded.updated_at
)
SELECT count(*) FROM made
"""


class Record(Struct, frozen=True):
    """The registrations that were asked for, and what is known around them."""

    registrations: list[Row]
    units: list[UnitRow]
    grade_states: list[GradeStateRow]
    intakes: dict[str, str]  # of the contexts: intake to course
    courses: list[str]  # of the contexts


class OwnIntake(Struct, frozen=True):
    profile_id: str
    intake_id: str
    course_id: str


class Taught(Struct, frozen=True):
    unit_id: str
    intake_id: str
    offering: OfferingRow


class Openings(Struct, frozen=True):
    """Where new registrations can go."""

    own: list[OwnIntake] = []
    only_offerings: list[Taught] = []  # of the units and intakes that have just one


class GradeToWrite(Struct, frozen=True):
    registration_id: str
    column_id: str
    updated_at: datetime
    grade: GradeRow


RECORD = msgspec.json.Decoder(Record)
OPENED = msgspec.json.Decoder(Openings)


def lock(targets: Iterable[Target], viewer: Viewer) -> set[str]:
    """Lock the registrations in the order of their ids; return the ids."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, _parameters(targets, viewer))
        return {id for (id,) in cursor.fetchall()}


def read(targets: Iterable[Target], viewer: Viewer) -> Record:
    """Read registrations, as far as they exist for the viewer, in no order."""
    return RECORD.decode(_one(READ, _parameters(targets, viewer)))


def read_openings(targets: Iterable[Target]) -> Openings:
    """Read what registrations of these profiles, units and contexts need."""
    return OPENED.decode(_one(OPENINGS, {"targets": _json(list(targets))}))


def write(
    rows: Sequence[Row], grades: Sequence[GradeToWrite], *, new: Sequence[str]
) -> int:
    """Store rows and grades; return how many of the new rows were made.

    One that somebody else made at this moment is not: its grades must not stay
    either, so roll back and begin again.
    """
    values = {"rows": rows, "grades": grades, "new": new}
    parameters = {name: _json(value) for name, value in values.items()}
    return int(_one(WRITE, parameters))


def _parameters(targets: Iterable[Target], viewer: Viewer) -> dict[str, Any]:
    return {"targets": _json(list(targets)), "sees_held": viewer.sees_held}


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _one(sql: str, parameters: Mapping[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]
