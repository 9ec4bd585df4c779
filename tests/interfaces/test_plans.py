"""How the database finds what lists are asked for, in a large record.

The lists of enrollments and of students have such tests beside their filters.
"""

import pytest
from django.db import connection
from django.test import Client as Http
from django.test.utils import CaptureQueriesContext

from access.operations import create_client, create_key
from access.scopes import ADMIN, PEOPLE_PRIVATE, SCOPES
from tests.large import large_record

__all__ = ["large_record"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("large_record")]

REGISTRATIONS = "/dc/api/v5/registrations"
ROSTER = "/apis/registrations/units/e00000000000000000000000/registrations"
PROFILE = "/apis/registrations/profiles/300000000000000000000064/registrations"
OFFERINGS = "/api/v1/unit-offerings"
TASKS = "/api/tasks"

LARGE = {
    "registrations_registration",
    "registrations_grade",
    "students_profile",
    "offerings_unitoffering",
    "tasks_task",
}

# Tasks of one client, each on a resource of its own.
SOME_TASKS = """
INSERT INTO tasks_lane
    (key, next_number, applied_number, ready_at, fence, hinted_at, is_held)
SELECT 'students:b' || n, 2, 1, now(), 0, now(), false
FROM generate_series(1, 5000) AS n;
INSERT INTO tasks_task
    (id, lane_id, number, resource, action, resource_id, payload, about, client_id,
     sub, name, email, scope, request_id, reason, retry_of, state, message,
     accepted_at, started_at, finished_at)
SELECT lpad(to_hex(n), 24, '0'), 'students:b' || n, 1, 'students', 'PATCH', 'b' || n,
       '{{}}', '', '{client}', '{client}', '', '', '', '', '', '', 'complete',
       'Done.', moment, moment, moment
FROM (SELECT n, timestamptz '2026-01-01' + n * interval '1 minute' AS moment
      FROM generate_series(1, 5000) AS n) AS made;
ANALYZE tasks_task
"""


@pytest.fixture
def caller(db):
    return create_client(
        name="Reader",
        scopes=[scope for scope in SCOPES if scope != PEOPLE_PRIVATE],
        role=ADMIN,
    )


@pytest.fixture
def plans_of(caller):
    """Ask for a URL, and return the plan of each statement that read for it."""
    secret = create_key(client_id=caller.pk).secret
    http = Http(headers={"Authorization": f"Bearer {secret}"})

    def asked(url):
        with CaptureQueriesContext(connection) as captured:
            assert http.get(url).status_code == 200
        # What is prepared has no text here: it finds rows by their keys.
        reads = (query["sql"] or "" for query in captured.captured_queries)
        # A search comes behind a setting of its own.
        return [
            plan_of(sql.rpartition(";")[2]) for sql in reads if sql.startswith("SELECT")
        ]

    return asked


def plan_of(statement):
    with connection.cursor() as cursor:
        # As the embedded engine has it; and small tables are read as if large.
        cursor.execute("SET LOCAL random_page_cost = 1.1; SET LOCAL enable_seqscan = 0")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        ((plan,),) = cursor.fetchone()
    return [*nodes_of(plan["Plan"])]


def nodes_of(node):
    yield node
    for below in node.get("Plans", ()):
        yield from nodes_of(below)


def read_to_the_end(plans):
    """The large tables that some plan reads from end to end."""
    return {
        node["Relation Name"]
        for plan in plans
        for node in plan
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE
    }


BY_KEY = [
    REGISTRATIONS,
    f"{REGISTRATIONS}?offset=5000",
    f"{REGISTRATIONS}?status=active",
    f"{REGISTRATIONS}?status=ejected",
    f"{REGISTRATIONS}?userId=300000000000000000000064",
    f"{REGISTRATIONS}?offeringId=200000000000000000000001",
    ROSTER,
    f"{ROSTER}?skip=100",
    TASKS,
]


@pytest.mark.parametrize(
    "url",
    [
        *BY_KEY,
        OFFERINGS,
        f"{REGISTRATIONS}?createdDate=2024-01-01",
        f"{REGISTRATIONS}?beginDate=2024-01-01",
        f"{REGISTRATIONS}?lastActiveDate=2024-01-01",
        f"{REGISTRATIONS}?endDate=2024-03-01",
        f"{REGISTRATIONS}?status=passed&userId=300000000000000000000064",
        PROFILE,
        f"{OFFERINGS}?courseIntakeId=c00000000000000000000001",
        f"{OFFERINGS}?lecturerId=d00000000000000000000001",
        f"{OFFERINGS}?semesterId=a00000000000000000000001",
        f"{OFFERINGS}?unitVersionId=100000000000000000000001",
        f"{OFFERINGS}?status=ACTIVE",
        f"{OFFERINGS}/by-lecturer/d00000000000000000000001",
    ],
)
def test_it_reads_no_large_table_from_end_to_end(plans_of, url):
    assert read_to_the_end(plans_of(url)) == set()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?resource=students",
        "?resource_id=b77",
        "?request_date==>2026-01-03T00:00:00Z",
        "?request_date==<2026-01-01T12:00:00Z",
    ],
)
def test_it_finds_tasks_by_an_index(plans_of, caller, query):
    with connection.cursor() as cursor:
        cursor.execute(SOME_TASKS.format(client=caller.pk))
    assert read_to_the_end(plans_of(f"{TASKS}{query}")) == set()


@pytest.mark.parametrize("url", BY_KEY)
def test_it_walks_in_the_order_of_an_index(plans_of, url):
    """The first rows are not found by sorting all of them."""
    sorted_rows = [
        node["Plan Rows"]
        for plan in plans_of(url)
        for node in plan
        if node["Node Type"] == "Sort"
    ]
    assert max(sorted_rows, default=0) <= 1_000
