"""What the first page of the desk says of tasks."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from students.models import Profile
from tasks.models import Lane, Task
from tests.rows import make_task
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db


def end(task, state, hours_ago=0.5):
    """The task, as one that ended so many hours ago."""
    moment = timezone.now() - timedelta(hours=hours_ago)
    Task.objects.filter(pk=task.pk).update(
        state=state, message="Said", finished_at=moment
    )
    return task


def shown(client):
    context = client.get("/admin/").context_data
    figures = {each.says: each.value for each in context["figures"]}
    panels = {each.name: each.shown for each in context["panels"]}
    return figures, panels


def operator():
    user = make_staff(username="operator")
    user.groups.add(Group.objects.get(name="Operator"))
    return signed_in(user)


def test_it_says_what_failed_waits_and_is_held():
    end(make_task(), "error")
    end(make_task(), "complete")
    waiting = make_task()
    Lane.objects.filter(pk=waiting.lane_id).update(is_held=True)
    figures, _ = shown(operator())
    assert figures == {
        "tasks failed in 24 hours": 1,
        "tasks waiting or running": 1,
        "lanes held": 1,
        "jobs waiting or running": 0,
    }


def test_it_says_by_the_hour_how_tasks_ended():
    end(make_task(), "complete", hours_ago=1)
    end(make_task(), "error", hours_ago=1)
    end(make_task(), "complete", hours_ago=22)
    end(make_task(), "complete", hours_ago=25)
    _, panels = shown(make_admin())
    rows = panels["tasks-lately"]["rows"]
    counts = [(row["complete"], row["error"]) for row in rows]
    assert counts == [(1, 0), *[(0, 0)] * 6, (1, 1)]
    drawn = [
        [piece.look for piece in bar.pieces]
        for bar in panels["tasks-lately"]["chart"].bars
    ]
    assert drawn == [["is-complete"], *[[]] * 6, ["is-complete", "is-error"]]


def test_it_says_how_each_client_fares():
    task = end(make_task(), "error")
    _, panels = shown(make_admin())
    (client,) = panels["integrations"]["rows"]
    assert (client.id, client.complete, client.error, client.last_success_at) == (
        task.client_id,
        0,
        1,
        None,
    )


def test_it_counts_no_task_about_people_under_hold_for_who_may_not_know():
    task = end(make_task(), "error")
    Profile.objects.filter(pk=task.about).update(is_confidential=True)
    figures, panels = shown(signed_in(make_staff("tasks.view_task")))
    assert figures["tasks failed in 24 hours"] == 0
    assert {row["error"] for row in panels["tasks-lately"]["rows"]} == {0}


def test_it_says_nothing_of_tasks_to_who_may_not_see_them():
    end(make_task(), "error")
    figures, panels = shown(signed_in(make_staff("jobs.view_job")))
    assert (figures, [*panels]) == ({"jobs waiting or running": 0}, ["jobs"])
