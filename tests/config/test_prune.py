"""What grows old is removed; what is about people under legal hold is not."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from access.models import Disclosure, IdempotencyRecord
from config import retention
from config.models import FoundSet, FoundSetChunk
from config.retention import kept
from jobs.models import Job
from students.legal_holds import place_legal_hold
from tests.factories import ProfileFactory

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
KINDS = [
    *("disclosures", "exports", "found_sets", "idempotency", "imports", "jobs"),
    *("payloads", "sessions", "tasks"),
]


@pytest.fixture
def held():
    profile = ProfileFactory()
    place_legal_hold(profile_id=profile.pk, reason="a lawsuit")
    return profile


@pytest.fixture
def prune(capsys):
    """Run the command; return what it printed, by kind."""

    def prune(*arguments):
        call_command("prune", *arguments, "--format", "json")
        rows = json.loads(capsys.readouterr().out)
        return {row.pop("kind"): row for row in rows}

    return prune


def disclosure(*profile_ids, at=LONG_AGO):
    return Disclosure.objects.create(
        at=at, staff="clerk", door="admin", what="students", profile_ids=[*profile_ids]
    )


def idempotency_record(key, *profile_ids, created_at=LONG_AGO):
    return IdempotencyRecord.objects.create(
        client_id="c",
        key=key,
        fingerprint="",
        status=200,
        body=b"",
        profile_ids=[*profile_ids],
        created_at=created_at,
    )


def session(key, expires):
    return Session.objects.create(session_key=key, expire_date=expires)


def found_set(key, expires_at):
    found = FoundSet.objects.create(
        key=key, collection="students", client_id="c", total=1, expires_at=expires_at
    )
    FoundSetChunk.objects.create(found_set=found, number=0, ids=["1"])
    return found


def job(**attributes):
    return Job.objects.create(kind="export", actor={}, door="admin", **attributes)


def test_it_knows_all_that_grows_old():
    assert sorted(kept) == KINDS


def test_it_removes_answers_that_are_no_longer_repeated(prune, held):
    idempotency_record("old")
    idempotency_record("held", held.pk)
    idempotency_record("new", created_at=timezone.now())

    assert prune("idempotency")["idempotency"]["removed"] == 1
    assert {each.key for each in IdempotencyRecord.objects.all()} == {"held", "new"}


def test_it_keeps_disclosures_for_ever_unless_told_otherwise(prune):
    disclosure("p")

    assert prune("disclosures") == {
        "disclosures": {"before": "kept for ever", "removed": 0}
    }
    assert Disclosure.objects.count() == 1


def test_it_removes_old_disclosures_but_of_people_under_legal_hold(
    prune, held, settings
):
    settings.DISCLOSURES_KEPT_DAYS = 365
    kept_whole = [disclosure("p", held.pk), disclosure("p", at=timezone.now())]
    disclosure("p")

    assert prune("disclosures")["disclosures"]["removed"] == 1
    assert {*Disclosure.objects.all()} == {*kept_whole}


def test_it_removes_sessions_and_found_sets_that_have_ended(prune):
    later = timezone.now() + timedelta(hours=1)
    session("old", LONG_AGO)
    session("new", later)
    found_set("old", LONG_AGO)
    new = found_set("new", later)

    removed = prune("sessions", "found_sets")

    assert [row["removed"] for row in removed.values()] == [1, 1]
    assert [each.session_key for each in Session.objects.all()] == ["new"]
    assert [each.found_set for each in FoundSetChunk.objects.all()] == [new]


def test_it_removes_jobs_that_ended_long_ago(prune):
    job(state=Job.State.DONE, finished_at=LONG_AGO)
    others = [job(), job(state=Job.State.DONE, finished_at=timezone.now())]

    assert prune("jobs")["jobs"]["removed"] == 1
    assert {*Job.objects.all()} == {*others}


def test_it_removes_nothing_in_a_dry_run(prune):
    idempotency_record("old")

    assert prune("--dry-run")["idempotency"]["would_remove"] == 1
    assert IdempotencyRecord.objects.count() == 1


def test_it_removes_what_is_older_than_a_date(prune):
    disclosure("p")

    assert prune("disclosures", "--before", "2020-01-01")["disclosures"] == {
        "before": "2020-01-01T00:00:00Z",
        "removed": 0,
    }
    assert prune("disclosures", "--before", "2020-01-02")["disclosures"]["removed"] == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["grades"], "'grades' is none of .*"),
        (["--before", "2020-01-01"], "--before goes with the kinds .*"),
    ],
)
def test_it_refuses_what_it_cannot_mean(arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("prune", *arguments)


def test_it_works_in_batches(prune, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        idempotency_record(str(number))

    assert [*kept["idempotency"].batches(timezone.now())] == [2, 2, 1]


def test_workers_do_it_a_little_at_a_time(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "SECONDS_AT_A_TIME", 0)
    [idempotency_record(key) for key in ("a", "b", "c")]

    retention.prune()

    assert IdempotencyRecord.objects.count() == 2
