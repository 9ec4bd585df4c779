"""An operation joins the transaction that there is, or has its own."""

import pytest
from django.db import connection, transaction

from config.errors import Invalid
from config.transactions import joining
from tasks.models import Tally

pytestmark = pytest.mark.django_db(transaction=True)


@joining
def count(name: str, *, refuse: bool = False) -> str:
    """Counted."""
    Tally.objects.create(name=name, value=1)
    if refuse:
        raise Invalid("No.")
    return name


def test_it_is_undone_where_it_stands_alone():
    with pytest.raises(Invalid):
        count("a", refuse=True)
    assert not Tally.objects.exists()


def test_it_keeps_what_it_did_where_it_stands_alone():
    assert count("a") == "a"
    assert Tally.objects.filter(name="a").exists()
    assert not connection.in_atomic_block


def test_it_takes_no_statement_of_its_own_within_a_transaction(
    django_assert_num_queries,
):
    with transaction.atomic(), django_assert_num_queries(1):
        count("a")


def test_it_leaves_a_refusal_to_the_transaction_that_it_joined():
    with transaction.atomic():
        with pytest.raises(Invalid):
            count("a", refuse=True)
        assert Tally.objects.exists()
        transaction.set_rollback(True)
    assert not Tally.objects.exists()


def test_it_is_still_called_as_it_was():
    assert (count.__name__, count.__doc__) == ("count", "Counted.")
