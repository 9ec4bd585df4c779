"""A record of any size, made by SQL alone: the same size is the same record.

Per student: 4 registrations with 2 grades each, 4 enrollments and 6 D-Plans. 25
students share their 4 sections; sections spread over 20 terms, the last of them
holds today.
"""

from collections.abc import Callable

from django.db import connection, transaction

PER_STUDENT = 4  # registrations
GROUP = 25  # students who share their sections
TERMS = 20

# Everything is told by a number alone. An id is 24 hex: a letter for the kind,
# then the number.
ID = "lpad(to_hex({n}), 23, '0')"
TERM_CODE = "((2020 + ({n}) / 4)::text || lpad((({n}) % 4 * 2 + 1)::text, 2, '0'))"
SECTION_ID = (
    "(ARRAY['AAAS','ANTH','ARTH','BIOL','CHEM','CLST','COSC','ECON','ENGS','FREN'])"
    "[1 + ({n}) % 10] || '.' || lpad((1 + ({n}) / 10 % 90)::text, 3, '0') || '.01-'"
    f" || {TERM_CODE.format(n='({n}) % 20')} || '-' || ({{part}}) || '-'"
    " || (10000 + ({n}))"
)
PART_OF_TERM = "CASE WHEN ({n}) % 10 < 9 THEN 'U' ELSE 'A' END"


def _id(kind: str, n: str) -> str:
    return f"'{kind}' || {ID.format(n=n)}"


def _section_id(n: str) -> str:
    return SECTION_ID.format(n=n, part=PART_OF_TERM.format(n=n))


# The section of a student's registration number n, counted over all students.
SECTION = "(n / 4 / 25 * 4 + n % 4)"

STATEMENTS = {
    "offerings_term": f"""
        INSERT INTO offerings_term (id, code, name, starts_on, ends_on, version)
        SELECT {_id("a", "n")}, {TERM_CODE.format(n="n")}, 'Term ' || n,
               begins, begins + 89, 1
        FROM (SELECT n, current_date - 30 - (19 - n) * 91 AS begins
              FROM generate_series(0, 19) AS n) AS term""",
    "offerings_course": f"""
        INSERT INTO offerings_course (id, code, name)
        SELECT {_id("b", "n")}, 'BENCH' || n, 'Course ' || n
        FROM generate_series(0, 9) AS n""",
    "offerings_courseintake": f"""
        INSERT INTO offerings_courseintake (id, course_id, name)
        SELECT {_id("c", "n")}, {_id("b", "n")}, 'Class of 2024'
        FROM generate_series(0, 9) AS n""",
    "offerings_lecturer": f"""
        INSERT INTO offerings_lecturer (id, netid, first_name, last_name, email)
        SELECT {_id("d", "n")}, 'l' || lpad(n::text, 6, '0'), 'Ada', 'Lecturer', ''
        FROM generate_series(0, 99) AS n""",
    "offerings_unit": f"""
        INSERT INTO offerings_unit (id, course_id, code, title, passing_grade)
        SELECT {_id("e", "n")}, {_id("b", "n % 10")}, 'BENCH' || n, 'Unit ' || n, 50
        FROM generate_series(0, 199) AS n""",
    "offerings_gradecolumn": f"""
        INSERT INTO offerings_gradecolumn
            (id, unit_id, name, label, scale, maximum, allowed, position)
        SELECT {_id("f", "n * 2 + which")}, {_id("e", "n")}, name, label,
               'continuous', 100, ARRAY[]::varchar[], which
        FROM generate_series(0, 199) AS n,
             (VALUES (0, '__coursework', 'Coursework'), (1, 'final', 'Final grade'))
             AS grade_column (which, name, label)""",
    "offerings_unitversion": f"""
        INSERT INTO offerings_unitversion (id, unit_id, version_number, title)
        SELECT {_id("1", "n")}, {_id("e", "n")}, 1, 'Unit ' || n
        FROM generate_series(0, 199) AS n""",
    "registrations_gradestate": """
        INSERT INTO registrations_gradestate (name, label, outcome, is_default)
        VALUES ('pass', 'Pass', 'passed', true), ('fail', 'Fail', 'failed', true),
               ('incomplete', 'Incomplete', 'none', true)
        ON CONFLICT DO NOTHING""",
    "students_dplancode": """
        INSERT INTO students_dplancode (id, name, is_active)
        VALUES ('R', 'Resident', true), ('L', 'Leave', true),
               ('O', 'Off-campus program', true), ('X', 'Exchange', true)
        ON CONFLICT DO NOTHING""",
    "students_dplansource": """
        INSERT INTO students_dplansource (id, name, is_active)
        VALUES ('PHL', 'Registrar Action', true), ('STU', 'Student Request', true)
        ON CONFLICT DO NOTHING""",
    "offerings_unitoffering": f"""
        INSERT INTO offerings_unitoffering
            (id, code, unit_version_id, course_intake_id, lecturer_id, semester_id,
             student_groupings_enabled, section_id, part_of_term, allows_retakes,
             version, created_at, updated_at)
        SELECT {_id("2", "n")}, section_id, {_id("1", "n % 200")},
               {_id("c", "n % 10")}, {_id("d", "n % 100")}, {_id("a", "n % 20")},
               false, section_id, {PART_OF_TERM.format(n="n")}, false, 1, now(), now()
        FROM (SELECT n, {_section_id("n")} AS section_id
              FROM generate_series(0, :students / 25 * 4 - 1) AS n) AS section""",
    "students_profile": f"""
        INSERT INTO students_profile
            (id, netid, first_name, last_name, email, is_confidential, class_year,
             intake_id, version, created_at, updated_at)
        SELECT {_id("3", "n")}, 'b' || lpad(n::text, 7, '0'), 'First' || n % 500,
               'Last' || n % 5000, 'b' || n || '@example.edu', n % 200 = 7,
               2020 + n % 8, {_id("c", "n % 10")}, 1, now(), now()
        FROM generate_series(0, :students - 1) AS n""",
    "students_dplan": f"""
        INSERT INTO students_dplan
            (id, profile_id, term_id, code_id, source_id, updated_at)
        SELECT {_id("4", "n")}, {_id("3", "n / 6")},
               {_id("a", "(n / 6 + n % 6 * 3) % 20")},
               (ARRAY['R', 'R', 'R', 'R', 'L', 'L', 'O', 'X'])[1 + n / 6 % 8],
               CASE WHEN n % 5 = 0 THEN 'STU' ELSE 'PHL' END, now()
        FROM generate_series(0, :students * 6 - 1) AS n""",
    "registrations_registration": f"""
        INSERT INTO registrations_registration
            (id, profile_id, unit_id, course_id, intake_id, attempt, offering_id,
             state, grade_state_id, notes, feedback, version, created_at, updated_at,
             ended_at)
        SELECT {_id("5", "n")}, {_id("3", "n / 4")}, {_id("e", f"{SECTION} % 200")},
               {_id("b", f"{SECTION} % 10")}, {_id("c", f"{SECTION} % 10")}, 1,
               {_id("2", SECTION)}, 'registered',
               CASE WHEN n % 3 = 0 THEN NULL WHEN n % 30 = 1 THEN 'fail'
                    ELSE 'pass' END,
               '', '', 1, made_at, made_at,
               CASE WHEN n % 3 <> 0 THEN made_at + interval '60 days' END
        FROM (SELECT n, timestamptz '2024-01-01' + n * interval '1 s' AS made_at
              FROM generate_series(0, :students * 4 - 1) AS n) AS made""",
    "registrations_grade": f"""
        INSERT INTO registrations_grade
            (registration_id, column_id, value, published, updated_at)
        SELECT {_id("5", "n")}, {_id("f", f"{SECTION} % 200 * 2 + which")},
               (n * 7 % 101)::text, n % 4 > 0, now()
        FROM generate_series(0, :students * 4 - 1) AS n,
             generate_series(0, 1) AS which""",
    "enrollments_enrollment": f"""
        INSERT INTO enrollments_enrollment
            (id, offering_id, profile_id, role, registration_id,
             assessment_submitted_at, assessment_opted_out_at, version, created_at,
             updated_at)
        SELECT {_section_id(SECTION)} || '-b' || lpad((n / 4)::text, 7, '0')
                   || '-student',
               {_id("2", SECTION)}, {_id("3", "n / 4")}, 'student', {_id("5", "n")},
               CASE WHEN n % 3 = 1 THEN now() END, CASE WHEN n % 60 = 2 THEN now() END,
               1, now(), now()
        FROM generate_series(0, :students * 4 - 1) AS n""",
}


def students_for(registrations: int) -> int:
    """How many students have that many registrations: whole groups of them."""
    return max(GROUP, registrations // PER_STUDENT // GROUP * GROUP)


@transaction.atomic
def fill(
    registrations: int, report: Callable[[str], None] = lambda table: None
) -> None:
    """Fill an empty registry with that many registrations and what they need."""
    students = students_for(registrations)
    with connection.cursor() as cursor:
        _silence_triggers(cursor)
        for table, statement in STATEMENTS.items():
            report(table)
            cursor.execute(statement.replace(":students", str(students)))


def analyze() -> None:
    """Tell the planner what `fill` has made; outside of any transaction."""
    with connection.cursor() as cursor:
        for table in STATEMENTS:
            cursor.execute(f"VACUUM ANALYZE {table}")


def empty() -> None:
    """Take away what `fill` has made, and whatever refers to it."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(STATEMENTS)} CASCADE")


def _silence_triggers(cursor) -> None:
    """Keep history and foreign keys out of it, where the role may.

    Nothing here was anyone's change, and each reference is made by the same
    arithmetic as what it refers to.
    """
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    (may,) = cursor.fetchone()
    if may:
        cursor.execute("SET LOCAL session_replication_role = replica")
