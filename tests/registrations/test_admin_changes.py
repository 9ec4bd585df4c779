"""Who changed which grade: the list, its file, and the tab of a record."""

import pytest

from config.history import recorded
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.operations import apply_change
from tests.factories import GradeFactory, RegistrationFactory, UnitOfferingFactory
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/grade-changes/"


@pytest.fixture
def grade():
    offering = UnitOfferingFactory()
    with recorded(actor={"staff": "clerk"}, door="elsewhere"):
        registration = RegistrationFactory(
            offering=offering, unit=offering.unit_version.unit, profile__netid="f001abc"
        )
        return GradeFactory(registration=registration, value="60")


def change(grade, value, who="okafor", reason="Counted again"):
    asked = Change(
        target=Target(registration_id=grade.registration_id),
        grades=[GradeChange("final", value=value)],
    )
    with recorded(actor={"staff": who}, door="admin", reason=reason):
        apply_change(asked, writer=Writer(sees_held=True))


def listed(client, **asked):
    rows = client.get(ADDRESS, asked).context_data["rows"]
    return [(row["entry"].who, row["entry"].changes.get("value")) for row in rows]


def test_it_tells_who_changed_a_grade_from_what_to_what(grade):
    change(grade, "75")
    assert listed(make_admin()) == [
        ("okafor", ("60", "75")),
        ("clerk", (None, "60")),
    ]


def test_it_finds_changes_by_all_that_is_asked(grade):
    GradeFactory()
    change(grade, "75")
    change(grade, "80", who="mina")
    client, offering = make_admin(), grade.registration.offering
    assert listed(client, actor="mina") == [("mina", ("75", "80"))]
    assert len(listed(client, offering=offering.code)) == 3
    assert len(listed(client, term=offering.semester_id, door="admin")) == 2
    assert len(listed(client, student="f001")) == 3
    assert listed(client, student="absent") == []
    assert listed(client, term="absent") == []
    assert len(listed(client, before="x")) == 4
    assert listed(client, before="0") == []


def test_it_gives_the_same_as_a_file_without_formulas(grade):
    change(grade, "75", reason="=1+1")
    response = make_admin().get(ADDRESS, {"format": "csv", "actor": "okafor"})
    heading, line = response.content.decode().splitlines()
    assert heading == ("at,who,door,reason,netid,unit,grade,attribute,before,after")
    assert line.partition(",")[2] == (
        f"okafor,admin,'=1+1,f001abc,{grade.registration.unit.code},Final grade,"
        "value,60,75"
    )


def test_it_leaves_out_whom_one_may_not_see(grade):
    grade.registration.profile.is_confidential = True
    grade.registration.profile.save()
    other = GradeFactory()
    auditor = make_staff("registrations.view_registration", username="a")
    rows = signed_in(auditor).get(ADDRESS).context_data["rows"]
    assert [row["registration"].pk for row in rows] == [other.registration_id]
    lecturer = make_staff("registrations.grade_own", username="b")
    assert listed(signed_in(lecturer)) == []
    nobody = make_staff("students.view_profile", username="c")
    assert signed_in(nobody).get(ADDRESS).status_code == 403


def test_it_has_a_tab_on_each_record(grade):
    change(grade, "75")
    client = make_admin()
    row = grade.registration
    page = client.get(f"/admin/registrations/registration/{row.pk}/history/")
    told = [(each.what, each.who) for each in page.context_data["entries"]]
    assert sorted(told) == [
        ("Final grade", "clerk"),
        ("Final grade", "okafor"),
        ("registration", "clerk"),
        ("registration", "okafor"),
    ]
    term = row.offering.semester
    page = client.get(f"/admin/offerings/term/{term.pk}/history/")
    assert [each.label for each in page.context_data["entries"]] == ["insert"]
    course = row.course
    page = client.get(f"/admin/offerings/course/{course.pk}/history/")
    assert page.status_code == 200
