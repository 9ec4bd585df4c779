"""What must hold of the record is looked at, and told where it does not."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from access.models import Client, Disclosure
from config.demo import load
from config.invariants import invariants, verify
from enrollments.models import Enrollment
from offerings.models import GradeColumn
from registrations.models import Registration
from students.models import Profile
from tasks.models import Lane, Task
from tests.factories import (
    CourseFactory,
    EnrollmentFactory,
    GradeFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitFactory,
    UnitOfferingFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def unrecorded():
    """Write to a table of the record behind the back of its history."""

    def unrecorded(table, statement, *parameters):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(statement, parameters)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")

    return unrecorded


def broken():
    """Return what does not hold: the first ids, by name."""
    verdicts = map(verify, invariants())
    return {each.name: each.among for each in verdicts if not each.holds}


def test_it_finds_nothing_wrong_with_the_demo_record(capsys):
    load(students=20)

    call_command("verifydata", "--format", "json")

    verdicts = json.loads(capsys.readouterr().out)
    assert {each["violations"] for each in verdicts} == {0}
    assert len({each["name"] for each in verdicts}) == len(verdicts) > 40


def test_it_changes_nothing_and_says_where_something_does_not_hold(capsys):
    client = Client.objects.create(name="Grade book", scopes=["no:such"])

    with pytest.raises(SystemExit) as left:
        call_command("verifydata", "--format", "json")

    assert left.value.code == 1
    rows = json.loads(capsys.readouterr().out)
    assert [each for each in rows if each["violations"]] == [
        {
            "name": "scopes of clients",
            "says": "A client has scopes and a role that there are.",
            "violations": 1,
            "among": [client.pk],
        }
    ]
    client.refresh_from_db()
    assert client.scopes == ["no:such"]


def test_it_finds_a_row_that_is_not_as_its_history_says(unrecorded):
    profile = ProfileFactory()
    unrecorded(
        "students_profile",
        "UPDATE students_profile SET email = 'x@y.z' WHERE id = %s",
        profile.pk,
    )
    assert broken() == {"history of profiles": [profile.pk]}


def test_it_finds_a_row_without_a_history(unrecorded):
    unrecorded(
        "students_profile",
        """
        INSERT INTO students_profile (id, first_name, last_name, email, is_confidential,
            version, created_at, updated_at)
        VALUES ('p', '', '', '', false, 1, now(), now())
        """,
    )
    assert broken() == {"history of profiles": ["p"]}


def test_it_finds_a_row_that_was_lost(unrecorded):
    profile = ProfileFactory()
    unrecorded(
        "students_profile", "DELETE FROM students_profile WHERE id = %s", profile.pk
    )
    assert broken() == {"history of profiles": [profile.pk]}


def test_it_is_content_with_what_was_deleted_and_made_again():
    profile = ProfileFactory(id="p", version=3)
    profile.delete()
    ProfileFactory(id="p", version=1)

    assert broken() == {}


def test_it_finds_a_version_that_went_back():
    profile = ProfileFactory(version=3)
    Profile.objects.filter(pk=profile.pk).update(version=2)

    assert broken() == {"versions of profiles": [profile.pk]}


def test_it_finds_a_counter_that_is_behind_its_rows():
    row = Disclosure.objects.create(staff="s", door="d", what="w", profile_ids=[])
    Disclosure.objects.filter(pk=row.pk).update(id=row.pk + 1000)

    assert broken() == {"counter of access_disclosure": [str(row.pk + 1000)]}


def test_it_finds_a_client_that_acts_as_nobody():
    client = Client.objects.create(name="Grade book", profile_id="nobody")

    assert broken() == {"people of clients": [client.pk]}


def test_it_finds_what_does_not_belong_to_a_registration():
    registration = RegistrationFactory()
    changes = {"course": CourseFactory(), "offering": UnitOfferingFactory()}
    Registration.objects.filter(pk=registration.pk).update(**changes)

    assert broken() == {
        "courses of registrations": [registration.pk],
        "offerings of registrations": [registration.pk],
    }


def test_it_finds_a_grade_in_a_column_of_another_unit():
    grade = GradeFactory()
    GradeColumn.objects.filter(pk=grade.column_id).update(unit=UnitFactory())

    assert broken() == {"columns of grades": [str(grade.pk)]}


def test_it_finds_a_grade_off_its_scale():
    grade = GradeFactory(value="101")
    GradeFactory(value="99")

    assert broken() == {"scales of grades": [str(grade.pk)]}


def test_it_finds_an_enrollment_with_somebody_elses_registration():
    enrollment, other = EnrollmentFactory(), RegistrationFactory()
    Enrollment.objects.filter(pk=enrollment.pk).update(
        role="student", registration=other
    )
    assert broken() == {
        "people of enrollments": [enrollment.pk],
        "units of enrollments": [enrollment.pk],
    }


def test_it_finds_a_task_that_its_lane_has_passed():
    Task.objects.create(
        lane=Lane.objects.create(key="students:a", next_number=1, applied_number=1),
        **dict.fromkeys(("name", "email", "scope"), ""),
        number=1,
    )
    assert broken() == {"lanes": ["students:a"]}


def test_it_finds_a_constraint_that_was_not_checked():
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE students_profile ADD CONSTRAINT named"
            " CHECK (last_name <> '') NOT VALID"
        )
    assert broken() == {"constraints": ["named"]}
