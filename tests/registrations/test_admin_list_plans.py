"""How the database finds a page of the list of registrations, in a large record."""

import pytest
from django.contrib.auth.models import User

from config.admin.staff import Staff
from offerings.models import Term
from registrations.admin.listing import PER_PAGE, ListForm
from registrations.models import Registration
from tests.large import large_record, plan_of

__all__ = ["large_record"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("large_record")]


def plan(**asked):
    form = ListForm(asked, staff=Staff(User(is_superuser=True)))
    assert form.is_valid()
    found = form.narrowed(Registration.objects.all()).newest_first()
    return plan_of(found[:PER_PAGE])


@pytest.mark.parametrize(
    "asked",
    [
        {"student": ""},
        {"student": "b0000100"},
        {"state": "conditional"},
        {"state": "rejected"},
        {"state": "registered"},
        {"final": "published"},
        {"held": "on"},
        {"course": "BENCH3"},
        {"student": "b0000100", "final": "missing"},
        {"student": "b0000100", "state": "registered", "grade_state": "pass"},
    ],
)
def test_it_reads_no_more_than_a_page_needs(asked):
    found = plan(**asked)
    assert "Seq Scan" not in found.scans.get("registrations_registration", set())
    assert found.rows_read <= 25 * PER_PAGE


def test_it_reads_the_registrations_of_a_term_at_most():
    term = Term.objects.order_by("starts_on").last()
    assert plan(term=term.pk).rows_read <= 25 * PER_PAGE


def test_it_finds_something():
    """Or the tests above would hold for an empty table as well."""
    assert plan(student="b0000100").rows_found == 4
    assert plan(course="BENCH3").rows_found == PER_PAGE
