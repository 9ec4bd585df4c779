"""What changes a term."""

from datetime import date

import pytest
from django.utils import timezone

from config.errors import StaleVersion
from config.history import last_change, recorded
from offerings.changes import TermChange
from offerings.errors import (
    GradesAlready,
    NoSuchDates,
    ReasonRequired,
    TermCodeTaken,
    TermHasSections,
    TermNotFound,
)
from offerings.models import Term
from offerings.terms import change_term, close_for_grades, open_for_grades
from tests.factories import SectionFactory, TermFactory

pytestmark = pytest.mark.django_db


def values_of(term):
    return Term.objects.values().get(pk=term.pk)


def test_it_changes_what_is_given_and_nothing_else():
    term = TermFactory(name="Fall")
    before = values_of(term)
    change_term(term_id=term.pk, change=TermChange(name="Autumn"))
    assert values_of(term) == {**before, "name": "Autumn", "version": 2}


def test_a_change_to_what_is_so_already_is_none():
    term = TermFactory(name="Fall")
    before = values_of(term)
    change_term(term_id=term.pk, change=TermChange(name="Fall"))
    assert values_of(term) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (TermChange(ends_on=date(2020, 1, 5)), "ends_on"),
        (
            TermChange(registration_opens_on=date(2020, 1, 5)),
            "registration_closes_on",
        ),
        (
            TermChange(
                registration_opens_on=date(2020, 1, 5),
                registration_closes_on=date(2020, 1, 4),
            ),
            "registration_closes_on",
        ),
    ],
)
def test_it_refuses_dates_that_no_term_can_have(change, field):
    term = TermFactory(starts_on=date(2020, 1, 6))
    before = values_of(term)
    with pytest.raises(NoSuchDates) as refused:
        change_term(term_id=term.pk, change=change)
    assert refused.value.field == field
    assert values_of(term) == before


def test_it_refuses_the_code_of_another_term():
    term, other = TermFactory(), TermFactory()
    before = values_of(term)
    with pytest.raises(TermCodeTaken):
        change_term(term_id=term.pk, change=TermChange(code=other.code))
    assert values_of(term) == before


def test_it_keeps_the_code_that_sections_bear():
    term = SectionFactory().semester
    before = values_of(term)
    with pytest.raises(TermHasSections):
        change_term(term_id=term.pk, change=TermChange(code="209901"))
    assert values_of(term) == before


def test_it_closes_a_term_for_grades_and_says_why():
    term = TermFactory()
    before = values_of(term)
    with recorded(actor={"staff": "ada"}, door="admin", reason="The board met"):
        close_for_grades(term_id=term.pk, reason="The board met")
    after = values_of(term)
    assert after["grades_closed_at"] <= timezone.now()
    closed_at = after["grades_closed_at"]
    assert after == {**before, "grades_closed_at": closed_at, "version": 2}
    metadata = last_change(term).pgh_context.metadata
    assert (metadata["actor"], metadata["reason"]) == (
        {"staff": "ada"},
        "The board met",
    )


def test_it_opens_it_again():
    term = TermFactory(grades_closed_at=timezone.now())
    before = values_of(term)
    open_for_grades(term_id=term.pk, reason="An appeal")
    assert values_of(term) == {**before, "grades_closed_at": None, "version": 2}


@pytest.mark.parametrize("turn", [close_for_grades, open_for_grades])
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_it_asks_for_a_reason(turn, reason):
    term = TermFactory()
    before = values_of(term)
    with pytest.raises(ReasonRequired):
        turn(term_id=term.pk, reason=reason)
    assert values_of(term) == before


def test_it_closes_no_term_that_is_closed():
    term = TermFactory(grades_closed_at=timezone.now())
    before = values_of(term)
    with pytest.raises(GradesAlready):
        close_for_grades(term_id=term.pk, reason="Again")
    assert values_of(term) == before


def test_it_opens_no_term_that_is_open():
    term = TermFactory()
    before = values_of(term)
    with pytest.raises(GradesAlready):
        open_for_grades(term_id=term.pk, reason="Again")
    assert values_of(term) == before


@pytest.mark.parametrize("turn", [close_for_grades, open_for_grades])
def test_it_refuses_where_the_term_changed_since(turn):
    term = TermFactory(version=3)
    before = values_of(term)
    with pytest.raises(StaleVersion):
        turn(term_id=term.pk, reason="Now", expected_versions=frozenset({2}))
    assert values_of(term) == before


def test_it_knows_no_term_that_is_not_there():
    with pytest.raises(TermNotFound):
        close_for_grades(term_id="absent", reason="Now")
