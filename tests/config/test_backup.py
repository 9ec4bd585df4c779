"""A copy of the database, restored into an empty one, holds all that was there."""

import json

import pytest
from django.core.management import CommandError, call_command

BEHIND_ITS_BACK = """
ALTER TABLE students_profile DISABLE TRIGGER USER;
UPDATE students_profile SET email = 'x@y.z';
ALTER TABLE students_profile ENABLE TRIGGER USER;
"""


def looked_at(database, command):
    """Return how a command that looks left, and what it found."""
    status, printed, said = database.manage(command, "--format", "json")
    assert printed, said
    return status, json.loads(printed)


@pytest.mark.parametrize(
    "students", ["0", pytest.param("2000", marks=pytest.mark.soak)]
)
def test_it_is_restored_whole(database, tmp_path, students):
    source, target = database(), database()
    copy = tmp_path / "registry.dump"
    source.manage("prepare")
    source.manage("loaddemo", "--students", students)

    assert source.manage("backup", str(copy))[0] == 0
    assert target.manage("restore", str(copy))[0] == 0

    assert target.counts() == source.counts()
    status, verdicts = looked_at(target, "verifydata")
    assert (status, sum(each["violations"] for each in verdicts)) == (0, 0)
    _, found = looked_at(target, "doctor")
    states = {(each["check"], each["state"]) for each in found}
    assert {("history", "ok"), ("migrations", "ok"), ("secrets", "ok")} <= states
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [*tmp_path.iterdir()] == [copy]


@pytest.mark.soak
def test_what_was_changed_behind_the_history_is_told_after_it(database, tmp_path):
    source, target = database(), database()
    source.manage("prepare")
    source.manage("loaddemo")
    source.write(BEHIND_ITS_BACK)
    source.manage("backup", str(tmp_path / "copy"))
    target.manage("restore", str(tmp_path / "copy"))

    status, verdicts = looked_at(target, "verifydata")

    assert status == 1
    assert [each["name"] for each in verdicts if each["violations"]] == [
        "history of profiles"
    ]


@pytest.mark.django_db
def test_it_is_restored_into_nothing_but_an_empty_database(tmp_path):
    (tmp_path / "copy").touch()
    with pytest.raises(CommandError, match="The database is not empty: it has"):
        call_command("restore", str(tmp_path / "copy"))


def test_a_file_that_is_no_copy_leaves_the_database_empty(database, tmp_path):
    target = database()
    (tmp_path / "copy").write_text("no copy")

    status, _, said = target.manage("restore", str(tmp_path / "copy"))

    assert status == 1
    assert "pg_restore ended with status 1" in said
    assert target.counts() == {}
