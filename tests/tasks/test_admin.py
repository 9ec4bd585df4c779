"""Tasks and lanes in the admin: records of fact, and what can be done to them."""

import pytest
from django.urls import reverse

from tasks.models import Intervention, Lane, Task
from tests.factories import ProfileFactory
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db

TASKS = reverse("admin:tasks_task_changelist")
LANES = reverse("admin:tasks_lane_changelist")
INTERVENTIONS = reverse("admin:tasks_intervention_changelist")


def chosen(action, row, reason="why"):
    return {"action": action, "_selected_action": [row.pk], "reason": reason}


@pytest.fixture
def admin_client():
    """An operator, who may see tasks and act on them, and sees no held person."""
    views = ["tasks.view_task", "tasks.view_lane", "tasks.view_intervention"]
    return signed_in(make_staff(*views, "tasks.operate", username="olive"))


def test_it_lists_and_shows_tasks_and_lanes(admin_client, submit, work):
    task = submit("REFUSE")
    work()
    page = reverse("admin:tasks_task_change", args=[task.pk])
    assert "not_so" in admin_client.get(TASKS).content.decode()
    assert "That cannot be." in admin_client.get(page).content.decode()
    assert "effects:a" in admin_client.get(LANES).content.decode()


def test_it_writes_no_task(admin_client, submit):
    task = submit()
    page = reverse("admin:tasks_task_change", args=[task.pk])
    admin_client.post(page, {"message": "changed", "state": "complete"})
    delete = reverse("admin:tasks_task_delete", args=[task.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    task.refresh_from_db()
    assert (task.state, task.message) == ("queued", None)


def test_it_retries_a_task_and_keeps_who_did_and_why(admin_client, submit, work):
    task = submit("REFUSE")
    work()
    admin_client.post(TASKS, chosen("retry", task, "mended"))
    assert Task.objects.get(retry_of=task.pk).state == "queued"
    kept = Intervention.objects.get()
    assert (kept.actor, kept.reason) == ({"staff": "olive"}, "mended")
    assert "mended" in admin_client.get(INTERVENTIONS).content.decode()


def test_it_says_why_it_refuses(admin_client, submit):
    task = submit()
    page = admin_client.post(TASKS, chosen("retry", task), follow=True)
    assert "Only a task that ended in error" in page.content.decode()
    assert Task.objects.count() == 1


def test_it_does_nothing_without_a_reason(admin_client, submit):
    submit()
    admin_client.post(LANES, chosen("hold", Lane.objects.get(), reason=""))
    assert Lane.objects.get().is_held is False


def test_it_holds_and_resumes_a_lane(admin_client, submit):
    submit()
    admin_client.post(LANES, chosen("hold", Lane.objects.get()))
    assert Lane.objects.get().is_held is True
    admin_client.post(LANES, chosen("resume", Lane.objects.get()))
    assert Lane.objects.get().is_held is False


def test_it_ends_the_head_of_a_lane(admin_client, submit):
    task = submit()
    admin_client.post(LANES, chosen("end_head", Lane.objects.get()))
    task.refresh_from_db()
    assert task.code == "ended_by_staff"


def test_it_tells_the_workers_again(admin_client, submit):
    submit()
    Lane.objects.update(ready_at="2100-01-01T00:00:00Z")
    admin_client.post(LANES, chosen("hint_again", Lane.objects.get()))
    assert Lane.objects.due().count() == 1


def test_it_lets_nobody_act_who_may_only_look(submit):
    submit()
    auditor = signed_in(make_staff("tasks.view_lane"))
    auditor.post(LANES, chosen("hold", Lane.objects.get()))
    assert Lane.objects.get().is_held is False


def test_it_hides_tasks_and_lanes_of_people_under_hold(admin_client, submit):
    ProfileFactory(id="p1", is_confidential=True)
    task = submit(about="p1", resource_id="hidden-one")
    lanes = admin_client.get(LANES).content.decode()
    page = reverse("admin:tasks_task_change", args=[task.pk])
    assert "hidden-one" not in lanes + admin_client.get(TASKS).content.decode()
    assert admin_client.get(page).status_code == 404


def test_it_finds_a_task_by_what_it_changes_and_a_lane_by_its_beginning(
    admin_client, submit
):
    submit(resource_id="quartz")
    submit(resource_id="zephyr")
    by_task = admin_client.get(TASKS, {"q": "quartz"}).content.decode()
    by_lane = admin_client.get(LANES, {"q": "effects:z"}).content.decode()
    assert ("quartz" in by_task, "zephyr" in by_task) == (True, False)
    assert ("effects:zephyr" in by_lane, "effects:quartz" in by_lane) == (True, False)


@pytest.mark.parametrize(
    ("query", "status"),
    [("resource=students", 200), ("state=error", 200), ("payload__contains=R", 400)],
)
def test_it_narrows_the_list_by_what_it_offers_alone(admin_client, query, status):
    assert admin_client.get(f"{TASKS}?{query}").status_code == status
