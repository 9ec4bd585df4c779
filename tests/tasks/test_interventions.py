"""What staff may do to tasks and lanes."""

import pytest
from django.db import transaction
from django.utils import timezone

from config.broker import client
from config.errors import Invalid
from tasks import attempts, interventions, lanes
from tasks.errors import (
    LaneBusy,
    LaneNotFound,
    NothingWaits,
    NotToBeRetried,
    TaskNotFound,
)
from tasks.models import Intervention, Lane, Task
from tests.tasks.handlers import times

pytestmark = pytest.mark.django_db

STAFF = {"staff": "olive"}
WHY = {"actor": STAFF, "reason": "the vendor asked"}
LANE = "effects:a"


def kept() -> tuple:
    row = Intervention.objects.get()
    return row.operation, row.lane_id, row.task_id, row.actor, row.reason


def test_retry_task_accepts_the_same_again_as_a_new_task(submit, work):
    failed = submit("REFUSE", payload='{"n": 1}', about="p1", request_id="r1")
    work()
    again = interventions.retry_task(task_id=failed.pk, **WHY)
    again.refresh_from_db()
    assert again.pk != failed.pk
    assert (again.number, again.state, again.retry_of) == (2, "queued", failed.pk)
    same = ("payload", "about", "client_id", "sub", "name", "email", "scope")
    same += ("request_id", "issued_at", "expires_at", "action", "resource_id")
    failed.refresh_from_db()
    assert [getattr(again, name) for name in same] == [
        getattr(failed, name) for name in same
    ]
    assert failed.state == "error"
    assert kept() == ("retry", LANE, failed.pk, STAFF, "the vendor asked")


def test_retry_task_refuses_what_did_not_fail(submit):
    with pytest.raises(NotToBeRetried):
        interventions.retry_task(task_id=submit().pk, **WHY)
    assert Task.objects.count() == 1


def test_retry_task_refuses_what_has_no_payload_any_more(submit, work):
    failed = submit("REFUSE")
    work()
    Task.objects.update(payload="")
    with pytest.raises(NotToBeRetried):
        interventions.retry_task(task_id=failed.pk, **WHY)


def test_retry_task_refuses_what_is_not_there(db):
    with pytest.raises(TaskNotFound):
        interventions.retry_task(task_id="nothing", **WHY)


def test_hold_lane_lets_nothing_begin_until_resume_lane(submit, work):
    submit()
    interventions.hold_lane(lane=LANE, **WHY)
    work()
    assert times("a") == 0
    assert kept() == ("hold", LANE, "", STAFF, "the vendor asked")
    interventions.resume_lane(lane=LANE, **WHY)
    work()
    assert times("a") == 1


@pytest.mark.django_db(transaction=True)
def test_resume_lane_tells_the_workers(submit):
    submit()
    interventions.hold_lane(lane=LANE, **WHY)
    client().delete("lanes")
    interventions.resume_lane(lane=LANE, **WHY)
    assert client().llen("lanes") == 1


def test_hint_again_lifts_a_pause(submit, work):
    task = submit("BREAK")
    work()
    interventions.hint_again(lane=LANE, **WHY)
    work()
    task.refresh_from_db()
    assert task.attempts == 2


def test_hint_again_refuses_where_nothing_waits(submit, work):
    submit()
    work()
    with pytest.raises(NothingWaits):
        interventions.hint_again(lane=LANE, **WHY)


def test_end_head_ends_the_first_and_lets_the_next_begin(submit, work):
    first, second = submit("FROM_TOMORROW"), submit()
    ended = interventions.end_head(lane=LANE, **WHY)
    assert (ended.pk, ended.state, ended.code) == (first.pk, "error", "ended_by_staff")
    assert ended.message == "Ended by the registry's staff. Nothing was changed."
    assert kept() == ("end", LANE, first.pk, STAFF, "the vendor asked")
    work()
    second.refresh_from_db()
    assert second.state == "complete"


def test_end_head_closes_the_lane_behind_its_last_task(submit):
    submit()
    interventions.end_head(lane=LANE, **WHY)
    lane = Lane.objects.get()
    assert (lane.applied_number, lane.is_waiting) == (1, False)


def test_end_head_overtakes_the_worker_that_claimed_it(submit):
    submit()
    claimed = lanes.claim(LANE)
    ended = interventions.end_head(lane=LANE, **WHY)
    attempts.attempt(claimed)
    ended.refresh_from_db()
    assert (ended.code, times("a")) == ("ended_by_staff", 0)


def test_end_head_refuses_where_nothing_waits(submit, work):
    submit()
    work()
    with pytest.raises(NothingWaits):
        interventions.end_head(lane=LANE, **WHY)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_reason_is_needed(submit, reason):
    submit()
    with pytest.raises(Invalid):
        interventions.hold_lane(lane=LANE, actor=STAFF, reason=reason)
    assert Lane.objects.get().is_held is False


@pytest.mark.parametrize("operation", ["hold_lane", "end_head", "hint_again"])
def test_a_lane_that_is_not_there_is_refused(db, operation):
    with pytest.raises(LaneNotFound):
        getattr(interventions, operation)(lane="effects:nowhere", **WHY)
    assert Intervention.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_lane_that_is_being_worked_is_busy(submit, beside, monkeypatch):
    monkeypatch.setattr(interventions, "PATIENCE", "100ms")
    submit()
    raised = []

    def hold():
        with pytest.raises(LaneBusy) as refusal:
            interventions.hold_lane(lane=LANE, **WHY)
        raised.append(refusal.value.code)

    with transaction.atomic():
        Lane.objects.select_for_update().get()
        beside(hold).join()
    assert raised == ["resource_busy"]
    assert Lane.objects.get().is_held is False
    assert Intervention.objects.filter(at__lte=timezone.now()).count() == 0
