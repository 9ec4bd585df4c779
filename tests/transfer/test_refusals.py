"""What each kind of record refuses, and the sentence that a row gets for it."""

import pytest

from offerings.models import Course
from tests.transfer.conftest import SECTION
from transfer.kinds import KINDS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("some_of_each")]

NONE = "names none that there is: "
FORMULA = "holds a formula: paste its value, or put ' before it."


def lines(header, *rows):
    return "\n".join([header, *rows]) + "\n"


REFUSED = {
    "terms": [
        ("code,name", "N,New", "starts_on is needed.\nends_on is needed."),
        (
            "code,starts_on",
            "203001,31.1.2030",
            "starts_on is no date such as 2024-01-31.",
        ),
        (
            "code,starts_on",
            "203001,2030-02-30",
            "starts_on is no date such as 2024-01-31.",
        ),
        (
            *("code,starts_on,ends_on", "203001,2030-03-01,2030-02-01"),
            "ends_on comes before starts_on.",
        ),
        (
            *("code,registration_opens_on", "203001,2030-01-01"),
            "registration_closes_on goes with registration_opens_on: both or neither.",
        ),
        (
            "code,registration_opens_on,registration_closes_on",
            "203001,2030-02-01,2030-01-01",
            "registration_closes_on comes before registration_opens_on.",
        ),
        (
            "code,grades_closed_at",
            "203001,soon",
            "grades_closed_at is no moment such as 2024-01-31T09:30:00Z.",
        ),
        (
            *("id,code", "term-1,203009"),
            "code cannot change: there are sections of the term, whose ids have it.",
        ),
        (
            *("id,code", "term-1,"),
            "code cannot change: there are sections of the term, whose ids have it.",
        ),
        (
            *("code,grades_closed_at", "203001,2999-01-01T00:00:00Z"),
            "grades_closed_at has not come yet: a term is closed at once.",
        ),
        ("id,code", "term-0,203001", "Another row has this code: term-1."),
        ("id,code", "a b,203009", "id is no id: letters, digits and . _ ~ - only."),
        ("code,name", "=1+1,New", f"code {FORMULA}"),
    ],
    "courses": [
        ("code,name", "NEW,", "name is needed."),
        ("code,name", f"{'N' * 65},New", "code has more than 64 characters."),
        ("id,code", "course-2,PHYS", "Another row has this code: course-1."),
        ("code,name", '"A\tB",New', "code has a character that cannot be printed."),
        ("code,name", "PHYS,=A1", f"name {FORMULA}"),
    ],
    "intakes": [
        ("course,name", "XXXX,2030", f"course {NONE}XXXX."),
        ("course,name", "PHYS,Twin", "name is that of several intakes: give the id."),
        (
            *("id,course", "intake-1,ARTS"),
            "course cannot change: people are registered on the intake.",
        ),
        ("id,name", "intake-9,New", "course is needed."),
        ("course,name", "PHYS,", "name is needed."),
    ],
    "lecturers": [
        ("id,netid", "lecturer-2,l1", "Another row has this netid: lecturer-1."),
        ("netid,email", "l1,nobody", "email is no e-mail address."),
        ("netid,first_name,last_name", "l9,,L", "first_name is needed."),
        ("netid,first_name", "l1,=1+1", f"first_name {FORMULA}"),
    ],
    "units": [
        ("code,course,title", "N1,XXXX,New", f"course {NONE}XXXX."),
        ("code,course,title", "N1,PHYS,", "title is needed."),
        ("code,passing_grade", "P1,101", "passing_grade is more than 100."),
        (
            *("code,passing_grade", "P1,-1"),
            "passing_grade is no number of at most 10 digits and 6 decimals.",
        ),
        (
            *("code,course", "P1,ARTS"),
            "course cannot change: people are registered on the unit.",
        ),
        ("id,code", "unit-2,P1", "Another row has this code: unit-1."),
    ],
    "grade_columns": [
        (
            *("unit,name,label,scale,maximum", "P1,essay,Essay,continuous,50"),
            "name is neither `final` nor begins with __.",
        ),
        (
            *("unit,name,label,scale,maximum", "P1,__essay,Essay,continuous,0"),
            "maximum is needed, and more than 0, on a scale of numbers.",
        ),
        (
            *("unit,name,label,scale,maximum,allowed", "P1,__e,E,labels,9,A|B"),
            "maximum has no place on a scale of labels.",
        ),
        (
            *("unit,name,label,scale", "P1,__e,E,labels"),
            "allowed lists the values of a scale of labels or of a discrete one.",
        ),
        (
            *("unit,name,label,scale,maximum", "P1,__e,E,letters,50"),
            "scale is none of continuous, discrete, labels.",
        ),
        (
            *("unit,name,allowed", "P1,final,A||B"),
            "allowed is no list of words with | between them.",
        ),
        (
            *("unit,name,maximum", "P1,final,50"),
            "scale cannot change: the column holds grades.",
        ),
        (
            *("id,unit", "column-1,P2"),
            "unit cannot change, nor the name: the column holds grades.",
        ),
        (
            *("id,name", "column-2,__essay"),
            "name cannot change, nor the unit: every unit has a final grade.",
        ),
        (
            *("id,unit", "column-2,P2"),
            "name cannot change, nor the unit: every unit has a final grade.",
        ),
        ("unit,name,label,maximum", "X9,__e,E,50", f"unit {NONE}X9."),
        ("unit,name,position", "P1,final,x", "position is no whole number."),
    ],
    "unit_versions": [
        ("unit,version_number,title", "X9,1,New", f"unit {NONE}X9."),
        ("unit,version_number", "P1,one", "version_number is no whole number."),
        ("id,unit", "version-1,P2", "unit cannot change: the version is offered."),
        (
            *("id,unit,version_number", "version-2,P1,1"),
            "Another row has this unit and version_number: version-1.",
        ),
    ],
    "offerings": [
        ("code,unit_version", "O1,X9/1", f"unit_version {NONE}X9/1."),
        ("code,lecturer", "O1,l9", f"lecturer {NONE}l9."),
        ("code,semester", "O1,204001", f"semester {NONE}204001."),
        ("code,course_intake", "O1,PHYS/Twin", f"course_intake {NONE}PHYS/Twin."),
        ("code,passing_grade", "O1,100.5", "passing_grade is more than 100."),
        (
            "code,registration_opens_at,registration_closes_at",
            "O1,2030-02-01T00:00:00Z,2030-01-01T00:00:00Z",
            "registration_closes_at comes before registration_opens_at.",
        ),
        (
            *("code,section_id", "O0,P1"),
            "section_id does not read subject.number.section-term-part-crn.",
        ),
        (
            *("code,semester,section_id,part_of_term", f"O0,203001,{SECTION},U"),
            "section_id is that of another offering.",
        ),
        (
            *("code,section_id", "O1,PHYS.013.02-203001-U-10413"),
            "section_id cannot change: people are enrolled in the section.",
        ),
        (
            *("code,section_id,part_of_term", "O0,PHYS.013.02-203001-U-10413,U"),
            "section_id names another term or part of term than the offering's.",
        ),
        (
            *("code,section_id,part_of_term", "O0,PHYS.013.02-202901-U-10413,A"),
            "section_id names another term or part of term than the offering's.",
        ),
        (
            *("code,unit_version", "O1,P2/1"),
            "unit_version cannot be of another unit: the offering has registrations.",
        ),
        (
            *("code,course_intake", "O1,PHYS/2029"),
            "course_intake cannot change: the offering has registrations.",
        ),
        (
            "code,allows_retakes",
            "O1,maybe",
            "allows_retakes is neither true nor false.",
        ),
        ("id,code", "offering-0,O1", "Another row has this code: offering-1."),
    ],
    "dplan_codes": [
        ("id,name", "Q,", "name is needed."),
        ("id,is_active", "R,perhaps", "is_active is neither true nor false."),
        ("id,name", "=R,New", f"id {FORMULA}"),
    ],
    "dplan_sources": [
        ("id,name", "NEW,", "name is needed."),
        ("id,is_active", "PHL,2", "is_active is neither true nor false."),
        ("id,name", "A B,New", "id is no id: letters, digits and . _ ~ - only."),
    ],
    "profiles": [
        ("id,netid", "profile-2,f1", "Another row has this netid: profile-1."),
        ("netid,email", "f1,f1@", "email is no e-mail address."),
        ("netid,class_year", "f1,soon", "class_year is no whole number."),
        ("netid,class_year", "f1,40000", "class_year is more than 32767."),
        ("netid,intake", "f1,PHYS/2050", f"intake {NONE}PHYS/2050."),
        ("netid,is_confidential", "f1,x", "is_confidential is neither true nor false."),
        ("netid,first_name,last_name", "f9,,Hopper", "first_name is needed."),
        ("netid,last_name", "f1,=HYPERLINK(1)", f"last_name {FORMULA}"),
    ],
    "dplans": [
        ("profile,term,code,source", "f9,203001,R,PHL", f"profile {NONE}f9."),
        ("profile,term,code,source", "f1,204001,R,PHL", f"term {NONE}204001."),
        ("profile,term,code,source", "f1,203001,X,PHL", f"code {NONE}X."),
        ("profile,term,code,source", "f1,203001,R,XXX", f"source {NONE}XXX."),
        ("profile,term,code,source", "f2,203001,,PHL", "code is needed."),
        (
            *("id,profile,term,code,source", "dplan-9,f1,203001,R,PHL"),
            "Another row has this profile and term: dplan-1.",
        ),
        (
            *("id,profile", "dplan-1,f2"),
            "id is that of another D-Plan: whose it is, and of which term, cannot "
            "change.",
        ),
        (
            *("id,term", "dplan-1,202901"),
            "id is that of another D-Plan: whose it is, and of which term, cannot "
            "change.",
        ),
        (
            *("profile,term,code,source", "f1,term-2,R,PHL"),
            "term has no code, by which D-Plans name it.",
        ),
    ],
    "grade_states": [
        (
            "name,label,outcome",
            "new,New,perfect",
            "outcome is none of passed, failed, none.",
        ),
        ("name,label,outcome", "new,,none", "label is needed."),
        (
            *("name,label,outcome,is_default", "new,New,passed,yes"),
            "is_default is true of another state of that outcome: change that one "
            "first.",
        ),
        (
            *("name,outcome", "pass,failed"),
            "outcome cannot change: registrations are in this state.",
        ),
    ],
    "registrations": [
        ("profile,unit,intake", "f9,P1,PHYS/2030", f"profile {NONE}f9."),
        ("profile,unit,intake", "f1,X9,PHYS/2030", f"unit {NONE}X9."),
        ("profile,unit,intake", "f1,A1,PHYS/2030", "unit is not of the course."),
        (
            *("profile,unit,course,intake", "f2,P1,ARTS,PHYS/2030"),
            "course is not that of the intake.",
        ),
        ("profile,unit,intake,attempt", "f2,P1,PHYS/2030,0", "attempt is less than 1."),
        (
            *("id,profile", "registration-1,f2"),
            "id is that of another registration: who is registered on what cannot "
            "change.",
        ),
        (
            *("profile,unit,intake,offering", "f2,P2,PHYS/2030,O1"),
            "offering is not of the unit and the intake.",
        ),
        (
            *("profile,unit,intake,ended_at", "f2,P2,PHYS/2030,2030-01-01T00:00:00Z"),
            "ended_at is set, but the registration has no outcome and is not rejected.",
        ),
        (
            *("profile,unit,intake,ejected_at", "f1,P1,PHYS/2030,2030-01-01T00:00:00Z"),
            "ejected_at is set, but the registration is not rejected.",
        ),
        (
            *("id,grade_state", "registration-0,"),
            "grade_state: The term is closed for grades.",
        ),
        ("id,grade_state", "registration-1,perfect", f"grade_state {NONE}perfect."),
    ],
    "grades": [
        (
            *("profile,unit,grade_name,value", "f2,P2,final,70"),
            "registration names none that there is.",
        ),
        (
            *("registration,grade_name,value", "registration-9,final,70"),
            "registration names none that there is.",
        ),
        (
            *("registration,grade_name,value", "registration-1,__essay,70"),
            "grade_name is none of the unit's grades.",
        ),
        (
            *("registration,profile,grade_name", "registration-1,f2,final"),
            "profile is not whose registration it is.",
        ),
        (
            *("registration,unit,grade_name", "registration-1,P2,final"),
            "unit is not what the registration is on.",
        ),
        (
            *("registration,grade_name,value", "registration-1,final,101"),
            "value: '101' is not a number from 0 to 100 with at most 6 decimals.",
        ),
        (
            *("registration,grade_name,resit_value", "registration-1,final,A+"),
            "resit_value: 'A+' is not a number from 0 to 100 with at most 6 decimals.",
        ),
        (
            *("registration,grade_name,value,published", "registration-1,final,,true"),
            "published: A grade without a value cannot be published.",
        ),
        (
            *("registration,grade_name,value", "registration-0,final,70"),
            "value: The term is closed for grades.",
        ),
    ],
    "enrollments": [
        ("offering,profile,role", "XX,f1,student", f"offering {NONE}XX."),
        ("offering,profile,role", f"{SECTION},f9,student", f"profile {NONE}f9."),
        (
            "offering,profile,role",
            f"{SECTION},f1,guest",
            "role is none of student, instructor.",
        ),
        ("offering,profile,role", "O0,f1,student", "offering is no section."),
        (
            *("offering,profile,role", f"{SECTION},profile-3,student"),
            "profile has no netid, of which the id is made.",
        ),
        (
            *("id,offering,profile,role", f"mine,{SECTION},f2,student"),
            "id is not made of the section, the netid and the role.",
        ),
        (
            *("id,profile", f"{SECTION}-f1-student,f2"),
            "id is that of another enrollment: who is enrolled where cannot change.\n"
            "registration is another person's.",
        ),
        (
            *(
                "offering,profile,role,registration",
                f"{SECTION},f2,student,registration-1",
            ),
            "registration is another person's.",
        ),
        (
            *(
                "offering,profile,role,registration",
                f"{SECTION},f1,instructor,registration-1",
            ),
            "registration is only a student's.",
        ),
        (
            "id,assessment_submitted_at,assessment_opted_out_at",
            f"{SECTION}-f1-student,2030-01-01T00:00:00Z,2030-01-01T00:00:00Z",
            "assessment_opted_out_at and assessment_submitted_at cannot both be set.",
        ),
        (
            "offering,profile,role,assessment_submitted_at",
            f"{SECTION},f2,instructor,2030-01-01T00:00:00Z",
            "role is not student: only a student has a course assessment.",
        ),
    ],
}


def test_each_kind_has_a_table():
    assert REFUSED.keys() == KINDS.keys()


@pytest.mark.parametrize(
    ("kind", "header", "row", "sentence"),
    [(kind, *refused) for kind, table in REFUSED.items() for refused in table],
)
def test_it_refuses_the_row_with_a_sentence(outcome, kind, header, row, sentence):
    assert outcome(kind, lines(header, row)) == sentence


@pytest.mark.parametrize(
    ("kind", "header", "row"),
    [
        ("terms", "code,name", "203001,X"),
        ("courses", "code,name", "PHYS,X"),
        ("intakes", "course,name", "PHYS,2030"),
        ("lecturers", "netid,last_name", "l1,X"),
        ("units", "code,title", "P1,X"),
        ("grade_columns", "unit,name", "P1,final"),
        ("unit_versions", "unit,version_number", "P1,1"),
        ("offerings", "code,passing_grade", "O1,50"),
        ("dplan_codes", "id,name", "R,X"),
        ("dplan_sources", "id,name", "PHL,X"),
        ("profiles", "netid,last_name", "f1,X"),
        ("dplans", "profile,term,code,source", "f1,203001,R,PHL"),
        ("grade_states", "name,label", "pass,X"),
        ("registrations", "profile,unit,intake", "f1,P1,PHYS/2030"),
        ("grades", "registration,grade_name,value", "registration-1,final,70"),
        ("enrollments", "offering,profile,role", f"{SECTION},f1,student"),
    ],
)
def test_a_record_stands_once_in_a_file(outcomes, kind, header, row):
    first, second = outcomes(kind, lines(header, row, row))
    assert first in ("same", "changed")
    assert second == "Row 2 of the file is about the same record."


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (
            "offerings",
            lines(
                "code,unit_version,course_intake,lecturer,semester,section_id,"
                "part_of_term",
                "O7,P1/1,PHYS/2030,l1,203001,PHYS.013.07-203001-U-10417,U",
                "O8,P1/1,PHYS/2030,l1,203001,PHYS.013.07-203001-U-10417,U",
            ),
            "Row 2 of the file is the same section.",
        ),
        (
            "grade_states",
            lines("name,label,outcome,is_default", "a,A,none,yes", "b,B,none,yes"),
            "Row 2 of the file is the default of the same outcome.",
        ),
    ],
)
def test_what_the_record_holds_once_stands_once_in_a_file(
    outcomes, kind, text, sentence
):
    assert outcomes(kind, text) == ["new", sentence]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_says_nobody_is_refused(outcomes, kind):
    """Every cell empty but one that is no key."""
    header = ",".join(KINDS[kind].names)
    place = KINDS[kind].names.index(KINDS[kind].stored[-1].name)
    said = "," * place + "x" + "," * (len(KINDS[kind].names) - place - 1)
    (told,) = outcomes(kind, lines(header, said))
    assert told not in ("new", "changed", "same")


def test_several_faults_of_a_row_are_told_at_once(outcome):
    text = lines("netid,email,class_year,intake", "f1,nobody,x,PHYS/2050")
    assert outcome("profiles", text) == (
        "email is no e-mail address.\nclass_year is no whole number.\n"
        "intake names none that there is: PHYS/2050."
    )


def test_nothing_of_a_refused_file_is_written(outcome):
    outcome("courses", lines("code,name", "NEW,"))
    assert not Course.objects.filter(code="NEW").exists()
