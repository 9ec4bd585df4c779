import csv
import json

import pytest
from django.core.management import CommandError, call_command

from access.models import Disclosure
from offerings.models import Course
from tests.factories import CourseFactory, ProfileFactory
from transfer.models import Import

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path, capsys):
    """Run importdata on a text; what it printed, as JSON."""

    def run(kind, text, **options):
        path = tmp_path / "rows.csv"
        path.write_text(text)
        call_command("importdata", kind, str(path), format="json", **options)
        return json.loads(capsys.readouterr().out)

    return run


def test_it_imports_a_file_and_says_what_it_did(run):
    said = run("courses", "code,name\nPHYS,Physics\n", reason="New")
    it = Import.objects.get()
    assert said == {
        "import": it.pk,
        "kind": "courses",
        "rows": 1,
        "new": 1,
        "changed": 0,
        "same": 0,
        "error": 0,
        "applied": True,
    }
    assert (it.state, it.reason, it.file_name) == ("applied", "New", "rows.csv")
    assert Course.objects.get().name == "Physics"


def test_a_dry_run_says_the_same_and_leaves_nothing(run):
    said = run("courses", "code,name\nPHYS,Physics\n", dry_run=True)
    assert (said["new"], said["applied"]) == (1, False)
    assert not Course.objects.exists()
    assert not Import.objects.exists()


def test_rows_with_errors_are_exit_code_3_and_written_to_a_file(run, tmp_path, capsys):
    errors = tmp_path / "errors.csv"
    with pytest.raises(CommandError) as refusal:
        run("courses", "code,name\nA,\nB,\n", errors_file=errors)
    assert refusal.value.returncode == 3
    assert capsys.readouterr().err == "Row 2: name is needed.\nRow 3: name is needed.\n"
    assert [*csv.reader(errors.read_text().splitlines())] == [
        ["row", "error"],
        ["2", "name is needed."],
        ["3", "name is needed."],
    ]
    assert Import.objects.get().state == "refused"


def test_too_many_changes_are_exit_code_4(run):
    CourseFactory(code="A", name="Old")
    with pytest.raises(CommandError) as refusal:
        run("courses", "code,name\nA,New\n")
    assert refusal.value.returncode == 4
    assert Course.objects.get().name == "Old"


def test_a_file_that_cannot_be_read_is_exit_code_1(run):
    with pytest.raises(CommandError) as refusal:
        run("courses", "")
    assert (refusal.value.returncode, str(refusal.value)) == (1, "The file is empty.")


def test_a_column_that_nobody_knows_is_refused_unless_it_is_left_out(run):
    text = "code,name,colour\nA,Art,red\n"
    with pytest.raises(CommandError) as refusal:
        run("courses", text)
    assert str(refusal.value) == (
        "'colour' is no column of courses, which has id, code, name."
    )
    assert run("courses", text, column=["colour="])["new"] == 1


def test_headers_are_guessed_and_may_be_said(run):
    run("courses", "Code;Bezeichnung\nA;Art\n", column=["Bezeichnung=name"])
    assert Course.objects.get().name == "Art"


def test_an_export_goes_to_a_file_and_is_disclosed_first(tmp_path, capsys):
    profile = ProfileFactory(netid="f1")
    ProfileFactory(netid="f2", is_confidential=True)
    path = tmp_path / "profiles.csv"
    call_command("exportdata", "profiles", output=path)
    assert [row["netid"] for row in csv.DictReader(path.read_text().splitlines())] == [
        "f1"
    ]
    assert Disclosure.objects.get().profile_ids == [profile.pk]
    assert capsys.readouterr().err == "1 profiles exported.\n"


def test_an_export_holds_people_under_hold_only_when_asked(tmp_path):
    ProfileFactory(netid="f2", is_confidential=True)
    path = tmp_path / "profiles.csv"
    call_command("exportdata", "profiles", output=path, include_held=True)
    assert [row["netid"] for row in csv.DictReader(path.read_text().splitlines())] == [
        "f2"
    ]
