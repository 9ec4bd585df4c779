"""No command shows a trace of a person under hold, unless it is asked for them.

Each is run twice: with such a person in the record, and with all of that person's
rows gone. A command that is not known here is an error.
"""

from contextlib import contextmanager
from io import BytesIO, StringIO
from itertools import product
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.db import transaction

from access.models import Disclosure
from tests.interfaces import held
from tests.test_layers import APPS, TOP
from transfer.exporting import Recipient, export
from transfer.kinds import KINDS
from transfer.writing import FORMATS

pytestmark = pytest.mark.django_db

TRACES = [held.NETID, held.PROFILE, "Hollis", "Dale", held.REGISTRATION, held.TASK]

WALKED = {
    "disclosures": [
        ["--student", held.NETID],
        ["--student", held.PROFILE],
        ["--student", held.OTHERS],
    ],
    "legalhold": [
        [],
        [held.NETID, "--reason", "A case"],
        [held.PROFILE, "--reason", "A case"],
        [held.NETID, "--reason", "A case", "--lift"],
    ],
    "listclients": [[]],
    "listtasks": [[], ["--resource-id", held.NETID], ["--status", "error"]],
    "retrytasks": [
        [held.FAILED, "--reason", "Again"],
        ["--code", "x", "--reason", "Again", "--dry-run"],
    ],
    "sweeptasks": [["--dry-run"]],
}
# Whoever runs these works on the whole record, or on none of it.
OF_THE_WHOLE = {
    *("auditlanes", "verifydata", "doctor", "prune"),  # ids at fault, and numbers
    *("importdata", "backup", "restore", "loaddemo"),
}
OF_NOBODY = {
    *("createclient", "createkey", "revokekey", "suspendclient", "resealsecrets"),
    *("rotatesigningkey", "resetsecondfactor", "listscopes", "openapi", "prepare"),
    *("serve", "shell"),
}
BY_KIND = {"exportdata"}  # below

OURS = {"config", *APPS, TOP}

RUNS = [(name, run) for name, runs in WALKED.items() for run in runs]


def test_every_command_is_known():
    ours = {name for name, app in get_commands().items() if app in OURS}
    assert {*WALKED} | OF_THE_WHOLE | OF_NOBODY | BY_KIND == ours


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(demo_record, django_db_blocker):
    with django_db_blocker.unblock():
        return held.make_held()


@pytest.fixture
def acting(world, db):
    held.make_actor(world)
    return world


def told(name, run) -> str:
    """All that a command says, on either stream, and how it ends."""
    out, err = StringIO(), StringIO()
    try:
        with undone():
            call_command(name, *run, stdout=out, stderr=err)
    except (CommandError, SystemExit) as end:
        err.write(str(end))
    return out.getvalue() + err.getvalue()


def without(profile, ask):
    with undone():
        held.erase(profile)
        Disclosure.objects.filter(profile_ids=[profile.pk]).delete()
        return ask()


@pytest.mark.parametrize(("name", "run"), RUNS)
def test_it_says_the_same_where_there_is_no_such_person(world, db, name, run):
    present = told(name, run)
    assert present == without(world, lambda: told(name, run))


@pytest.mark.parametrize(("name", "run"), RUNS)
def test_it_names_no_one_under_hold_as_who_did_it(acting, name, run):
    said = told(name, run)
    assert [trace for trace in TRACES if trace in said and trace not in run] == []


SHOWN = [
    ("disclosures", ["--student", held.NETID], "ada"),
    ("legalhold", [], held.NETID),
    ("listclients", [], held.NETID),
    ("listtasks", [], held.NETID),
    ("sweeptasks", ["--dry-run"], "students:f002qt1"),
]


@pytest.mark.parametrize(("name", "run", "trace"), SHOWN)
def test_it_shows_them_where_it_is_asked_to(acting, name, run, trace):
    assert trace in told(name, [*run, "--include-held"])


def exported(kind, format) -> bytes:
    out = BytesIO()
    export(KINDS[kind], format, out, Recipient("ada", "command"))
    return unpacked(out) if format == "xlsx" else out.getvalue()


def unpacked(workbook) -> bytes:
    with ZipFile(workbook) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/")]
        return b"".join(map(parts.read, sheets))


@pytest.mark.parametrize(("kind", "format"), [*product(KINDS, FORMATS)])
def test_an_export_is_the_same_where_there_is_no_such_person(world, db, kind, format):
    present = exported(kind, format)
    assert present == without(world, lambda: exported(kind, format))
    assert [trace for trace in TRACES if trace.encode() in present] == []


def test_an_export_names_no_one_under_hold_as_who_graded(acting):
    assert held.PROFILE.encode() not in exported("registrations", "csv")
