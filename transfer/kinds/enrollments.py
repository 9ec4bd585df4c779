from enrollments.models import Enrollment
from offerings.models import UnitOffering, UnitVersion
from transfer.kind import Export, Kind, Rule, columns_of
from transfer.names import OF_ENROLLMENT, RENAMED

# The id says the section, the netid and the role; a student's points to the
# latest attempt on what the section teaches.
BEFORE = """
    LEFT JOIN offerings_unitoffering AS section ON section.id = r.offering_id
    LEFT JOIN offerings_unitversion AS version ON version.id = section.unit_version_id
    LEFT JOIN students_profile AS person ON person.id = r.profile_id"""
PUBLISHED_ID = "section.section_id || '-' || person.netid || '-' || s.role"
IS_OWN = "old.id IS NULL AND NOT given.registration AND s.role = 'student'"
OWN = """
    LEFT JOIN LATERAL (
        SELECT own.id FROM registrations_registration AS own
        WHERE {asked}
            AND own.profile_id = {row}.profile_id AND own.unit_id = version.unit_id
            AND own.intake_id = section.course_intake_id
        ORDER BY own.attempt DESC LIMIT 1
    ) AS own ON true"""
JOINS = OWN.format(asked=IS_OWN, row="r")
CONTEXT = """
    LEFT JOIN registrations_registration AS registration
        ON registration.id = new.registration_id
    LEFT JOIN offerings_unitoffering AS offering ON offering.id = new.offering_id
    LEFT JOIN offerings_unitversion AS taught ON taught.id = offering.unit_version_id"""

# The latest attempt, or the netid, may be another since.
MOVED = f"""
SELECT FROM {{plan}} AS planned
JOIN students_profile AS person ON person.id = planned.profile_id
JOIN offerings_unitoffering AS section ON section.id = planned.offering_id
JOIN offerings_unitversion AS version ON version.id = section.unit_version_id
{OWN.format(asked="planned._is_own", row="planned")}
WHERE planned._action = 'new' AND (
    person.netid IS DISTINCT FROM planned._netid
    OR planned._is_own AND own.id IS DISTINCT FROM planned.registration_id
)
"""

ENROLLMENTS = Kind(
    "enrollments",
    Enrollment,
    columns_of(
        Enrollment,
        [
            *("id", "offering", "profile", "role", "registration"),
            *("assessment_submitted_at", "assessment_opted_out_at", "created_at"),
        ],
    ),
    key=("offering", "profile", "role"),
    finders=(frozenset({"id"}), frozenset({"offering", "profile", "role"})),
    before=BEFORE,
    joins=JOINS,
    context=CONTEXT,
    derived_id=PUBLISHED_ID,
    values={
        "registration_id": """
            CASE WHEN given.registration THEN r.registration_id
                ELSE coalesce(old.registration_id, own.id) END""",
    },
    rules=(
        Rule(
            "offering",
            "is no section",
            "old.id IS NULL AND section.id IS NOT NULL AND section.section_id IS NULL",
        ),
        Rule(
            "profile",
            "has no netid, of which the id is made",
            "old.id IS NULL AND person.id IS NOT NULL AND person.netid IS NULL",
        ),
        Rule(
            "id",
            "is not made of the section, the netid and the role",
            f"old.id IS NULL AND s.id <> {PUBLISHED_ID}",
        ),
        Rule(
            "id",
            "is that of another enrollment: who is enrolled where cannot change",
            "(old.offering_id, old.profile_id, old.role) <>"
            " (new.offering_id, new.profile_id, new.role)",
        ),
        Rule(
            "registration",
            "is another person's",
            "registration.profile_id <> new.profile_id",
        ),
        Rule(
            "registration",
            "is not on what the section teaches",
            "registration.id IS DISTINCT FROM old.registration_id"
            " AND registration.unit_id <> taught.unit_id",
        ),
        Rule(
            "registration",
            "is only a student's",
            "new.role <> 'student' AND new.registration_id IS NOT NULL",
        ),
        Rule(
            "role",
            "is not student: only a student has a course assessment",
            "new.role <> 'student' AND (new.assessment_submitted_at IS NOT NULL"
            " OR new.assessment_opted_out_at IS NOT NULL)",
        ),
        Rule(
            "assessment_opted_out_at",
            "and assessment_submitted_at cannot both be set",
            "new.assessment_submitted_at IS NOT NULL"
            " AND new.assessment_opted_out_at IS NOT NULL",
        ),
    ),
    notes={"_profile": "s.profile", "_netid": "person.netid", "_is_own": IS_OWN},
    moved=f"{RENAMED.format(person='profile_id')} UNION ALL {MOVED}",
    rests_on=(UnitOffering, UnitVersion),
    person="profile_id",
    export=Export(person="t.profile_id", filters=OF_ENROLLMENT),
)
