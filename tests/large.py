"""A record that is large enough for the planner to mind, and what it plans."""

from dataclasses import dataclass

import pytest
from django.db import connection
from django.db.models import QuerySet

from access.callers import Caller
from benchmarks.data import analyze, empty, fill

REGISTRATIONS = 40_000
NOBODY_SPECIAL = Caller(client_id="c", sub="s")  # does not see people under hold


@pytest.fixture(scope="module")
def large_record(django_db_setup, django_db_blocker):
    """Ten thousand students, committed and analysed, for the tests of a module."""
    with django_db_blocker.unblock():
        fill(REGISTRATIONS)
        analyze()
        yield
        empty()


@dataclass(frozen=True)
class Plan:
    """What PostgreSQL did for a query: how it read each table, how many it found."""

    scans: dict[str, set[str]]  # kinds of scan by table
    rows_read: int  # of the table that was asked, what was left out again included
    rows_found: int
    is_sorted: bool


def plan_of(search: QuerySet) -> Plan:
    """Run the search and return its plan; the planner is left as it is."""
    statement, parameters = search.values_list("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        # As the embedded engine has it: indexes lie in memory, or on no turning disk.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        ((plan,),) = cursor.fetchone()
    nodes = [*_nodes(plan["Plan"])]
    table = search.model._meta.db_table
    return Plan(
        scans=_scans(nodes),
        rows_read=sum(_read(node) for node in nodes if node.get("Alias") == table),
        rows_found=int(plan["Plan"]["Actual Rows"]),
        is_sorted=any("Sort" in node["Node Type"] for node in nodes),
    )


def _nodes(node):
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _scans(nodes):
    scans = {}
    for node in nodes:
        if "Relation Name" in node:
            scans.setdefault(node["Relation Name"], set()).add(node["Node Type"])
    return scans


def _read(node):
    left_out = sum(node.get(name, 0) for name in LEFT_OUT)
    return int(node["Actual Loops"] * (node["Actual Rows"] + left_out))


LEFT_OUT = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
