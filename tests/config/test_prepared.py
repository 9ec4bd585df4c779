"""Statements that a connection plans once."""

import pytest
from django.db import connection

from config.prepared import fetch_all

pytestmark = pytest.mark.django_db

STATEMENT = "SELECT %(number)s::int + 1"
PLANS = "SELECT generic_plans FROM pg_prepared_statements"


def plans() -> list[int]:
    """How often each statement was run by the plan that this connection has made."""
    with connection.cursor() as cursor:
        cursor.execute(PLANS)
        return [times for (times,) in cursor.fetchall()]


@pytest.fixture(autouse=True)
def _no_plans():
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    connection.connection._prepared.clear()


def test_it_prepares_a_statement_once_for_all_its_values():
    assert fetch_all(STATEMENT, {"number": 1}) == [(2,)]
    assert fetch_all(STATEMENT, {"number": 2}) == [(3,)]
    assert plans() == [2]


def test_it_keeps_nothing_of_statements_that_come_by_another_way():
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, {"number": 1})
    assert plans() == []
    assert not connection.connection._prepared._counts


def test_it_prepares_nothing_behind_a_pooler(settings):
    settings.PREPARED_STATEMENTS = False
    assert fetch_all(STATEMENT, {"number": 1}) == [(2,)]
    assert plans() == []


def test_it_makes_its_plans_anew_after_a_while(monkeypatch):
    fetch_all(STATEMENT, {"number": 1})
    monkeypatch.setattr(connection.connection, "plans_end", 0.0)
    fetch_all(STATEMENT, {"number": 2})
    assert plans() == [1]


def test_it_is_counted_like_any_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        fetch_all(STATEMENT, {"number": 1})
