"""What holds for every kind: a new row, a changed one, and the same file again."""

import io

import pytest

from config.history import events_of
from tests.transfer.conftest import ACTOR, SECTION
from transfer.exporting import Recipient, export
from transfer.kinds import KINDS

pytestmark = pytest.mark.django_db

NEW = {
    "terms": ("code,name,starts_on,ends_on", "203003,Spring,2030-03-28,2030-06-10"),
    "courses": ("code,name", "MATH,Mathematics"),
    "intakes": ("course,name", "PHYS,2031"),
    "lecturers": (
        "netid,first_name,last_name,email",
        "l3,Ada,Lovelace,ada@example.edu",
    ),
    "units": ("code,course,title", "P3,PHYS,Optics"),
    "grade_columns": (
        "unit,name,label,scale,maximum,allowed",
        "P1,__essay,Essay,discrete,10,2.5|5|10",
    ),
    "unit_versions": ("unit,version_number,title", "P1,2,Mechanics II"),
    "offerings": (
        "code,unit_version,course_intake,lecturer,semester,section_id,part_of_term",
        "O2,P1/1,PHYS/2030,l1,203001,PHYS.013.02-203001-U-10413,U",
    ),
    "dplan_codes": ("id,name,is_active", "M,Medical leave,yes"),
    "dplan_sources": ("id,name", "STU,Student"),
    "profiles": (
        "netid,first_name,last_name,email,class_year,intake",
        "f9,'=Ada,Lovelace,f9@example.edu,2030,PHYS/2030",
    ),
    "dplans": ("profile,term,code,source", "f2,203001,R,PHL"),
    "grade_states": ("name,label,outcome", "honors,Honors,passed"),
    "registrations": (
        "profile,unit,intake,notes",
        'f2,P2,PHYS/2030,"two\nlines, ""quoted"""',
    ),
    "grades": ("profile,unit,intake,grade_name,value", "f2,P1,PHYS/2030,final,82.50"),
    "enrollments": ("offering,profile,role", f"{SECTION},f2,student"),
}
CHANGED = {
    "terms": ("code,name", "203001,Renamed"),
    "courses": ("code,name", "PHYS,Renamed"),
    "intakes": ("id,name", "intake-1,Renamed"),
    "lecturers": ("netid,last_name", "l1,Renamed"),
    "units": ("code,passing_grade", "P1,55.5"),
    "grade_columns": ("unit,name,label", "P1,final,Renamed"),
    "unit_versions": ("id,title", "version-1,Renamed"),
    "offerings": ("code,passing_grade", "O1,55"),
    "dplan_codes": ("id,is_active", "R,no"),
    "dplan_sources": ("id,name", "PHL,Renamed"),
    "profiles": ("netid,last_name", "f1,Renamed"),
    "dplans": ("profile,term,code", "f1,203001,L"),
    "grade_states": ("name,label", "pass,Renamed"),
    "registrations": ("id,notes", "registration-1,Renamed"),
    "grades": ("registration,grade_name,value", "registration-1,final,70"),
    "enrollments": (
        "id,assessment_submitted_at",
        f"{SECTION}-f1-student,2030-03-01T09:00:00Z",
    ),
}
TRACKED = [name for name, kind in KINDS.items() if events_of(kind.model) is not None]


@pytest.fixture(autouse=True)
def _more(some_of_each, apply):
    """What some of the new rows refer to."""
    apply("registrations", "profile,unit,intake\nf2,P1,PHYS/2030\n")
    apply("dplan_codes", "id,name\nL,Leave\n")


def counts(it):
    return it.new, it.changed, it.same, it.error


def exported(kind, format="csv"):
    out = io.BytesIO()
    export(KINDS[kind], format, out, Recipient("rita", "command", sees_held=True))
    return out.getvalue()


def file(table, kind):
    return "\n".join(table[kind]) + "\n"


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_row_is_added_and_the_same_file_again_changes_nothing(apply, kind):
    assert counts(apply(kind, file(NEW, kind))) == (1, 0, 0, 0)
    after = exported(kind)
    assert counts(apply(kind, file(NEW, kind))) == (0, 0, 1, 0)
    assert exported(kind) == after


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_row_is_changed_and_the_same_file_again_changes_nothing(apply, kind):
    before = exported(kind)
    assert counts(apply(kind, file(CHANGED, kind))) == (0, 1, 0, 0)
    after = exported(kind)
    assert len(set(before.splitlines()) ^ set(after.splitlines())) == 2
    assert counts(apply(kind, file(CHANGED, kind))) == (0, 0, 1, 0)
    assert exported(kind) == after


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_exported_changes_nothing_when_it_comes_back(apply, kind):
    apply(kind, file(CHANGED, kind))
    it = apply(kind, exported(kind).decode())
    assert counts(it) == (0, 0, KINDS[kind].model.objects.count(), 0)


@pytest.mark.parametrize("kind", TRACKED)
@pytest.mark.parametrize(("table", "label"), [(NEW, "insert"), (CHANGED, "update")])
def test_the_history_has_who_by_which_door_and_why(apply, kind, table, label):
    known = events_of(KINDS[kind].model).count()
    apply(kind, file(table, kind), reason="A letter of the dean")
    events = events_of(KINDS[kind].model).order_by("pgh_id")[known:]
    assert [(event.pgh_label, event.pgh_context.metadata) for event in events] == [
        (
            label,
            {"actor": ACTOR, "door": "command", "reason": "A letter of the dean"},
        )
    ]


def test_the_kinds_of_fact_are_tracked():
    assert {*TRACKED} >= {
        *("terms", "offerings", "profiles", "dplans", "registrations", "grades"),
        "enrollments",
    }
