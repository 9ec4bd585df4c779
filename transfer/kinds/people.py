"""Profiles, and the D-Plans of their terms."""

from offerings.models import Course, CourseIntake, Term
from students.models import Dplan, DplanCode, DplanSource, Profile
from transfer.kind import Export, Kind, Rule, columns_of
from transfer.names import OF_PROFILE, RENAMED

PROFILES = Kind(
    "profiles",
    Profile,
    columns_of(
        Profile,
        [
            *("id", "netid", "first_name", "last_name", "email", "is_confidential"),
            *("class_year", "intake", "created_at"),
        ],
    ),
    key=("netid",),
    finders=(frozenset({"id"}), frozenset({"netid"})),
    rests_on=(Course, CourseIntake),
    person="id",
    export=Export(person="t.id", filters=OF_PROFILE),
)

DPLAN_CODES = Kind(
    "dplan_codes",
    DplanCode,
    columns_of(DplanCode, ["id", "name", "is_active"]),
    key=("id",),
    finders=(frozenset({"id"}),),
)

DPLAN_SOURCES = Kind(
    "dplan_sources",
    DplanSource,
    columns_of(DplanSource, ["id", "name", "is_active"]),
    key=("id",),
    finders=(frozenset({"id"}),),
)

# The D-Plans of a student are shown with the student.
TOUCH_PROFILES = """
UPDATE students_profile SET version = version + 1, updated_at = statement_timestamp()
WHERE id IN (SELECT profile_id FROM {plan} WHERE _action IN ('new', 'changed'))
"""

DPLANS = Kind(
    "dplans",
    Dplan,
    columns_of(Dplan, ["id", "profile", "term", "code", "source"]),
    key=("profile", "term"),
    finders=(frozenset({"id"}), frozenset({"profile", "term"})),
    context="LEFT JOIN offerings_term AS term ON term.id = new.term_id",
    rules=(
        Rule(
            "id",
            "is that of another D-Plan: whose it is, and of which term, cannot change",
            "(old.profile_id, old.term_id) <> (new.profile_id, new.term_id)",
        ),
        Rule(
            "term",
            "has no code, by which D-Plans name it",
            "old.id IS NULL AND term.id IS NOT NULL AND term.code IS NULL",
        ),
    ),
    notes={"_profile": "s.profile"},
    locks=("students_profile", "profile_id"),
    moved=RENAMED.format(person="profile_id"),
    after=(TOUCH_PROFILES,),
    rests_on=(Term, DplanCode, DplanSource),
    person="profile_id",
    export=Export(person="t.profile_id", filters={"term": "t.term_id = %(term)s"}),
)
