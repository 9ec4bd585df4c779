"""The statements by which registrations are locked, read and written in bulk."""

from config.history import ATTACH
from offerings.models.catalogue import FINAL

VISIBLE = """
(
    %(sees_held)s
    OR NOT (
        SELECT profile.is_confidential FROM students_profile AS profile
        WHERE profile.id = r.profile_id
    )
)
"""

# In the order of the ids, as every writer locks them.
LOCK = f"""
SELECT r.id, r.profile_id, r.unit_id
FROM registrations_registration AS r
WHERE r.id = ANY(ARRAY(
        SELECT unnest(%(ids)s::varchar[])
        UNION
        SELECT named.id
        FROM unnest(%(pair_profiles)s::varchar[], %(pair_units)s::varchar[])
            AS pair (profile_id, unit_id)
        JOIN registrations_registration AS named USING (profile_id, unit_id)
    ))
    AND {VISIBLE}
ORDER BY r.id
FOR NO KEY UPDATE OF r
"""

# Of a registration `row`; of other names, students.identities.held_among tells it.
GRADER_IS_HELD = """
EXISTS (
    SELECT FROM students_profile AS grader
    WHERE grader.is_confidential
        AND (grader.id = {row}.grader_id OR grader.netid = {row}.grader_id)
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

# ARRAY(SELECT ..) makes the planner expect a few values, and so use an index.
READ = f"""
SELECT record.json FROM (
WITH registration AS MATERIALIZED (
    SELECT * FROM registrations_registration AS r
    WHERE r.id = ANY(%(ids)s::varchar[]) AND {VISIBLE}
)
SELECT json_build_object(
    'registrations', (
        SELECT coalesce(json_agg(json_build_array(
            id, profile_id, unit_id, course_id, intake_id, attempt, offering_id,
            state, grade_state_id, awarded, notes, feedback,
            CASE WHEN %(names_graders)s OR NOT {GRADER_IS_HELD.format(row="t")}
                THEN grader_id END,
            began_at, last_active_at, ended_at, ejected_at, version, created_at,
            updated_at
        )), '[]')
        FROM registration AS t
    ),
    'grades', (
        SELECT coalesce(json_agg(json_build_array(
            registration_id, column_id, value, published, comment, resit_value,
            resit_justification
        )), '[]')
        FROM registrations_grade
        WHERE registration_id = ANY(%(ids)s::varchar[])
    ),
    'others', (
        SELECT coalesce(json_agg(json_build_array(
            r.profile_id, r.unit_id, r.course_id, r.intake_id, r.attempt
        )), '[]')
        FROM registrations_registration AS r
        WHERE r.profile_id = ANY(%(profiles)s::varchar[])
            AND r.unit_id = ANY(%(units)s::varchar[])
            AND NOT r.id = ANY(%(ids)s::varchar[])
            AND {VISIBLE}
    ),
    'offerings', (
        SELECT coalesce(json_agg({OFFERING}), '[]')
        FROM offerings_unitoffering AS offering
        JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
        JOIN offerings_term AS term ON term.id = offering.semester_id
        WHERE offering.id = ANY(ARRAY(SELECT DISTINCT offering_id FROM registration))
    ),
    'units', (
        SELECT coalesce(json_agg(json_build_object(
            'id', unit.id,
            'course', row_to_json(course),
            'passing_grade', unit.passing_grade,
            'columns', (
                SELECT coalesce(
                    json_agg(c ORDER BY c.name = '{FINAL}', c.position, c.id), '[]'
                )
                FROM offerings_gradecolumn AS c
                WHERE c.unit_id = unit.id
            )
        )), '[]')
        FROM offerings_unit AS unit
        JOIN offerings_course AS course ON course.id = unit.course_id
        WHERE unit.id = ANY(ARRAY(
            SELECT unit_id FROM registration UNION SELECT unnest(%(units)s::varchar[])
        ))
    ),
    'grade_states', (
        SELECT coalesce(json_agg(state), '[]') FROM registrations_gradestate AS state
    ),
    'intakes', (
        SELECT coalesce(json_object_agg(id, course_id), '{{}}')
        FROM offerings_courseintake
        WHERE id = ANY(%(contexts)s::varchar[])
    ),
    'courses', (
        SELECT coalesce(json_agg(id), '[]')
        FROM offerings_course
        WHERE id = ANY(%(contexts)s::varchar[])
    )
)::text AS json
) AS record
"""

# Offerings that new registrations may be on, in the order of their ids: they stay
# on their unit and intake until the transaction has ended.
KEEP_OFFERINGS = """
SELECT FROM offerings_unitoffering AS offering
JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
WHERE version.unit_id = ANY(%(units)s::varchar[])
    AND offering.course_intake_id = ANY(ARRAY(
        SELECT unnest(%(contexts)s::varchar[])
        UNION
        SELECT profile.intake_id FROM students_profile AS profile
        WHERE profile.id = ANY(%(profiles)s::varchar[])
    ))
ORDER BY offering.id
FOR KEY SHARE OF offering
"""

# What making registrations needs to know: who is in which intake, and which
# offerings there are of the units in question.
OPENINGS = f"""
SELECT openings.json FROM (
WITH own AS (
    SELECT profile.id AS profile_id, intake.id AS intake_id, intake.course_id
    FROM students_profile AS profile
    JOIN offerings_courseintake AS intake ON intake.id = profile.intake_id
    WHERE profile.id = ANY(%(profiles)s::varchar[])
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
    WHERE version.unit_id = ANY(%(units)s::varchar[])
        AND offering.course_intake_id = ANY(ARRAY(
            SELECT unnest(%(contexts)s::varchar[]) UNION SELECT intake_id FROM own
        ))
)
SELECT json_build_object(
    'own', (SELECT coalesce(json_agg(own), '[]') FROM own),
    'only_offerings', (
        SELECT coalesce(json_agg(offerings), '[]') FROM offerings WHERE number = 1
    )
)::text AS json
) AS openings
"""

MAKE = """
INSERT INTO registrations_registration (
    id, profile_id, unit_id, course_id, intake_id, attempt, offering_id, state,
    grade_state_id, awarded, notes, feedback, grader_id, ended_at, ejected_at,
    version, created_at, updated_at
)
SELECT
    id, profile_id, unit_id, course_id, intake_id, attempt, offering_id, state,
    grade_state_id, awarded, notes, feedback, grader_id, ended_at, ejected_at,
    version, created_at, updated_at
FROM json_to_recordset(%(new)s::json) AS row (
    id varchar, profile_id varchar, unit_id varchar, course_id varchar,
    intake_id varchar, attempt int, offering_id varchar, state varchar,
    grade_state_id varchar, awarded boolean, notes text, feedback text,
    grader_id varchar, ended_at timestamptz, ejected_at timestamptz, version int,
    created_at timestamptz, updated_at timestamptz
)
ORDER BY profile_id, unit_id, course_id, intake_id, attempt
ON CONFLICT DO NOTHING
RETURNING id
"""

UPDATE = """
UPDATE registrations_registration AS r
SET course_id = row.course_id, intake_id = row.intake_id, attempt = row.attempt,
    offering_id = row.offering_id, state = row.state,
    grade_state_id = row.grade_state_id, awarded = row.awarded, notes = row.notes,
    feedback = row.feedback, grader_id = row.grader_id, ended_at = row.ended_at,
    ejected_at = row.ejected_at, version = row.version, updated_at = row.updated_at
FROM json_to_recordset(%(rows)s::json) AS row (
    id varchar, course_id varchar, intake_id varchar, attempt int,
    offering_id varchar, state varchar, grade_state_id varchar, awarded boolean,
    notes text, feedback text, grader_id varchar, ended_at timestamptz,
    ejected_at timestamptz, version int, updated_at timestamptz
)
WHERE r.id = row.id
"""

GRADE = """
INSERT INTO registrations_grade (
    registration_id, column_id, value, published, comment, resit_value,
    resit_justification, updated_at
)
SELECT *
FROM json_to_recordset(%(grades)s::json) AS row (
    registration_id varchar, column_id varchar, value text, published boolean,
    comment text, resit_value text, resit_justification text, updated_at timestamptz
)
ORDER BY registration_id, column_id
ON CONFLICT (registration_id, column_id) DO UPDATE
SET value = excluded.value, published = excluded.published,
    comment = excluded.comment, resit_value = excluded.resit_value,
    resit_justification = excluded.resit_justification,
    updated_at = excluded.updated_at
"""

# A key that went meanwhile is found by the write, where one item can be told from
# another, and not at the commit.
CHECK_AT_ONCE = "SET CONSTRAINTS ALL IMMEDIATE"
BEGIN_ATTEMPT = f"{CHECK_AT_ONCE}; SAVEPOINT attempt"
UNDO_ATTEMPT = "ROLLBACK TO SAVEPOINT attempt"

# The context is set before the triggers fire, which is when all has been written.
WRITE = f"""
WITH context AS ({ATTACH}), updated AS ({UPDATE}), graded AS ({GRADE})
SELECT 0 FROM context
"""
WRITE_NEW = f"""
WITH context AS ({ATTACH}), made AS ({MAKE}), updated AS ({UPDATE}), graded AS ({GRADE})
SELECT count(made.id) FROM context LEFT JOIN made ON true
"""
