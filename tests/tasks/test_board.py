"""The tasks board: how the engine stands, and what failed tried again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Client, Disclosure
from tasks.models import Intervention, Lane, Task
from tests.factories import ProfileFactory
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db

BOARD = "/admin/task-board/"
LANE = "/admin/task-board/lane/?key=effects:a"
SECRET = '{"told": "nobody"}'


def like(task):
    return f"{BOARD}failures/{task.pk}/"


def member(group, username="olive"):
    user = make_staff(username=username)
    user.groups.add(Group.objects.get(name=group))
    return signed_in(user)


@pytest.fixture
def operator():
    return member("Operator")


def shown(client, address=BOARD):
    return client.get(address).context_data


def fail(submit, work, count=1, resource_id="a", **more):
    tasks = [submit("REFUSE", resource_id=resource_id, **more) for _ in range(count)]
    work(resource_id)
    return tasks


def send(client, address, **form):
    return client.post(address, {"reason": "mended", **form}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def state_of(task):
    return Task.objects.get(pk=task.pk).state


@pytest.fixture
def sis():
    return Client.objects.create(id="c0ffee", name="SIS")


def test_it_counts_tasks_by_state(operator, submit, work, sis):
    fail(submit, work, 2)
    submit(resource_id="b")
    work("b")
    submit(resource_id="c")
    board = shown(operator)
    assert board["unfinished"] == {"queued": 1, "running": 0}
    assert (board["complete"], board["error"]) == (1, 2)


def test_it_groups_failures_by_message(operator, submit, work):
    tasks = fail(submit, work, 3)
    (group,) = shown(operator)["failures"]
    assert (group.message, group.code, group.count, group.with_payload) == (
        "['That cannot be.']",
        "not_so",
        3,
        3,
    )
    latest = Task.objects.get(pk=tasks[-1].pk)
    assert (group.latest_id, group.latest_at) == (latest.pk, latest.finished_at)


def test_it_shows_what_waits_the_longest_first(operator, submit):
    young, old = submit(resource_id="b"), submit(resource_id="a")
    submit(resource_id="a")
    long_ago = timezone.now() - timedelta(hours=3)
    Task.objects.filter(pk=old.pk).update(accepted_at=long_ago)
    waiting = [row["task"] for row in shown(operator)["waiting"]]
    assert [(task.pk, task.lane.waiting) for task in waiting] == [
        (old.pk, 2),
        (young.pk, 1),
    ]


def test_it_tells_of_each_client_its_last_success_and_error_rate(
    operator, submit, work, sis
):
    Client.objects.create(id="c1", name="One that asked for nothing")
    fail(submit, work, 1)
    done = submit(resource_id="b")
    work("b")
    (client,) = shown(operator)["clients"]
    assert (client.name, client.complete, client.error, client.error_rate) == (
        "SIS",
        1,
        1,
        50,
    )
    assert client.last_success_at == Task.objects.get(pk=done.pk).finished_at


def test_it_counts_errors_of_a_day_and_remembers_a_success_of_before(
    operator, submit, work, sis
):
    submit()
    work()
    fail(submit, work, 1, "b")
    before = timezone.now() - timedelta(hours=25)
    Task.objects.update(finished_at=before)
    (client,) = shown(operator)["clients"]
    assert (client.last_success_at, client.complete, client.error) == (before, 0, 0)
    assert client.error_rate is None


def test_it_retries_all_of_a_group_and_keeps_who_did_and_why(operator, submit, work):
    tasks = fail(submit, work, 3)
    response = send(operator, like(tasks[0]), all="yes")
    again = Task.objects.filter(state="queued").order_by("number")
    assert [task.retry_of for task in again] == [task.pk for task in tasks]
    assert said(response) == ["3 tasks accepted again."]
    kept = Intervention.objects.values_list("operation", "actor", "reason").distinct()
    assert [*kept] == [("retry", {"staff": "olive"}, "mended")]
    assert shown(operator)["failures"] == []


def test_it_retries_those_that_were_chosen(operator, submit, work):
    tasks = fail(submit, work, 3)
    send(operator, like(tasks[0]), chosen="yes", task=[tasks[1].pk])
    assert Task.objects.get(state="queued").retry_of == tasks[1].pk
    assert shown(operator)["failures"][0].count == 2


def test_it_retries_nothing_that_somebody_had_tried_again_meanwhile(
    operator, submit, work
):
    (task,) = fail(submit, work)
    send(operator, like(task), chosen="yes", task=[task.pk])
    response = send(operator, like(task), chosen="yes", task=[task.pk])
    assert said(response) == [f"{task.pk}: It was tried again already."]
    assert Task.objects.filter(retry_of=task.pk).count() == 1


def test_it_says_what_can_no_longer_be_tried_again(operator, submit, work):
    (task,) = fail(submit, work)
    Task.objects.update(payload="")
    page = operator.get(like(task))
    assert (page.context_data["count"], page.context_data["with_payload"]) == (1, 0)
    send(operator, like(task), all="yes")
    assert Task.objects.count() == 1


def test_it_asks_which_where_none_was_chosen(operator, submit, work):
    (task,) = fail(submit, work)
    assert said(send(operator, like(task), chosen="yes")) == [
        "Tick the tasks that are to be tried again."
    ]


@pytest.mark.parametrize("button", ["all", "chosen"])
def test_it_retries_nothing_without_a_reason(operator, submit, work, button):
    (task,) = fail(submit, work)
    form = {button: "yes", "task": [task.pk], "reason": " "}
    assert said(send(operator, like(task), **form)) == [
        "Say why: it is kept with who did it."
    ]
    assert Task.objects.count() == 1


def test_it_holds_and_resumes_a_lane(operator, submit):
    submit()
    assert said(send(operator, LANE, do="hold")) == ["The lane is held."]
    assert Lane.objects.get().is_held is True
    assert said(send(operator, LANE, do="resume")) == ["The lane goes on."]
    assert Lane.objects.get().is_held is False


def test_it_shows_lanes_that_are_held_and_empty(operator, submit, work):
    submit()
    work()
    Lane.objects.update(is_held=True)
    assert [lane.pk for lane in shown(operator)["held"]] == ["effects:a"]


def test_it_says_who_held_the_lane_meanwhile(operator, submit):
    submit()
    send(member("Operator", "otto"), LANE, do="hold", reason="The SIS is mended")
    response = send(operator, LANE, do="hold")
    assert said(response) == ["It is held already, by otto: The SIS is mended."]
    assert Intervention.objects.count() == 1


def test_it_cancels_what_no_worker_has_begun(operator, submit):
    first, second = submit(), submit()
    send(operator, LANE, do="cancel", task=[second.pk])
    ended = Task.objects.get(pk=second.pk)
    assert (ended.state, ended.message) == (
        "error",
        "Cancelled by the registry's staff. Nothing was changed.",
    )
    assert state_of(first) == "queued"
    assert Intervention.objects.get().operation == "cancel"


def test_it_ends_the_task_that_the_page_showed_first(operator, submit):
    first = submit()
    send(operator, LANE, do="end", first=first.pk)
    assert state_of(first) == "error"


def test_it_ends_no_other_task_than_the_page_showed(operator, submit, work):
    seen = submit()
    work()
    other = submit()
    response = send(operator, LANE, do="end", first=seen.pk)
    assert said(response) == ["The lane moved on meanwhile: another task is first now."]
    assert state_of(other) == "queued"


def test_it_tells_the_workers_again(operator, submit):
    submit()
    Lane.objects.update(ready_at="2100-01-01T00:00:00Z")
    assert said(send(operator, LANE, do="hint")) == ["The workers are told again."]
    assert Lane.objects.due().count() == 1


@pytest.mark.parametrize("do", ["", "destroy"])
def test_it_knows_no_other_action(operator, submit, do):
    submit()
    assert said(send(operator, LANE, do=do)) == ["Choose what is to be done."]


@pytest.mark.parametrize("group", ["Registrar", "Auditor"])
def test_it_shows_what_was_sent_to_who_keeps_or_audits_the_record(group, submit):
    task = submit(payload=SECRET)
    page = f"/admin/tasks/task/{task.pk}/change/"
    assert "nobody" in member(group).get(page).content.decode()


def test_it_shows_an_operator_sizes_and_not_what_was_sent(operator, submit, work):
    (task,) = fail(submit, work, payload=SECRET)
    addresses = [f"/admin/tasks/task/{task.pk}/change/", like(task), LANE, BOARD]
    pages = [operator.get(address).content.decode() for address in addresses]
    assert ["nobody" in page for page in pages] == [False] * 4
    assert ["18\xa0bytes" in page for page in pages] == [True, True, False, False]


@pytest.mark.parametrize("group", ["Registrar", "Auditor"])
def test_it_lets_others_look_and_do_nothing(group, submit, work):
    (task,) = fail(submit, work)
    client = member(group)
    assert client.get(like(task)).context_data["may_operate"] is False
    assert send(client, like(task), all="yes").status_code == 403
    assert send(client, LANE, do="hold").status_code == 403
    assert (Task.objects.count(), Lane.objects.get().is_held) == (1, False)


def test_it_is_not_for_lecturers():
    client = member("Lecturer")
    assert client.get(BOARD).status_code == 403
    assert BOARD not in client.get("/admin/grade-sheets/").content.decode()


@pytest.fixture
def held_task(submit, work, sis):
    ProfileFactory(id="p1", is_confidential=True)
    (task,) = fail(submit, work, about="p1")
    submit(about="p1")
    return task


def test_it_leaves_out_people_under_hold_for_who_may_not_see_them(operator, held_task):
    Lane.objects.update(is_held=True)
    board = shown(operator)
    assert (board["failures"], board["waiting"], [*board["held"]]) == ([], [], [])
    assert (board["unfinished"]["queued"], board["error"]) == (0, 0)
    assert operator.get(like(held_task)).status_code == 404
    assert operator.get(LANE).status_code == 404
    assert operator.post(LANE, {"do": "resume", "reason": "x"}).status_code == 404
    assert Lane.objects.get().is_held is True


def test_it_shows_people_under_hold_to_who_may_see_them(held_task):
    auditor = member("Auditor")
    board = shown(auditor)
    assert (board["failures"][0].count, board["unfinished"]["queued"]) == (1, 1)
    assert auditor.get(LANE).status_code == 200


def test_it_links_to_the_record_for_who_may_see_it(operator, submit):
    profile = ProfileFactory()
    submit(about=profile.pk)
    address = f"/admin/student/{profile.pk}/"
    assert shown(member("Registrar", "rita"))["waiting"][0]["record"] == address
    assert shown(operator)["waiting"][0]["record"] == ""


def test_it_logs_whose_tasks_were_shown(operator, submit):
    profile = ProfileFactory()
    submit(about=profile.pk)
    operator.get(LANE)
    row = Disclosure.objects.get()
    assert (row.what, row.profile_ids) == ("task_lane", [profile.pk])


@pytest.mark.parametrize("address", [f"{BOARD}failures/none/", f"{BOARD}lane/?key=no"])
def test_it_says_that_nothing_is_there(operator, address):
    assert operator.get(address).status_code == 404


def test_it_asks_as_often_for_many_tasks_as_for_one(operator, submit, work):
    (task,) = fail(submit, work)
    submit()
    addresses = [BOARD, like(task), LANE]
    before = [asked(operator, address) for address in addresses]
    fail(submit, work, 5)
    [submit(resource_id=name) for name in ("a", "b", "c")]
    assert [asked(operator, address) for address in addresses] == before
    assert max(before) <= 16


def asked(client, address):
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)
