"""Importing a file: what it writes, and when it is refused."""

import pytest
from django.db import connection, transaction

from offerings.models import GradeColumn, Term, Unit
from registrations.models import Registration
from students.models import Profile
from tests.factories import CourseFactory, ProfileFactory, TermFactory
from transfer import importing
from transfer.errors import BadFile, NotReady, RecordMoved, RowsAreWrong, TooManyChanges
from transfer.models import Import
from transfer.staging import staged_ids

pytestmark = pytest.mark.django_db

TERMS = (
    "code,name,starts_on,ends_on\n"
    "203001,Winter 2030,2030-01-05,2030-03-20\n"
    "203003,Spring 2030,2030-03-28,2030-06-10\n"
)


def counts(it):
    return it.new, it.changed, it.same, it.error


def test_it_adds_what_is_new_in_the_order_of_the_file(apply):
    it = apply("terms", TERMS)
    assert (it.state, counts(it)) == (Import.State.APPLIED, (2, 0, 0, 0))
    assert [*Term.objects.order_by("pk").values_list("code", "name", "version")] == [
        ("203001", "Winter 2030", 1),
        ("203003", "Spring 2030", 1),
    ]
    assert {len(pk) for pk in Term.objects.values_list("pk", flat=True)} == {24}


def test_the_same_file_again_changes_nothing(apply):
    apply("terms", TERMS)
    it = apply("terms", TERMS)
    assert counts(it) == (0, 0, 2, 0)
    assert {*Term.objects.values_list("version", flat=True)} == {1}


def test_it_changes_only_what_the_file_has_and_raises_the_version(apply):
    term = TermFactory(code="203001", name="Old", registration_opens_on=None)
    it = apply("terms", "code,name\n203001,New\n")
    assert counts(it) == (0, 1, 0, 0)
    starts_on = term.starts_on
    term.refresh_from_db()
    assert (term.name, term.version, term.starts_on) == ("New", 2, starts_on)


def test_its_changes_are_in_the_history_with_who_and_why(apply):
    term = TermFactory(code="203001", name="Old")
    apply("terms", "code,name\n203001,New\n", reason="It was misspelt")
    event = term.events.order_by("pgh_id").last()
    assert (event.name, event.pgh_label) == ("New", "update")
    assert event.pgh_context.metadata == {
        "actor": {"command": "importdata", "os_user": "rita"},
        "door": "command",
        "reason": "It was misspelt",
    }


def test_it_keeps_an_id_that_comes_with_a_row(apply):
    apply("courses", "id,code,name\nimported-1,PHYS,Physics\n")
    apply("courses", "id,code,name\nimported-1,PHY,Physics\n")
    course = CourseFactory._meta.model.objects.get()
    assert (course.pk, course.code) == ("imported-1", "PHY")


def test_an_empty_cell_empties_what_may_be_empty_and_no_more(apply):
    profile = ProfileFactory(netid="f1", class_year=2030, is_confidential=True)
    apply("profiles", "netid,class_year,is_confidential,email\nf1,,,\n")
    profile.refresh_from_db()
    assert (profile.class_year, profile.is_confidential, profile.email) == (
        None,
        True,
        "",
    )


def test_a_new_unit_gets_its_final_grade(apply):
    CourseFactory(code="PHYS")
    apply("units", "code,course,title\nP1,PHYS,Mechanics\n")
    column = GradeColumn.objects.get(unit=Unit.objects.get(code="P1"))
    assert (column.name, column.scale, column.maximum) == ("final", "continuous", 100)


def test_it_tells_every_fault_of_every_row_and_changes_nothing(apply, outcomes):
    TermFactory(code="203001", name="Old")
    text = (
        "code,name,starts_on,ends_on\n"
        "203001,New,2030-01-05,2030-03-20\n"
        "203001,Twice,2030-01-05,2030-03-20\n"
        "203003,,2030-03-28,2030-02-30\n"
        "203006,Summer,2030-06-28,2030-05-01\n"
        "203009\n"
        "=1+1,Fall,2030-09-01,2030-12-01\n"
    )
    assert outcomes("terms", text) == [
        "changed",
        "Row 2 of the file is about the same record.",
        "ends_on is no date such as 2024-01-31.",
        "ends_on comes before starts_on.",
        "The row has 1 cells where the first row has 4.",
        "code holds a formula: paste its value, or put ' before it.",
    ]
    with pytest.raises(RowsAreWrong) as refusal:
        apply("terms", text)
    assert refusal.value.message == ("5 of 6 rows cannot be imported, so none are.")
    assert [*Term.objects.values_list("name", flat=True)] == ["Old"]


def test_a_new_row_needs_what_a_record_cannot_do_without(outcome):
    assert outcome("terms", "code,name\n203001,Winter\n") == (
        "starts_on is needed.\nends_on is needed."
    )


def test_it_refuses_to_change_more_of_the_record_than_the_limit(apply):
    TermFactory(code="203001", name="Old")
    TermFactory(code="203003", name="Stays")
    with pytest.raises(TooManyChanges) as refusal:
        apply("terms", "code,name\n203001,New\n", most_percent=49)
    assert refusal.value.message == (
        "It would change 1 of 2 terms (50.0 %), and the limit is 49 %."
    )
    assert {*Term.objects.values_list("name", flat=True)} == {"Old", "Stays"}


@pytest.mark.parametrize(
    "text",
    ["code,name\n203001,New\n", "code,name\n203001,Old\n203002,Other\n"],
    ids=["of what changes", "of what stays"],
)
def test_it_refuses_once_the_record_has_moved(check, text):
    term = TermFactory(code="203001", name="Old")
    TermFactory(code="203002", name="Others")
    it = check("terms", text)
    with transaction.atomic():  # as another writer would
        Term.objects.filter(pk=term.pk).update(name="Moved")
    with pytest.raises(RecordMoved):
        importing.apply(it)
    assert {*Term.objects.values_list("name", flat=True)} == {"Moved", "Others"}


def test_it_refuses_once_a_new_row_has_been_made_by_another(check):
    it = check("terms", TERMS)
    TermFactory(code="203003", name="Theirs")
    with pytest.raises(RecordMoved):
        importing.apply(it)
    assert [*Term.objects.values_list("name", flat=True)] == ["Theirs"]


def test_it_refuses_once_what_the_rules_read_has_changed(check):
    course = CourseFactory(code="PHYS")
    it = check("units", "code,course,title\nP1,PHYS,Mechanics\n")
    with transaction.atomic():
        type(course).objects.filter(pk=course.pk).update(name="Other")
    with pytest.raises(RecordMoved):
        importing.apply(it)
    assert not Unit.objects.exists()


def test_it_refuses_when_a_crash_has_emptied_the_plan(check):
    it = check("terms", TERMS)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {importing.Tables(it.pk).plan}")
    with pytest.raises(RecordMoved):
        importing.apply(it)


def test_it_is_applied_only_once(apply):
    it = apply("terms", TERMS)
    with pytest.raises(NotReady):
        importing.apply(it)


def test_nothing_stays_staged_once_it_is_over(apply, check):
    apply("terms", TERMS)
    importing.refuse(check("terms", TERMS), RowsAreWrong("No."))
    importing.forget(check("terms", TERMS))
    assert [*staged_ids()] == []
    assert sorted(Import.objects.values_list("state", flat=True)) == [
        "applied",
        "refused",
    ]


def test_what_was_not_applied_within_a_day_is_dropped(check):
    old, fresh = check("terms", TERMS), check("terms", TERMS)
    Import.objects.filter(pk=old.pk).update(created_at="2020-01-01T00:00Z")
    assert importing.expire_old() == 1
    assert [*staged_ids()] == [fresh.pk]
    old.refresh_from_db()
    assert old.state == Import.State.EXPIRED


def test_whose_records_it_wrote_is_disclosed(apply):
    profile = ProfileFactory(netid="f1", last_name="Old")
    ProfileFactory(netid="f2", last_name="Same")
    apply("profiles", "netid,last_name\nf1,New\nf2,Same\n")
    with connection.cursor() as cursor:
        cursor.execute("SELECT door, what, staff, profile_ids FROM access_disclosure")
        assert cursor.fetchall() == [
            ("command", "import of 1 profiles", "rita", [profile.pk])
        ]
    assert Profile.objects.get(netid="f2").version == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name\nWinter\n", "The file lacks columns: id or code must be there."),
        ("code,name\nA,B\0\n", "A cell after row 2 holds a NUL character."),
    ],
)
def test_it_refuses_a_file_that_it_cannot_use(check, text, sentence):
    with pytest.raises(BadFile) as refusal:
        check("terms", text)
    assert refusal.value.message == sentence


def test_a_file_without_rows_does_nothing(apply):
    assert counts(apply("terms", "code,name\n")) == (0, 0, 0, 0)


@pytest.mark.parametrize(("is_confidential", "kept"), [(True, "grader"), (False, None)])
def test_it_takes_away_no_grader_whom_a_file_may_not_name(
    apply, some_of_each, is_confidential, kept
):
    ProfileFactory(pk="grader", is_confidential=is_confidential)
    row = Registration.objects.filter(pk="registration-1")
    row.update(grader_id="grader")
    apply("registrations", "id,grader_id\nregistration-1,\n")
    assert row.get().grader_id == kept
