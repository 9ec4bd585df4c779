import contextlib
import csv
import json

import pytest
from django.core.management import CommandError, call_command

from access.models import Disclosure
from offerings.models import Course
from tests.factories import CourseFactory, ProfileFactory, TermFactory, UnitFactory
from transfer import importing
from transfer.models import Import
from transfer.staging import staged_ids

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


CLOSING = "code,grades_closed_at\n203001,2020-01-31T00:00:00Z\n"


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"reason": " "}])
def test_no_term_is_closed_without_a_reason(run, options):
    term = TermFactory(code="203001")
    with pytest.raises(CommandError, match="Give a reason."):
        run("terms", CLOSING, max_change_percent=100, **options)
    term.refresh_from_db()
    assert not term.is_closed_for_grades


def test_a_term_is_closed_with_a_reason(run):
    term = TermFactory(code="203001")
    run("terms", CLOSING, max_change_percent=100, reason="The board has met")
    term.refresh_from_db()
    assert term.is_closed_for_grades


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


@pytest.mark.parametrize(
    "wrong",
    [
        ["--max-change-percent", "101"],
        ["--max-change-percent", "-1"],
        ["--max-change-percent", "some"],
        ["--reason", "x" * 501],
        ["--format", "xml"],
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_read(tmp_path, wrong):
    path = tmp_path / "rows.csv"
    path.write_text("code,name\nPHYS,Physics\n")
    with pytest.raises(CommandError):
        call_command("importdata", "courses", str(path), *wrong)
    assert not Import.objects.exists()


def test_a_dry_run_of_wrong_rows_is_exit_code_3_and_leaves_nothing(run):
    with pytest.raises(CommandError) as refusal:
        run("courses", "code,name\nA,\n", dry_run=True)
    assert refusal.value.returncode == 3
    assert not Import.objects.exists()
    assert staged_ids() == set()


@pytest.mark.parametrize(
    "ending",
    [
        ("code,name\nA,Art\n", {}),
        ("code,name\nA,Art\n", {"dry_run": True}),
        ("code,name\nA,\n", {}),
        ("code,name\nPHYS,New\n", {}),
        ("name\nArt\n", {}),
        ('code,name\nA,"Art\n', {}),
    ],
    ids=["applied", "dry", "errors", "too much", "no key", "bad file"],
)
def test_no_table_stays_however_it_ends(run, ending):
    CourseFactory(code="PHYS", name="Physics")
    text, options = ending
    with contextlib.suppress(CommandError):
        run("courses", text, **options)
    assert staged_ids() == set()
    assert not Import.objects.open().exists()


def test_what_a_killed_command_left_is_dropped_after_a_day(run, monkeypatch):
    monkeypatch.setattr(importing, "apply", killed)
    with pytest.raises(KeyboardInterrupt):
        run("courses", "code,name\nA,Art\n")
    assert staged_ids() == {Import.objects.get().pk}
    Import.objects.update(created_at="2020-01-01T00:00Z")
    importing.expire_old()
    assert staged_ids() == set()
    assert Import.objects.get().state == Import.State.EXPIRED


def killed(*arguments, **options):
    raise KeyboardInterrupt


def test_a_file_of_errors_has_none_of_an_earlier_run(run, tmp_path):
    errors = tmp_path / "errors.csv"
    errors.write_text("row,error\n2,name is needed.\n")
    run("courses", "code,name\nA,Art\n", errors_file=errors)
    assert errors.read_text() == "row,error\n"


def test_an_error_in_the_file_is_run_by_no_spreadsheet(run, tmp_path):
    errors = tmp_path / "errors.csv"
    with pytest.raises(CommandError):
        run("units", "code,title,course\nA,A,'=B\n", errors_file=errors)
    (_, (row, sentence)) = csv.reader(errors.read_text().splitlines())
    assert (row, sentence) == ("2", "course names none that there is: =B.")


def test_a_file_that_cannot_be_written_is_said(run, tmp_path):
    with pytest.raises(CommandError) as refusal:
        run("courses", "code,name\nA,Art\n", errors_file=tmp_path)
    assert "Is a directory" in str(refusal.value)
    assert not Course.objects.exists()
    with pytest.raises(CommandError):
        call_command("exportdata", "courses", output=tmp_path)


def test_an_export_is_narrowed_by_codes(tmp_path):
    UnitFactory(code="OTHER")
    unit = UnitFactory(code="P1", course__code="PHYS")
    path = tmp_path / "units.csv"
    call_command("exportdata", "units", output=path, course="PHYS")
    assert [row["id"] for row in csv.DictReader(path.read_text().splitlines())] == [
        unit.pk
    ]


@pytest.mark.parametrize(
    ("kind", "named", "sentence"),
    [
        ("terms", {"term": "X"}, "terms have no term to be narrowed by."),
        ("units", {"course": "X"}, "There is no course 'X'."),
    ],
)
def test_an_export_of_what_there_is_not_is_refused(kind, named, sentence):
    with pytest.raises(CommandError) as refusal:
        call_command("exportdata", kind, **named)
    assert str(refusal.value) == sentence
