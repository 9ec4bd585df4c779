"""The four groups of staff, as `migrate` makes them."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from access.groups import make_groups
from tests.staff import make_staff

pytestmark = pytest.mark.django_db


def held_by(name) -> set[str]:
    permissions = Group.objects.get(name=name).permissions.values_list(
        "content_type__app_label", "codename"
    )
    return {f"{app}.{codename}" for app, codename in permissions}


def member(group):
    user = make_staff()
    user.groups.add(Group.objects.get(name=group))
    return user


def test_they_are_there():
    names = Group.objects.order_by("name").values_list("name", flat=True)
    assert [*names] == ["Auditor", "Lecturer", "Operator", "Registrar"]


def test_a_registrar_keeps_the_whole_record():
    user = member("Registrar")
    assert user.has_perms(
        [
            "students.see_held",
            "students.change_profile",
            "offerings.add_unitoffering",
            "offerings.delete_unitoffering",
            "registrations.change_grade",
            "enrollments.change_enrollment",
            "tasks.view_task",
            "access.view_disclosure",
        ]
    )


def test_a_lecturer_has_only_what_is_theirs():
    assert held_by("Lecturer") == {"registrations.grade_own"}


def test_an_auditor_reads_everything_and_changes_nothing():
    held = held_by("Auditor")
    changing = {name for name in held if ".view_" not in name}
    assert changing == {"students.see_held"}
    assert {
        "students.view_profileevent",
        "registrations.view_gradeevent",
        "access.view_client",
        "access.view_disclosure",
        "tasks.view_task",
        "jobs.view_job",
        "auth.view_user",
    } <= held


def test_an_operator_keeps_tasks_and_clients_and_sees_no_student():
    held = held_by("Operator")
    assert {"access.add_client", "access.change_key", "tasks.change_task"} <= held
    assert {name.partition(".")[0] for name in held} == {"access", "jobs", "tasks"}


@pytest.mark.parametrize("group", ["Registrar", "Lecturer", "Auditor", "Operator"])
def test_nobody_sees_secrets_or_rewrites_history(group):
    held = held_by(group)
    secret = {name for name in held if name.endswith(("signingkey", "secondfactor"))}
    rewriting = {
        name for name in held if name.endswith("event") and ".view_" not in name
    }
    assert (secret, rewriting) == (set(), set())


def test_what_was_added_by_hand_is_taken_back():
    group = Group.objects.get(name="Lecturer")
    group.permissions.set(Group.objects.get(name="Registrar").permissions.all())
    make_groups()
    assert held_by("Lecturer") == {"registrations.grade_own"}


@pytest.mark.django_db(transaction=True)
def test_migrate_makes_them_again():
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert Group.objects.count() == 4
