"""What tells of imports and exports is removed after a while, files and all."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from access.models import Disclosure
from jobs.models import Job
from jobs.operations import start_job
from jobs.running import run
from students.legal_holds import place_legal_hold
from tests.factories import ProfileFactory
from transfer.jobs import APPLY_IMPORT, EXPORT_RECORDS
from transfer.keeping import keep
from transfer.models import ExportFile, Import
from transfer.staging import Tables, staged_ids

pytestmark = pytest.mark.django_db

ACTOR = {"staff": "rita"}
COMMAND = {"command": "shell", "os_user": "rita"}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
State = Import.State


@pytest.fixture
def imported():
    def imported(state, created_at=LONG_AGO, **more):
        return Import.objects.create(
            kind="terms", state=state, actor=ACTOR, created_at=created_at, **more
        )

    return imported


@pytest.fixture
def exported():
    """A file that staff had made, with its bytes."""

    def exported(created_at=LONG_AGO, **more):
        file = ExportFile.objects.create(
            kind="profiles", format="csv", actor=ACTOR, created_at=created_at, **more
        )
        keep(Tables(file.pk).file, io.BytesIO(b"id,netid"))
        return file

    return exported


def job():
    return Job.objects.create(kind=EXPORT_RECORDS, actor=ACTOR, door="admin")


def test_it_removes_imports_that_ended_and_leaves_the_open_ones(imported):
    [imported(state) for state in (State.APPLIED, State.REFUSED, State.EXPIRED)]
    stay = [
        imported(State.RECEIVED),
        imported(State.CHECKED),
        imported(State.APPLIED, timezone.now()),
        imported(State.REFUSED, job_id=job().pk),
    ]

    call_command("prune", "imports")

    assert {*Import.objects.all()} == {*stay}


def test_it_removes_a_file_with_its_row(exported):
    exported()
    at_work, new = exported(job_id=job().pk), exported(timezone.now())

    call_command("prune", "exports")

    assert {*ExportFile.objects.all()} == {at_work, new}
    assert staged_ids() == {at_work.pk, new.pk}


def test_it_only_counts_in_a_dry_run(exported, imported, capsys):
    exported(), imported(State.APPLIED)

    call_command("prune", "imports", "exports", "--dry-run", "--format", "json")

    assert capsys.readouterr().out.count('"would_remove": 1') == 2
    assert (Import.objects.count(), ExportFile.objects.count()) == (1, 1)
    assert len(staged_ids()) == 1


def test_it_keeps_them_as_long_as_is_set(exported, settings):
    settings.TRANSFERS_KEPT_DAYS = 10_000
    exported()

    call_command("prune", "exports")

    assert ExportFile.objects.count() == 1


def test_what_they_showed_of_somebody_under_legal_hold_stays(exported):
    profile = ProfileFactory()
    place_legal_hold(profile_id=profile.pk, reason="a lawsuit")
    Disclosure.objects.create(
        at=LONG_AGO, staff="rita", door="admin", what="e", profile_ids=[profile.pk]
    )
    exported()

    call_command("prune", "exports", "disclosures", "--before", "2021-01-01")

    assert ExportFile.objects.count() == 0
    assert [logged.profile_ids for logged in Disclosure.objects.all()] == [[profile.pk]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("kind", "arguments", "sentence"),
    [
        (APPLY_IMPORT, {"import": "gone"}, "The import is not there any more."),
        (
            EXPORT_RECORDS,
            {"export": "gone"},
            "What was asked for is not there any more: ask again.",
        ),
    ],
)
def test_a_job_that_is_begun_again_says_that_they_are_gone(kind, arguments, sentence):
    with transaction.atomic():
        late = start_job(kind, arguments, actor=COMMAND, door="command")

    run(late.pk)

    late.refresh_from_db()
    assert (late.state, late.error) == ("failed", sentence)
