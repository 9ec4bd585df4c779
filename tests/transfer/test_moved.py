"""What a plan stands on besides its rows: who is named, and what is the latest."""

import pytest

from registrations.models import Registration
from students.models import Profile
from tests.factories import (
    ProfileFactory,
    TermFactory,
    UnitOfferingFactory,
)
from tests.transfer.conftest import SECTION
from transfer import importing
from transfer.errors import RecordMoved
from transfer.kinds import KINDS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("some_of_each")]


def registered(profile_id="profile-1", intake_id="intake-1", attempt=1):
    Registration.objects.create(
        profile_id=profile_id,
        unit_id="unit-1",
        course_id="course-1",
        intake_id=intake_id,
        attempt=attempt,
    )


def retaken():
    registered(attempt=2)


def registered_elsewhere():
    registered(intake_id="intake-0")


def registered_first():
    registered(profile_id="profile-2")


def moved():
    Registration.objects.filter(pk="registration-1").update(intake_id="intake-0")


def moved_into_a_closed_term():
    closed = UnitOfferingFactory(
        unit_version_id="version-1",
        course_intake_id="intake-1",
        semester=TermFactory(grades_closed_at="2029-04-01T00:00Z"),
    )
    Registration.objects.filter(pk="registration-1").update(offering=closed)


def another_has_the_netid():
    Profile.objects.filter(pk="profile-1").update(netid="f1-old")
    ProfileFactory(netid="f1")


def netid_changed():
    Profile.objects.filter(pk="profile-2").update(netid="f2-new")


NOTES = "profile,unit,intake,notes\nf1,P1,PHYS/2030,New\n"
GRADE = "profile,unit,intake,grade_name,value\nf1,P1,PHYS/2030,final,70\n"
GRADE_OF_UNIT = "profile,unit,grade_name,value\nf1,P1,final,70\n"
GRADE_BY_ID = "registration,grade_name,value\nregistration-1,final,70\n"
ENROLLED = f"offering,profile,role\n{SECTION},f2,student\n"
ENROLLED_BY_ID = f"offering,profile,role\n{SECTION},profile-2,student\n"
DPLAN = "profile,term,code,source\nf1,202901,R,PHL\n"


@pytest.mark.parametrize(
    ("kind", "text", "happen"),
    [
        ("registrations", NOTES, retaken),
        ("registrations", NOTES, another_has_the_netid),
        ("grades", GRADE, retaken),
        ("grades", GRADE, moved),
        ("grades", GRADE_OF_UNIT, registered_elsewhere),
        ("grades", GRADE, another_has_the_netid),
        ("grades", GRADE_BY_ID, moved_into_a_closed_term),
        ("enrollments", ENROLLED, registered_first),
        ("enrollments", ENROLLED_BY_ID, netid_changed),
        ("dplans", DPLAN, another_has_the_netid),
    ],
)
def test_it_refuses_where_what_a_row_stands_on_has_moved(check, kind, text, happen):
    it = check(kind, text)
    assert (it.error, it.new + it.changed) == (0, 1)
    happen()
    before = [*KINDS[kind].model.objects.order_by("pk").values()]

    with pytest.raises(RecordMoved, match="check it again"):
        importing.apply(it)

    assert [*KINDS[kind].model.objects.order_by("pk").values()] == before


@pytest.mark.parametrize(
    ("kind", "text", "happen"),
    [
        (
            "registrations",
            "profile,unit,intake,attempt,notes\nf1,P1,PHYS/2030,1,New\n",
            retaken,
        ),
        ("registrations", "id,notes\nregistration-1,New\n", retaken),
        ("registrations", NOTES, registered_elsewhere),
        (
            "grades",
            "profile,unit,intake,attempt,grade_name,value\n"
            "f1,P1,PHYS/2030,1,final,70\n",
            retaken,
        ),
        ("grades", GRADE_BY_ID, retaken),
        ("grades", GRADE, registered_elsewhere),
        ("enrollments", ENROLLED, retaken),
    ],
)
def test_it_is_applied_where_what_moved_is_nothing_of_its(check, kind, text, happen):
    it = check(kind, text)
    happen()
    assert importing.apply(it).state == "applied"


def test_a_file_may_bring_an_attempt_and_the_one_after_it(apply):
    text = "profile,unit,intake,attempt\nf2,P1,PHYS/2030,\nf2,P1,PHYS/2030,2\n"
    assert apply("registrations", text).new == 2
