"""What holds for every command: where it says what, in which form, and how it ends."""

import json
from contextlib import suppress

import pytest
from django.core.management import (
    CommandError,
    call_command,
    get_commands,
    load_command_class,
)
from django.db import connection, transaction
from django.utils import timezone

from access.models import Disclosure
from students.legal_holds import place_legal_hold
from tasks.models import Lane
from tests.access.factories import ClientFactory, KeyFactory
from tests.factories import ProfileFactory
from tests.rows import make_task
from tests.staff import make_staff

pytestmark = pytest.mark.django_db

# Those that print data, of a record that holds a little.
PRINTED = {
    "auditlanes": [],
    "createclient": ["Portal"],
    "createkey": ["client"],
    "disclosures": ["--student", "profile"],
    "doctor": [],
    "importdata": ["courses", "rows.csv"],
    "legalhold": [],
    "listclients": [],
    "listscopes": [],
    "listtasks": [],
    "prune": ["--dry-run"],
    "resealsecrets": ["--dry-run"],
    "retrytasks": ["task", "--dry-run", "--reason", "why"],
    "sweeptasks": ["--dry-run"],
    "verifydata": [],
}
# Those that do something, and say so.
SAYING = {
    "loaddemo": [],
    "revokekey": ["sk-prefix"],
    "rotatesigningkey": [],
    "suspendclient": ["client"],
}
# Tested where there is a server, a file or a terminal for them.
APART = [
    *("backup", "exportdata", "openapi", "prepare", "resetsecondfactor", "restore"),
    *("serve", "shell"),
]
OURS = [*PRINTED, *SAYING, *APART]

REFUSED = {
    "createclient": ["Portal", "--scope", "everything"],
    "createkey": ["nobody"],
    "exportdata": ["terms", "--course", "NONE"],
    "importdata": ["courses", "nothing.csv"],
    "legalhold": ["profile"],
    "loaddemo": ["--students", "-1"],
    "prune": ["grades"],
    "resetsecondfactor": ["rita"],
    "restore": ["nothing.dump"],
    "revokekey": ["sk-nobody"],
    "suspendclient": ["nobody"],
}


@pytest.fixture(autouse=True)
def _record(tmp_path, monkeypatch):
    ClientFactory(pk="client")
    KeyFactory(client_id="client", prefix="prefix")
    profile = ProfileFactory(pk="profile")
    place_legal_hold(profile_id=profile.pk, reason="a lawsuit")
    make_staff(username="rita")
    Disclosure.objects.create(
        staff="rita", door="admin", what="student", profile_ids=[profile.pk]
    )
    ended = {"state": "error", "message": "Said", "finished_at": timezone.now()}
    make_task(pk="task", **ended)
    Lane.objects.update(next_number=2, ready_at=timezone.now())
    (tmp_path / "rows.csv").write_text("code,name\nPHYS,Physics\n")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(capsys):
    """Run a command; return what went to standard output, and to standard error."""

    def run(name, *arguments):
        with suppress(SystemExit):  # not all may be as it should be
            call_command(name, *arguments)
        return capsys.readouterr()

    return run


def test_it_knows_each_command():
    ours = {"access", "config", "students", "tasks", "transfer"}
    assert sorted(OURS) == sorted(
        name for name, room in get_commands().items() if room in ours
    )


@pytest.mark.parametrize("name", PRINTED)
def test_it_prints_json_and_nothing_else_where_that_is_asked_for(run, name):
    out, err = run(name, *PRINTED[name], "--format", "json")
    assert isinstance(json.loads(out), list | dict)
    assert "{" not in err


@pytest.mark.parametrize("name", sorted({*PRINTED} - {"auditlanes"}))
def test_it_prints_a_table_for_people(run, name):
    out, _ = run(name, *PRINTED[name], "--format", "table")
    assert out.strip()
    assert "…" not in out
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(out)


@pytest.mark.parametrize("name", SAYING)
def test_it_says_what_it_did_on_standard_error(run, name):
    out, err = run(name, *SAYING[name])
    assert out == ""
    assert err.endswith(".\n")


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_a_sentence_and_exit_status_1(capsys, name):
    with pytest.raises(CommandError, match=r"[.:?]") as refusal:
        call_command(name, *REFUSED[name])
    assert refusal.value.returncode == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("disclosures", ["--student", "profile"]),
        ("exportdata", ["profiles"]),
        ("legalhold", []),
    ],
)
def test_what_cannot_be_logged_is_not_shown(capfd, name, arguments):
    unlogged = pytest.raises(CommandError, match="The disclosure log cannot be written")
    with unlogged, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")  # as a replica is
        call_command(name, *arguments)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("name", OURS)
def test_what_it_was_not_made_for_is_exit_status_2(capsys, name):
    command = load_command_class(get_commands()[name], name)
    with pytest.raises(SystemExit) as ended:
        command.run_from_argv(["manage.py", name, "--no-such-option"])
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: ")
