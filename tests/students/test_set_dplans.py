import pytest

from students.changes import DplanChange
from students.errors import DplansRefused, StudentNotFound
from students.models import Dplan, Profile
from students.operations import set_dplans
from tests.factories import (
    DplanCodeFactory,
    DplanFactory,
    DplanSourceFactory,
    ProfileFactory,
    TermFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def student():
    TermFactory(code="202301")
    TermFactory(code="202303")
    DplanCodeFactory(id="R")
    DplanCodeFactory(id="L")
    DplanSourceFactory(id="PHL")
    DplanSourceFactory(id="STU")
    return ProfileFactory(netid="f00000x")


def change(term_code="202301", dplan_id="R", source_id="PHL", surplus=()):
    return DplanChange(term_code, dplan_id, source_id, surplus)


def dplans_of(profile):
    rows = Dplan.objects.filter(profile=profile).order_by("term__code")
    return [*rows.values_list("term__code", "code_id", "source_id")]


def test_it_adds_the_dplan_of_each_named_term(student):
    set_dplans(netid="f00000x", changes=[change("202303"), change("202301", "L")])
    assert dplans_of(student) == [("202301", "L", "PHL"), ("202303", "R", "PHL")]


def test_it_replaces_the_dplan_of_a_term_and_leaves_every_other(student):
    set_dplans(netid="f00000x", changes=[change("202303"), change("202301")])
    set_dplans(netid="f00000x", changes=[change("202301", "L", "STU")])
    assert dplans_of(student) == [("202301", "L", "STU"), ("202303", "R", "PHL")]


def test_it_leaves_other_students_as_they_are(student):
    other = DplanFactory(code__id="L")
    set_dplans(netid="f00000x", changes=[change()])
    assert dplans_of(other.profile) == [(other.term.code, "L", "PHL")]


def test_it_raises_the_version_of_the_student(student):
    set_dplans(netid="f00000x", changes=[change()])
    assert Profile.objects.get(pk=student.pk).version == 2


def test_it_leaves_no_trace_where_everything_is_as_asked(student):
    set_dplans(netid="f00000x", changes=[change()])
    before = Dplan.objects.get(profile=student)
    set_dplans(netid="f00000x", changes=[change()])
    assert Dplan.objects.get(profile=student).updated_at == before.updated_at
    assert Profile.objects.get(pk=student.pk).version == 2
    assert student.events.count() == 2
    assert before.events.count() == 1


def test_it_writes_as_many_statements_for_two_terms_as_for_one(
    student, django_assert_num_queries
):
    set_dplans(netid="f00000x", changes=[change()])
    with django_assert_num_queries(6):
        set_dplans(netid="f00000x", changes=[change(dplan_id="L"), change("202303")])


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ([change("999999")], ["'999999' is not a known term_code in dplans[0]"]),
        (
            [change(), change("202303", "Q")],
            ["'Q' is not a known dplan_id in dplans[1]"],
        ),
        (
            [change(source_id="X")],
            ["'X' is not a known dplan_source_id in dplans[0]"],
        ),
        (
            [change(), change(dplan_id="L")],
            ["'202301' is a term_code given before in dplans[1]"],
        ),
        (
            [change(202301, None, ["PHL"])],
            [
                "202301 is not a known term_code in dplans[0]",
                "null is not a known dplan_id in dplans[0]",
                '["PHL"] is not a known dplan_source_id in dplans[0]',
            ],
        ),
        (
            [change(surplus=["color"]), change("202303", surplus=["size"])],
            [
                "'color' is not a known attribute in dplans[0]",
                "'size' is not a known attribute in dplans[1]",
            ],
        ),
        (
            [change(dplan_id="x" * 65)],
            [f"'{'x' * 64}…' is not a known dplan_id in dplans[0]"],
        ),
    ],
)
def test_it_says_every_fault_with_its_position(student, changes, faults):
    with pytest.raises(DplansRefused) as refusal:
        set_dplans(netid="f00000x", changes=changes)
    assert refusal.value.faults == faults
    assert refusal.value.message == "; ".join(faults)
    assert dplans_of(student) == []


def test_it_changes_nothing_where_one_of_many_is_refused(student):
    set_dplans(netid="f00000x", changes=[change()])
    with pytest.raises(DplansRefused):
        set_dplans(netid="f00000x", changes=[change(dplan_id="L"), change("1")])
    assert dplans_of(student) == [("202301", "R", "PHL")]
    assert Profile.objects.get(pk=student.pk).version == 2


def test_it_accepts_codes_that_are_no_longer_active(student):
    DplanCodeFactory(id="T", is_active=False)
    set_dplans(netid="f00000x", changes=[change(dplan_id="T")])
    assert dplans_of(student) == [("202301", "T", "PHL")]


def test_it_does_not_know_a_netid_that_no_one_has(student):
    with pytest.raises(StudentNotFound, match="There is no such student."):
        set_dplans(netid="nobody", changes=[change()])
