"""Tasks and lanes in the admin: records of fact, and what can be done to them."""

import pytest
from django.urls import reverse

from tasks.models import Intervention, Lane, Task

pytestmark = pytest.mark.django_db

TASKS = reverse("admin:tasks_task_changelist")
LANES = reverse("admin:tasks_lane_changelist")
INTERVENTIONS = reverse("admin:tasks_intervention_changelist")


def chosen(action, row, reason="why"):
    return {"action": action, "_selected_action": [row.pk], "reason": reason}


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
    assert (kept.actor, kept.reason) == ({"staff": "admin"}, "mended")
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
