"""What a change makes of a registration."""

from decimal import Decimal

import pytest
from msgspec.structs import asdict, replace

from config.errors import StaleVersion
from registrations.changes import GradeChange
from registrations.decisions import decide
from registrations.errors import (
    NoDefaultState,
    NoPercentage,
    NothingToComplete,
    NothingToPublish,
    NotTheirs,
    OffScale,
    ReasonRequired,
    TermClosed,
    UnknownGrade,
    UnknownGradeState,
    UnknownState,
    WrongStatus,
)
from registrations.models import Outcome
from registrations.rows import GradeRow, State, Status
from tests.registrations.values import (
    BEFORE,
    CLOSED_OFFERING,
    ESSAY,
    FINAL,
    NOW,
    OFFERING,
    UNIT,
    around,
    asking,
    registration,
)

REGISTERED, CONDITIONAL, REJECTED = State.REGISTERED, State.CONDITIONAL, State.REJECTED

PASSED = {
    "grade_state": "pass",
    "outcome": Outcome.PASSED,
    "ended_at": BEFORE,
}
EJECTED = {"state": REJECTED, "ejected_at": BEFORE, "ended_at": BEFORE}


def difference(before, after):
    """Return the attributes that the change made different."""
    was = asdict(before)
    return {name: now for name, now in asdict(after).items() if now != was[name]}


def changes(row, /, *, unit=UNIT, grade_states=None, writer=None, **asked):
    """Return what the change makes different, beside the version and its date."""
    circumstances = around(unit, grade_states, **(writer or {}))
    difference_made = difference(row, decide(row, asking(**asked), circumstances))
    stamp = {"version": row.version + 1, "updated_at": NOW}
    assert difference_made == {} or stamp.items() <= difference_made.items()
    return {k: v for k, v in difference_made.items() if k not in stamp}


# --- What is left as it is ----------------------------------------------------


def test_it_returns_the_very_row_where_nothing_is_asked():
    row = registration(**PASSED)
    assert decide(row, asking(), around()) is row


@pytest.mark.parametrize(
    "asked",
    [
        {"grade_notes": ""},
        {"grade_feedback": ""},
        {"registration_state": "registered"},
        {"grade_state_name": "pass"},
        {"awarded": None},
        {"grades": [GradeChange("final")]},
        {"grades": [GradeChange("final", "85", published=True)]},
        {"grades": [GradeChange("__essay", comment=None)]},
    ],
)
def test_it_changes_nothing_where_what_is_asked_is_so_already(asked):
    row = registration(**PASSED, grades={"c2": GradeRow("85", published=True)})
    assert decide(row, asking(**asked), around()) is row


def test_it_changes_what_is_named_and_nothing_else():
    row = registration(**PASSED, notes="a", feedback="b")
    assert changes(row, grade_notes="c") == {"notes": "c"}


def test_it_dates_no_end_that_came_without_a_date():
    row = registration(grade_state="pass", outcome=Outcome.PASSED, ended_at=None)
    assert changes(row, grade_notes="c") == {"notes": "c"}
    assert changes(row, grade_state_name="merit")["ended_at"] == NOW


# --- States -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "state", "difference_made"),
    [
        ({}, "conditional", {"state": CONDITIONAL}),
        ({}, "rejected", {"state": REJECTED, "ejected_at": NOW, "ended_at": NOW}),
        ({"state": CONDITIONAL}, "registered", {"state": REGISTERED}),
        (
            {"state": CONDITIONAL},
            "rejected",
            {"state": REJECTED, "ejected_at": NOW, "ended_at": NOW},
        ),
        (
            EJECTED,
            "registered",
            {"state": REGISTERED, "ejected_at": None, "ended_at": None},
        ),
        (
            EJECTED,
            "conditional",
            {"state": CONDITIONAL, "ejected_at": None, "ended_at": None},
        ),
        (EJECTED, "rejected", {}),
        (PASSED, "rejected", {"state": REJECTED, "ejected_at": NOW}),
        (PASSED, "conditional", {"state": CONDITIONAL}),
        (PASSED, "registered", {}),
        (
            {**EJECTED, **PASSED},
            "registered",
            {"state": REGISTERED, "ejected_at": None},
        ),
    ],
)
def test_it_dates_an_ejection_and_the_end_when_they_first_come(
    before, state, difference_made
):
    row = registration(**before)
    assert changes(row, registration_state=state) == difference_made


@pytest.mark.parametrize("state", ["", "REGISTERED", "ejected", "active"])
def test_it_refuses_a_state_that_there_is_not(state):
    with pytest.raises(UnknownState) as refusal:
        decide(registration(), asking(registration_state=state), around())
    assert refusal.value.field == "registration_state"


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({}, "active"),
        ({"grade_state": "incomplete", "outcome": Outcome.NONE}, "active"),
        (PASSED, "passed"),
        ({"grade_state": "fail", "outcome": Outcome.FAILED}, "failed"),
        (EJECTED, "ejected"),
        ({**EJECTED, **PASSED}, "ejected"),
        ({"state": CONDITIONAL}, "conditional"),
        ({**PASSED, "state": CONDITIONAL}, "conditional"),
    ],
)
def test_it_tells_the_status_from_state_and_outcome(attributes, status):
    assert registration(**attributes).status == status


@pytest.mark.parametrize(
    ("attributes", "only_from"),
    [
        ({}, {Status.CONDITIONAL}),
        (PASSED, {Status.ACTIVE}),
        (EJECTED, {Status.ACTIVE, Status.PASSED, Status.FAILED}),
        ({"state": CONDITIONAL}, {Status.ACTIVE}),
    ],
)
def test_it_refuses_what_cannot_be_done_from_its_status(attributes, only_from):
    change = asking(registration_state="rejected", only_from=frozenset(only_from))
    with pytest.raises(WrongStatus):
        decide(registration(**attributes), change, around())


@pytest.mark.parametrize("versions", [{7}, {1, 7}])
def test_it_takes_the_version_that_was_expected(versions):
    row = registration()
    asked = {"grade_notes": "x", "expected_versions": frozenset(versions)}
    assert changes(row, **asked) == {"notes": "x"}


@pytest.mark.parametrize("versions", [set(), {6}, {8}])
def test_it_refuses_another_version_than_was_expected(versions):
    change = asking(grade_notes="x", expected_versions=frozenset(versions))
    with pytest.raises(StaleVersion):
        decide(registration(), change, around())


# --- Grade states and award ---------------------------------------------------


@pytest.mark.parametrize(
    ("before", "name", "difference_made"),
    [
        (
            {},
            "pass",
            {
                "grade_state": "pass",
                "outcome": Outcome.PASSED,
                "ended_at": NOW,
                "grader_id": "me",
            },
        ),
        (
            {},
            "incomplete",
            {
                "grade_state": "incomplete",
                "outcome": Outcome.NONE,
                "grader_id": "me",
            },
        ),
        (PASSED, "merit", {"grade_state": "merit", "grader_id": "me"}),
        (
            PASSED,
            "fail",
            {"grade_state": "fail", "outcome": Outcome.FAILED, "grader_id": "me"},
        ),
        (
            PASSED,
            None,
            {
                "grade_state": None,
                "outcome": None,
                "ended_at": None,
                "grader_id": "me",
            },
        ),
        (
            {**EJECTED, **PASSED},
            None,
            {"grade_state": None, "outcome": None, "grader_id": "me"},
        ),
        (
            EJECTED,
            "pass",
            {"grade_state": "pass", "outcome": Outcome.PASSED, "grader_id": "me"},
        ),
    ],
)
def test_it_sets_the_outcome_by_the_grade_state(before, name, difference_made):
    row = registration(**before)
    assert changes(row, grade_state_name=name) == difference_made


def test_it_refuses_a_grade_state_that_there_is_not():
    with pytest.raises(UnknownGradeState) as refusal:
        decide(registration(), asking(grade_state_name="pas"), around())
    assert refusal.value.field == "grade_state_name"


@pytest.mark.parametrize(
    ("before", "asked", "stored", "is_awarded"),
    [
        ({}, {}, None, False),
        (PASSED, {}, None, True),
        ({}, {"awarded": True}, True, True),
        (PASSED, {"awarded": False}, False, False),
        ({**PASSED, "awarded": False}, {"awarded": None}, None, True),
        ({**PASSED, "awarded": False}, {"grade_state_name": "merit"}, None, True),
        ({**PASSED, "awarded": False}, {"grade_state_name": "fail"}, None, False),
        ({**PASSED, "awarded": False}, {"grade_state_name": "pass"}, False, False),
        ({**PASSED, "awarded": True}, {"grade_state_name": None}, None, False),
        ({"awarded": True}, {"grade_state_name": "fail"}, None, False),
        (
            {"awarded": True},
            {"grade_state_name": "fail", "awarded": True},
            True,
            True,
        ),
        ({"awarded": True}, {"grades": [GradeChange("final", "10")]}, True, True),
    ],
)
def test_it_awards_by_the_rule_unless_it_is_set(before, asked, stored, is_awarded):
    decided = decide(registration(**before), asking(**asked), around())
    assert (decided.awarded, decided.is_awarded) == (stored, is_awarded)


# --- Grades -------------------------------------------------------------------

GRADED = GradeRow("70", True, "good", "75", "was ill")


@pytest.mark.parametrize(
    ("before", "asked", "after"),
    [
        (GradeRow(), {"value": "85"}, GradeRow("85")),
        (GradeRow(), {"value": 85, "published": True}, GradeRow("85", True)),
        (GradeRow(), {"comment": "late"}, GradeRow(comment="late")),
        (GradeRow(), {"resit_value": "60"}, GradeRow(resit_value="60")),
        (GRADED, {"value": "71"}, replace(GRADED, value="71")),
        (GRADED, {"value": None}, replace(GRADED, value=None, published=False)),
        (
            GRADED,
            {"value": None, "published": False},
            replace(GRADED, value=None, published=False),
        ),
        (GRADED, {"published": False}, replace(GRADED, published=False)),
        (GRADED, {"comment": None}, replace(GRADED, comment=None)),
        (GRADED, {"comment": ""}, replace(GRADED, comment="")),
        (GRADED, {"resit_value": None}, replace(GRADED, resit_value=None)),
        (
            GRADED,
            {"resit_value": 80, "resit_justification": None},
            replace(GRADED, resit_value="80", resit_justification=None),
        ),
    ],
)
def test_it_enters_what_is_given_of_a_grade(before, asked, after):
    row = registration(grades={ESSAY.id: GradeRow("3"), FINAL.id: before})
    decided = decide(row, asking(grades=[GradeChange("final", **asked)]), around())
    assert decided.grades == {ESSAY.id: GradeRow("3"), FINAL.id: after}


def test_it_leaves_the_row_it_was_given_as_it_was():
    row = registration(grades={FINAL.id: GRADED})
    decide(row, asking(grades=[GradeChange("final", None)]), around())
    assert row.grades == {FINAL.id: GRADED}


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (GradeRow(), {"published": True}),
        (GRADED, {"value": None, "published": True}),
        (GradeRow(resit_value="70"), {"published": True}),
    ],
)
def test_it_publishes_no_grade_without_a_value(before, asked):
    row = registration(grades={FINAL.id: before})
    change = asking(grades=[GradeChange("__essay"), GradeChange("final", **asked)])
    with pytest.raises(NothingToPublish) as refusal:
        decide(row, change, around())
    assert refusal.value.field == "grades[1].published"


def test_it_takes_two_entries_of_one_column_in_their_order():
    change = asking(
        grades=[GradeChange("final", "40"), GradeChange("final", published=True)]
    )
    decided = decide(registration(), change, around())
    assert decided.grades == {FINAL.id: GradeRow("40", True)}


@pytest.mark.parametrize(
    ("grade", "refusal", "field"),
    [
        (GradeChange("Final", "85"), UnknownGrade, "grades[0].name"),
        (GradeChange("final", "101"), OffScale, "grades[0].value"),
        (GradeChange("__essay", 21), OffScale, "grades[0].value"),
        (GradeChange("final", ""), OffScale, "grades[0].value"),
        (GradeChange("final", resit_value="x"), OffScale, "grades[0].resit_value"),
    ],
)
def test_it_names_what_is_wrong_with_a_grade(grade, refusal, field):
    with pytest.raises(refusal) as refused:
        decide(registration(), asking(grades=[grade]), around())
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("before", "grade", "grader_id"),
    [
        (GradeRow(), GradeChange("final", "85"), "me"),
        (GradeRow("85"), GradeChange("final", "85"), "somebody"),
        (GradeRow("85"), GradeChange("final", published=True), "somebody"),
        (GradeRow("85"), GradeChange("final", resit_value="90"), "me"),
        (GradeRow("85", False, None, "90"), GradeChange("final", "10"), "somebody"),
        (GradeRow(), GradeChange("__essay", "10"), "somebody"),
    ],
)
def test_it_keeps_who_gave_the_final_grade_of_record(before, grade, grader_id):
    row = registration(grades={FINAL.id: before})
    assert decide(row, asking(grades=[grade]), around()).grader_id == grader_id


def test_it_lets_a_resit_change_no_grade_state():
    row = registration(grade_state="fail", outcome=Outcome.FAILED, ended_at=BEFORE)
    grades = [GradeChange("final", resit_value="90")]
    assert changes(row, grades=grades) == {
        "grades": {FINAL.id: GradeRow(resit_value="90")},
        "grader_id": "me",
    }


# --- Percentages and completion -----------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "percent", "name"),
    [
        ({}, "50", "pass"),
        ({}, "49.999999", "fail"),
        ({"offering": OFFERING}, "59.999999", "fail"),
        ({"offering": OFFERING}, "60", "pass"),
        ({"offering": CLOSED_OFFERING}, "50", "pass"),
        ({"grade_state": "merit", "outcome": Outcome.PASSED}, "80", "pass"),
        (PASSED, "10", "fail"),
    ],
)
def test_it_sets_the_outcome_of_a_percentage_by_the_passing_grade(
    attributes, percent, name
):
    late = {"may_grade_late": True, "reason": "appeal"}
    change = asking(percentage=Decimal(percent))
    decided = decide(registration(**attributes), change, around(**late))
    assert (decided.grade_state, decided.grades) == (
        name,
        {FINAL.id: GradeRow(percent)},
    )


def test_it_stores_a_percentage_on_the_scale_of_the_final_grade():
    unit = replace(UNIT, columns=[replace(FINAL, maximum=Decimal(20))])
    assert changes(registration(), unit=unit, percentage=Decimal("99.7")) == {
        "grades": {FINAL.id: GradeRow("19.94")},
        "grade_state": "pass",
        "outcome": Outcome.PASSED,
        "ended_at": NOW,
        "grader_id": "me",
    }


def test_it_clears_an_ejection_with_a_percentage_and_keeps_when_it_ended():
    row = registration(**EJECTED)
    asked = {"percentage": Decimal(80), "registration_state": "registered"}
    assert changes(row, **asked) == {
        "state": REGISTERED,
        "ejected_at": None,
        "grades": {FINAL.id: GradeRow("80")},
        "grade_state": "pass",
        "outcome": Outcome.PASSED,
        "grader_id": "me",
    }


def test_it_leaves_published_as_it_was_with_a_percentage():
    row = registration(grades={FINAL.id: GradeRow("10", True)})
    decided = decide(row, asking(percentage=Decimal(80)), around())
    assert decided.grades == {FINAL.id: GradeRow("80", True)}


def test_it_judges_by_the_resit_where_there_is_one():
    row = registration(grades={FINAL.id: GradeRow("10", False, None, "55")})
    decided = decide(row, asking(percentage=Decimal(20)), around())
    assert decided.grades == {FINAL.id: GradeRow("20", False, None, "55")}
    assert decided.grade_state == "pass"


def test_it_says_who_graded_even_where_the_grade_stays():
    row = registration(
        **PASSED, grades={FINAL.id: GradeRow("80")}, grader_id="somebody"
    )
    assert changes(row, percentage=Decimal(80)) == {"grader_id": "me"}


@pytest.mark.parametrize(
    ("value", "name"), [("50", "pass"), ("49.9", "fail"), ("100", "pass")]
)
def test_it_completes_by_the_final_grade(value, name):
    row = registration(grades={FINAL.id: GradeRow(value)})
    assert decide(row, asking(completes=True), around()).grade_state == name


def test_it_completes_nothing_without_a_final_grade():
    row = registration(grades={ESSAY.id: GradeRow("20")})
    with pytest.raises(NothingToComplete):
        decide(row, asking(completes=True), around())


def test_it_refuses_a_percentage_where_the_unit_has_no_final_grade():
    with pytest.raises(NoPercentage):
        decide(
            registration(),
            asking(percentage=Decimal(80)),
            around(replace(UNIT, columns=[ESSAY])),
        )


def test_it_refuses_an_outcome_that_no_state_is_the_default_of():
    with pytest.raises(NoDefaultState):
        decide(registration(), asking(percentage=Decimal(80)), around(grade_states={}))


# --- Closed terms and lecturers -----------------------------------------------

TOUCHES_GRADES = [
    {"grades": [GradeChange("final", "85")]},
    {"grades": [GradeChange("final", published=False)]},
    {"grade_state_name": "pass"},
    {"grade_state_name": None},
    {"awarded": True},
    {"percentage": Decimal(80)},
    {"completes": True},
]
TOUCHES_NO_GRADES = [
    {"grade_notes": "x"},
    {"grade_feedback": "x"},
    {"registration_state": "rejected"},
    {"grades": []},
]
CLOSED = {"offering": CLOSED_OFFERING, "grades": {FINAL.id: GradeRow("40")}}


@pytest.mark.parametrize("asked", TOUCHES_GRADES)
def test_it_holds_grades_of_a_closed_term_off(asked):
    with pytest.raises(TermClosed):
        decide(registration(**CLOSED), asking(**asked), around(reason="appeal"))


@pytest.mark.parametrize("asked", TOUCHES_GRADES)
def test_it_asks_for_the_reason_of_a_late_grade(asked):
    with pytest.raises(ReasonRequired):
        decide(registration(**CLOSED), asking(**asked), around(may_grade_late=True))


@pytest.mark.parametrize("asked", TOUCHES_NO_GRADES)
def test_it_holds_nothing_else_of_a_closed_term_off(asked):
    row = registration(**CLOSED)
    decided = decide(row, asking(**asked), around())
    assert (decided.grades, decided.grade_state) == (row.grades, None)


def test_it_takes_a_late_grade_with_permission_and_reason():
    late = {"may_grade_late": True, "reason": "appeal"}
    change = asking(grades=[GradeChange("final", "85")])
    decided = decide(registration(**CLOSED), change, around(**late))
    assert decided.grades == {FINAL.id: GradeRow("85")}


def test_it_says_what_is_wrong_before_that_the_term_is_closed():
    change = asking(grades=[GradeChange("final", "850")])
    with pytest.raises(OffScale):
        decide(registration(**CLOSED), change, around())


@pytest.mark.parametrize("offering", [None, OFFERING])
def test_it_keeps_a_lecturer_to_their_own_offerings(offering):
    row = registration(offering=offering)
    with pytest.raises(NotTheirs):
        decide(row, asking(grade_notes="x"), around(lecturer_id="l2"))


def test_it_lets_a_lecturer_write_their_own():
    row = registration(offering=OFFERING)
    assert changes(row, writer={"lecturer_id": "l1"}, grade_notes="x") == {"notes": "x"}
