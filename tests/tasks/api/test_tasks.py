"""GET /api/tasks."""

import pytest

from access.models import Disclosure
from access.scopes import ENROLLMENTS_WRITE, PEOPLE_PRIVATE
from tasks.models import Task
from tests.factories import ProfileFactory

pytestmark = pytest.mark.django_db

EFFECTS_TASKS = "urn:dartmouth:tasks:effects:write"


@pytest.fixture
def listed(http):
    """GET the list; return the ids that it shows."""

    def listed(query="", *, of=http) -> list[str]:
        response = of.get(f"/api/tasks{query}")
        assert response.status_code == 200
        return [task["id"] for task in response.json()]

    return listed


@pytest.fixture
def made(patch):
    """Accept a task; return its id."""
    return lambda *args, **more: patch(*args, **more)["Location"].rpartition("/")[2]


def test_it_shows_ones_own_newest_first_each_as_its_page_does(http, made, work):
    short, full = made(), made("b", query="?action=TELL")
    work()
    response = http.get("/api/tasks")
    first, second = response.json()
    assert response["X-Total-Count"] == "2"
    assert (first["id"], first["action"]) == (full, "TELL")
    assert second == {
        "status": "complete",
        "path": "http://testserver/api/effects/a",
        "message": "Counted.",
        "id": short,
    }


def test_it_shows_nobody_elses(http_of, listed, made):
    made()
    assert listed(of=http_of(ENROLLMENTS_WRITE)) == []


def test_it_shows_a_resources_in_full_with_its_scope(http_of, listed, made):
    task = made()
    other = http_of(EFFECTS_TASKS)
    assert listed(of=other) == [task]
    assert "requester" in other.get("/api/tasks").json()[0]
    assert [*Disclosure.objects.values_list("profile_ids", flat=True)] == [["p-a"]] * 2


def test_it_leaves_out_tasks_about_people_under_hold(http, http_of, listed, made):
    ProfileFactory(id="p-a", is_confidential=True)
    hidden, shown = made("a"), made("b")
    assert listed() == [shown]
    assert http.get("/api/tasks")["X-Total-Count"] == "1"
    assert listed(of=http_of(EFFECTS_TASKS)) == [shown]
    assert listed(of=http_of(EFFECTS_TASKS, PEOPLE_PRIVATE)) == [shown, hidden]


def test_it_is_filtered_by_what_is_shown(listed, made, work):
    failed, waiting = made("a", query="?action=REFUSE"), made("b")
    work()
    assert listed("?resource_id=b") == [waiting]
    assert listed("?resource_id=b*") == [waiting]
    assert listed("?resource=effects") == [waiting, failed]
    assert listed("?resource=students") == []
    assert listed("?status=accepted") == [waiting]
    assert listed("?status=error") == [failed]
    assert listed("?status=complete") == []
    assert listed("?status=null") == []
    assert listed("?status=*") == [waiting, failed]


def test_it_is_filtered_by_the_date_as_shown(listed, made):
    old, new = made(), made()
    Task.objects.filter(pk=old).update(accepted_at="2023-02-20T14:34:08.9Z")
    Task.objects.filter(pk=new).update(accepted_at="2023-02-20T14:34:09.1Z")
    assert listed("?request_date==>2023-02-20T14:34:09Z") == [new]
    assert listed("?request_date==<2023-02-20T14:34:08Z") == [old]
    assert listed("?request_date=2023-02-20T14:34:08Z") == [old]


@pytest.mark.parametrize(
    "query",
    ["status=queued", "resource=nothing", "request_date=soon", "page=0", "pagesize=x"],
)
def test_it_refuses_what_cannot_be_asked(http, query):
    response = http.get(f"/api/tasks?{query}")
    assert response.status_code == 400
    assert [*response.json()] == ["message"]


def test_it_names_the_parameters_that_it_ignores(http):
    response = http.get("/api/tasks?colour=red")
    assert response.status_code == 200
    assert response["Warning"] == '299 - "Ignored query parameters: colour"'


def test_it_is_walked_as_it_was_found(http, listed, made, work):
    first, second, third = made("a"), made("b"), made("c")
    page = http.get("/api/tasks?pagesize=2")
    key = page["X-Request-Id"]
    made("d")
    work()
    rest = http.get(f"/api/tasks?continuation_key={key}&page=2&pagesize=2")
    assert [task["id"] for task in page.json()] == [third, second]
    assert [(task["id"], task["status"]) for task in rest.json()] == [
        (first, "complete")
    ]


def test_it_costs_no_query_per_task(http, made, django_assert_max_num_queries):
    [made(name) for name in "abcde"]
    http.get("/api/tasks")
    with django_assert_max_num_queries(2):
        assert len(http.get("/api/tasks").json()) == 5
