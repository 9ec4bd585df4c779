"""The commands for operators."""

import json

import pytest
from django.core.management import CommandError, call_command

from config.broker import client
from students.legal_holds import place_legal_hold
from tasks.models import Intervention, Lane, Task
from tests.factories import ProfileFactory
from tests.tasks.handlers import times

pytestmark = pytest.mark.django_db

LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.fixture
def printed(capsys):
    """Run a command; return what it printed as JSON."""

    def printed(*arguments):
        call_command(*arguments, "--format", "json")
        return json.loads(capsys.readouterr().out)

    return printed


def removed(rows) -> list[int]:
    return [row["removed"] for row in rows]


def would_remove(rows) -> list[int]:
    return [row["would_remove"] for row in rows]


def ids(rows) -> list[str]:
    return [row["id"] for row in rows]


def test_listtasks_shows_the_newest_first(printed, submit):
    first, second = submit(), submit(resource_id="b")
    assert ids(printed("listtasks")) == [second.pk, first.pk]
    assert ids(printed("listtasks", "--limit", "1")) == [second.pk]


def test_listtasks_shows_what_was_asked_for(printed, submit, work):
    failed, waiting = submit("REFUSE"), submit(resource_id="b")
    work()
    assert ids(printed("listtasks", "--status", "error")) == [failed.pk]
    assert ids(printed("listtasks", "--code", "not_so")) == [failed.pk]
    assert ids(printed("listtasks", "--status", "accepted")) == [waiting.pk]
    assert ids(printed("listtasks", "--resource-id", "b")) == [waiting.pk]
    assert ids(printed("listtasks", "--since", "2100-01-01")) == []


def test_retrytasks_accepts_again_and_says_what_it_refused(printed, submit, work):
    failed = submit("REFUSE")
    work()
    rows = printed("retrytasks", failed.pk, "--reason", "mended")
    again = Task.objects.get(retry_of=failed.pk)
    assert rows == [{"id": failed.pk, "task": again.pk, "refused": ""}]
    assert Intervention.objects.get().actor["command"] == "retrytasks"


def test_retrytasks_retries_a_code_once(printed, submit, work):
    submit("REFUSE")
    work()
    assert len(printed("retrytasks", "--code", "not_so", "--reason", "mended")) == 1
    assert printed("retrytasks", "--code", "not_so", "--reason", "mended") == []


def test_retrytasks_exits_1_where_it_was_refused(submit):
    with pytest.raises(SystemExit) as left:
        call_command("retrytasks", submit().pk, "--reason", "why")
    assert left.value.code == 1
    assert Task.objects.count() == 1


def test_retrytasks_changes_nothing_in_a_dry_run(printed, submit, work):
    failed = submit("REFUSE")
    work()
    rows = printed("retrytasks", "--code", "not_so", "--reason", "why", "--dry-run")
    assert rows == [{"id": failed.pk, "would_retry": True}]
    assert Task.objects.count() == 1


def test_retrytasks_needs_a_reason(submit):
    with pytest.raises(CommandError, match="--reason"):
        call_command("retrytasks", submit().pk)


def test_prune_removes_tasks_that_ended_long_ago(printed, submit, work):
    submit()
    work()
    kept = submit()
    Task.objects.filter(state="complete").update(finished_at=LONG_AGO)

    assert would_remove(printed("prune", "payloads", "tasks", "--dry-run")) == [1, 1]
    assert Task.objects.count() == 2

    assert removed(printed("prune", "payloads", "tasks")) == [1, 1]
    assert Task.objects.get().pk == kept.pk


def test_prune_leaves_a_cancelled_task_that_its_lane_has_not_passed(printed, submit):
    submit()
    Task.objects.filter(pk=submit().pk).update(
        state="error", message="", finished_at=LONG_AGO
    )
    assert removed(printed("prune", "payloads", "tasks")) == [1, 0]


def test_prune_empties_payloads_before_it_removes_tasks(
    printed, submit, work, settings
):
    settings.TASKS_PAYLOAD_KEPT_DAYS = 0
    submit()
    work()
    assert removed(printed("prune", "payloads", "tasks")) == [1, 0]
    assert Task.objects.get().payload == ""


def test_prune_leaves_what_is_about_somebody_under_legal_hold(printed, submit, work):
    held = ProfileFactory()
    place_legal_hold(profile_id=held.pk, reason="a lawsuit")
    kept = submit(about=held.pk)
    submit(about=ProfileFactory().pk)
    work()
    Task.objects.update(finished_at=LONG_AGO)

    assert removed(printed("prune", "payloads", "tasks")) == [1, 1]
    task = Task.objects.get()
    assert (task.pk, task.payload) == (kept.pk, kept.payload)


def test_sweeptasks_tells_the_workers(printed, submit):
    submit()
    Lane.objects.update(hinted_at=LONG_AGO)
    assert printed("sweeptasks", "--dry-run") == [{"lane": "effects:a", "waiting": 1}]
    assert client().llen("lanes") == 0
    assert printed("sweeptasks") == [{"found": 1, "turns_here": 0}]
    assert client().llen("lanes") == 1


def test_sweeptasks_works_here_where_that_is_asked(printed, submit):
    submit()
    Lane.objects.update(hinted_at=LONG_AGO)
    assert printed("sweeptasks", "--here") == [{"found": 1, "turns_here": 1}]
    assert times("a") == 1


def test_auditlanes_is_content_with_what_is_as_it_must_be(printed, submit, work):
    submit()
    work()
    submit()
    assert printed("auditlanes") == []


@pytest.mark.parametrize(
    ("rule", "number", "of_lane", "of_task"),
    [
        ("passed_over", 1, {"next_number": 3, "applied_number": 2}, {}),
        ("asleep", 1, {"applied_number": 1, "ready_at": None}, {}),
        ("beyond_the_last_number", 9, {}, {"number": 9}),
        ("gap", 1, {"next_number": 2}, {}),
    ],
)
def test_auditlanes_finds_what_is_not(capsys, submit, rule, number, of_lane, of_task):
    submit()
    Lane.objects.update(**of_lane)
    Task.objects.update(**of_task)
    with pytest.raises(SystemExit) as left:
        call_command("auditlanes", "--format", "json")
    found = json.loads(capsys.readouterr().out)
    assert left.value.code == 1
    assert {"lane": "effects:a", "rule": rule, "number": number} in [
        {name: row[name] for name in ("lane", "rule", "number")} for row in found
    ]
    assert times("audit_violations") == len(found)
