"""The doctor looks at everything, and says what to do."""

import json
import time
from datetime import timedelta

import pgtrigger
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from access.models import Key
from access.operations import create_client, create_key
from access.resealing import look_at_sealed
from access.signing import current_signing_key
from config import broker, findings, workers
from jobs.models import Job
from students.models import Profile
from tasks.models import Lane

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _workers_are_alive():
    now = time.time()
    members = {"lanes celery@here": now, "jobs jobs@here": now}
    broker.client().delete(workers.KEY)
    broker.client().zadd(workers.KEY, members)
    yield
    broker.client().delete(workers.KEY)


@pytest.fixture
def doctor(capsys):
    """Run it; return how it left and what it found, by check."""

    def doctor(*arguments):
        status = 0
        try:
            call_command("doctor", *arguments, "--format", "json")
        except SystemExit as left:
            status = left.code
        return status, json.loads(capsys.readouterr().out)

    return doctor


def states(found, check):
    return [each["state"] for each in found if each["check"] == check]


def sentences(found, check):
    return [each["says"] for each in found if each["check"] == check]


def test_it_looks_at_everything(doctor):
    status, found = doctor()

    assert status == 0
    assert list(dict.fromkeys(each["check"] for each in found)) == [
        "database",
        "broker",
        "migrations",
        "history",
        "workers",
        "clock",
        "disk",
        "settings",
        "secrets",
        "keys",
        "tasks",
        "jobs",
    ]
    assert {each["state"] for each in found} <= {"ok", "warning"}


def test_it_says_what_to_do_where_a_migration_waits(doctor):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tasks'")

    status, found = doctor()

    assert status == 1
    assert next(each for each in found if each["check"] == "migrations") == {
        "check": "migrations",
        "state": "wrong",
        "says": "2 are not applied.",
        "do": "manage.py migrate",
    }


def test_it_warns_of_a_database_that_is_newer_than_the_code(doctor):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('tasks', '0099_later', now())"
        )
    assert states(doctor()[1], "migrations") == ["warning"]


def test_it_misses_a_trigger_of_the_history(doctor):
    pgtrigger.uninstall("students.Profile:update_update")

    status, found = doctor()

    assert status == 1
    assert states(found, "history")[0] == "wrong"
    assert "update_update of students_profile" in sentences(found, "history")[0]


def test_it_misses_a_trigger_that_is_switched_off(doctor):
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {Profile._meta.db_table} DISABLE TRIGGER USER")

    assert states(doctor()[1], "history")[0] == "wrong"


@pytest.mark.parametrize("member", ["lanes celery@here", "jobs jobs@here"])
def test_it_misses_each_kind_of_worker(doctor, member):
    broker.client().zrem(workers.KEY, member)

    status, found = doctor()

    assert status == 1
    assert sorted(states(found, "workers")) == ["ok", "wrong"]


def test_it_goes_on_without_a_broker(doctor, settings):
    settings.REDIS_URL = "unix:///nowhere/broker.sock"
    broker.client.cache_clear()

    status, found = doctor()
    broker.client.cache_clear()

    assert status == 1
    assert states(found, "broker") == states(found, "workers") == ["wrong"]
    assert states(found, "migrations") == ["ok"]


@pytest.mark.parametrize(
    ("ahead", "state"), [(0.5, "ok"), (-3, "warning"), (31, "wrong"), (-31, "wrong")]
)
def test_it_compares_clocks(ahead, state):
    assert findings._compared("the broker's", ahead)[0] == state


def test_it_warns_of_keys_and_clients_that_end_soon(doctor):
    soon = timezone.now() + timedelta(days=3)
    client = create_client(name="Grade book", expires_at=soon)
    key = create_key(client_id=client.pk, expires_at=soon).key
    create_key(client_id=client.pk)

    _, found = doctor()

    assert sentences(found, "keys") == [
        f"{key} ends on {soon:%Y-%m-%d}.",
        f"{client} ends on {soon:%Y-%m-%d}.",
    ]
    assert Key.objects.count() == 2


def test_it_tells_what_another_secret_key_sealed(doctor, settings):
    current_signing_key()
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    assert doctor()[0] == 1

    settings.SECRET_KEY_FALLBACKS = [old]
    status, found = doctor()

    assert status == 0
    assert states(found, "secrets") == ["warning"]


def test_what_a_fallback_opens_is_sealed_anew(doctor, settings, capsys):
    key = current_signing_key()
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    settings.SECRET_KEY_FALLBACKS = [old]

    call_command("resealsecrets", "--dry-run", "--format", "json")
    assert json.loads(capsys.readouterr().out) == [{"new": 0, "old": 1, "shut": 0}]
    assert look_at_sealed().old == 1
    call_command("resealsecrets", "--format", "json")
    assert json.loads(capsys.readouterr().out) == [{"new": 0, "old": 1, "shut": 0}]

    settings.SECRET_KEY_FALLBACKS = []
    assert current_signing_key() == key
    assert states(doctor()[1], "secrets") == ["ok"]


def test_what_nothing_opens_is_left_and_told(settings):
    current_signing_key()
    settings.SECRET_KEY = "another"

    with pytest.raises(SystemExit) as left:
        call_command("resealsecrets")

    assert left.value.code == 1


@pytest.mark.parametrize(("minutes", "state"), [(2, "warning"), (11, "wrong")])
def test_it_tells_of_tasks_that_wait_long(doctor, minutes, state):
    since = timezone.now() - timedelta(minutes=minutes)
    Lane.objects.create(key="students:a", next_number=1, ready_at=since)

    assert states(doctor()[1], "tasks") == [state]


def test_it_tells_of_lanes_that_are_held_and_jobs_that_failed(doctor):
    now = timezone.now()
    Lane.objects.create(key="students:a", next_number=1, ready_at=now, is_held=True)
    Job.objects.create(
        kind="k", actor={}, door="admin", state=Job.State.FAILED, finished_at=now
    )

    status, found = doctor("--strict")

    assert status == 1
    assert "1 lanes are held by staff." in sentences(found, "tasks")
    assert sentences(found, "jobs") == ["1 failed within a day."]


def test_it_prints_a_table_for_people(capsys):
    call_command("doctor")

    assert "PostgreSQL" in capsys.readouterr().out
