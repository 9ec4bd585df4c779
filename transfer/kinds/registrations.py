"""Registrations and the states of grading."""

from offerings.models import Course, CourseIntake, Term, Unit, UnitOffering, UnitVersion
from registrations.errors import TermClosed
from registrations.models import GradeState, Registration
from registrations.statements import GRADER_IS_HELD
from transfer.kind import Export, Kind, Once, Rule, RuleOfRecord, columns_of
from transfer.names import RENAMED, of_registration

GRADE_STATES = Kind(
    "grade_states",
    GradeState,
    columns_of(GradeState, ["name", "label", "outcome", "is_default"]),
    key=("name",),
    finders=(frozenset({"name"}),),
    once=(Once("outcome", "is the default of the same outcome", "is_default"),),
    rules=(
        Rule(
            "is_default",
            "is true of another state of that outcome: change that one first",
            "new.is_default AND EXISTS ("
            "SELECT FROM registrations_gradestate AS other"
            " WHERE other.is_default AND other.outcome = new.outcome"
            " AND other.name IS DISTINCT FROM old.name)",
        ),
        Rule(
            "outcome",
            "cannot change: registrations are in this state",
            "old.outcome <> new.outcome AND EXISTS ("
            "SELECT FROM registrations_registration WHERE grade_state_id = old.name)",
            is_of_others=True,
        ),
    ),
)

# The context is the intake, or the course itself where no intake is given.
COURSE = "coalesce(intake.course_id, r.course_id)"
BEFORE = f"""
    LEFT JOIN offerings_courseintake AS intake ON intake.id = r.intake_id
    LEFT JOIN (
        SELECT profile_id, unit_id, course_id, intake_id, max(attempt) AS attempt
        FROM registrations_registration WHERE attempt > 1
        GROUP BY profile_id, unit_id, course_id, intake_id
    ) AS retaken
        ON s.attempt IS NULL AND retaken.profile_id = r.profile_id
        AND retaken.unit_id = r.unit_id AND retaken.course_id = {COURSE}
        AND retaken.intake_id IS NOT DISTINCT FROM r.intake_id"""
MATCH = f"""
    {{row}}.profile_id = r.profile_id AND {{row}}.unit_id = r.unit_id
    AND {{row}}.course_id = {COURSE}
    AND {{row}}.intake_id IS NOT DISTINCT FROM r.intake_id
    AND {{row}}.attempt = coalesce(s.attempt, retaken.attempt, 1)"""

GRADE_STATE = (
    "CASE WHEN given.grade_state THEN r.grade_state_id ELSE old.grade_state_id END"
)
STATE = "coalesce(s.state, old.state, 'registered')"
JOINS = f"""
    LEFT JOIN registrations_gradestate AS grade_state
        ON grade_state.name = {GRADE_STATE}
    LEFT JOIN (
        SELECT version.unit_id, offering.course_intake_id AS intake_id,
            min(offering.id) AS id
        FROM offerings_unitoffering AS offering
        JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
        GROUP BY version.unit_id, offering.course_intake_id HAVING count(*) = 1
    ) AS taught
        ON old.id IS NULL AND taught.unit_id = r.unit_id
        AND taught.intake_id = r.intake_id"""
CONTEXT = """
    LEFT JOIN offerings_unit AS unit ON unit.id = new.unit_id
    LEFT JOIN offerings_unitoffering AS offering ON offering.id = new.offering_id
    LEFT JOIN offerings_unitversion AS version ON version.id = offering.unit_version_id
    LEFT JOIN offerings_term AS term ON term.id = offering.semester_id
    LEFT JOIN offerings_unitoffering AS old_offering
        ON old_offering.id = old.offering_id
    LEFT JOIN offerings_term AS old_term ON old_term.id = old_offering.semester_id"""

IS_REJECTED = f"({STATE} = 'rejected')"
IS_FINISHED = (
    f"({IS_REJECTED} OR coalesce(grade_state.outcome IN ('passed', 'failed'), false))"
)

# Whether the row is about none of what an end follows from.
IS_SETTLED = (
    "(old.id IS NOT NULL AND NOT given.state AND NOT given.grade_state"
    " AND NOT given.awarded AND NOT given.ended_at)"
)

# Nobody moves an offering while somebody is being registered on it: see also
# offerings.operations.keep_in_place.
KEEP_OFFERINGS = """
SELECT count(*) FROM (
    SELECT FROM offerings_unitoffering WHERE id IN (
        SELECT offering_id FROM {plan} WHERE _action IN ('new', 'changed')
    )
    ORDER BY id FOR KEY SHARE
) AS kept
"""

# A row that says no attempt is about the latest.
IS_LATEST = "s.attempt IS NULL AND s.id IS NULL"
RETAKEN = """
SELECT FROM {plan} AS planned
JOIN registrations_registration AS later
    ON later.profile_id = planned.profile_id AND later.unit_id = planned.unit_id
    AND later.course_id = planned.course_id
    AND later.intake_id IS NOT DISTINCT FROM planned.intake_id
WHERE planned._is_latest AND later.attempt > planned.attempt
"""

# What follows from the rest, as registrations.decisions has it.
VALUES = {
    "course_id": f"coalesce(old.course_id, {COURSE})",
    "attempt": "coalesce(s.attempt, old.attempt, retaken.attempt, 1)",
    "offering_id": """
        CASE WHEN given.offering THEN r.offering_id
            ELSE coalesce(old.offering_id, taught.id) END""",
    "state": STATE,
    "grade_state_id": GRADE_STATE,
    "awarded": f"""
        CASE WHEN given.awarded THEN s.awarded
            WHEN old.grade_state_id IS NOT DISTINCT FROM {GRADE_STATE}
            THEN old.awarded END""",
    # A file for who may not know of a grader has none; that takes nobody away.
    "grader_id": f"""
        CASE WHEN given.grader_id AND (
                s.grader_id IS NOT NULL OR NOT {GRADER_IS_HELD.format(row="old")}
            ) THEN s.grader_id
            WHEN old.grade_state_id IS NOT DISTINCT FROM {GRADE_STATE}
            THEN old.grader_id END""",
    "ended_at": f"""
        CASE WHEN {IS_SETTLED} THEN old.ended_at
            WHEN {IS_FINISHED}
            THEN coalesce(s.ended_at, old.ended_at, around.now) END""",
    "ejected_at": f"""
        CASE WHEN {IS_REJECTED}
            THEN coalesce(s.ejected_at, old.ejected_at, around.now) END""",
}

SHOWN_GRADER = f"""
CASE WHEN NOT {GRADER_IS_HELD.format(row="t")} THEN t.grader_id END
"""

REGISTRATIONS = Kind(
    "registrations",
    Registration,
    columns_of(
        Registration,
        [
            *("id", "profile", "unit", "course", "intake", "attempt", "offering"),
            *("state", "grade_state", "awarded", "notes", "feedback", "grader_id"),
            *("began_at", "last_active_at", "ended_at", "ejected_at", "created_at"),
        ],
    ),
    key=("profile", "unit", "course", "intake", "attempt"),
    finders=(
        frozenset({"id"}),
        frozenset({"profile", "unit", "intake"}),
        frozenset({"profile", "unit", "course"}),
    ),
    before=BEFORE,
    match=MATCH,
    joins=JOINS,
    context=CONTEXT,
    values=VALUES,
    rules=(
        Rule(
            "course",
            "is not that of the intake",
            "r.course_id <> intake.course_id",
        ),
        Rule("unit", "is not of the course", "unit.course_id <> new.course_id"),
        Rule("attempt", "is less than 1", "new.attempt < 1"),
        Rule(
            "id",
            "is that of another registration: who is registered on what cannot change",
            "old.id IS NOT NULL AND ("
            "(old.profile_id, old.unit_id, old.attempt) <>"
            " (new.profile_id, new.unit_id, new.attempt)"
            f" OR old.course_id <> {COURSE}"
            " OR given.intake AND old.intake_id IS DISTINCT FROM new.intake_id)",
        ),
        Rule(
            "offering",
            "is not of the unit and the intake",
            "offering.id IS DISTINCT FROM old.offering_id"
            " AND (version.unit_id <> new.unit_id"
            " OR offering.course_intake_id IS DISTINCT FROM new.intake_id)",
        ),
        Rule(
            "ended_at",
            "is set, but the registration has no outcome and is not rejected",
            f"s.ended_at IS NOT NULL AND NOT {IS_FINISHED}",
        ),
        Rule(
            "ejected_at",
            "is set, but the registration is not rejected",
            f"s.ejected_at IS NOT NULL AND NOT {IS_REJECTED}",
        ),
        RuleOfRecord(
            "grade_state",
            TermClosed.sentence,
            "coalesce(term.grades_closed_at, old_term.grades_closed_at) IS NOT NULL"
            " AND NOT around.is_late AND"
            " (old.grade_state_id, old.awarded) IS DISTINCT FROM"
            " (new.grade_state_id, new.awarded)",
        ),
    ),
    rests_on=(
        *(Course, CourseIntake, Unit, UnitOffering, UnitVersion, Term),
        GradeState,
    ),
    notes={"_profile": "s.profile", "_is_latest": IS_LATEST},
    holds=KEEP_OFFERINGS,
    moved=f"{RENAMED.format(person='profile_id')} UNION ALL {RETAKEN}",
    person="profile_id",
    export=Export(
        person="t.profile_id",
        filters=of_registration("t"),
        blind={"grader_id": SHOWN_GRADER},
    ),
)
