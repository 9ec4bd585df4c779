"""The demo record."""

import stat
from datetime import datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count
from pghistory.models import Context

from access.models import Client, Key, Status
from access.recognition import key_of
from config.demo import TABLES, load
from config.demo.clients import kept_keys
from config.demo.tables import OtherRecord
from enrollments.models import Enrollment
from offerings.models import (
    Course,
    CourseIntake,
    GradeColumn,
    Lecturer,
    Term,
    Unit,
    UnitOffering,
    UnitVersion,
)
from registrations.models import Grade, GradeState, Registration
from students.models import Dplan, DplanCode, DplanSource, Profile
from tests.factories import ProfileFactory, TermFactory

pytestmark = pytest.mark.django_db

GIVEN = {
    Term: ["uuid-string-here"],
    DplanCode: ["R", "L", "O", "X", "T"],
    DplanSource: ["PHL", "STU"],
    Course: ["6385baad976a7719120008ca"],
    CourseIntake: ["6385bcf1976a77191200ba5d", "uuid-string-here"],
    Unit: ["6385baad976a7719120008e3", "6385baa7976a7719120005dc"],
    GradeColumn: [
        "667ae7cb6ab728271421708e",
        "6385baad976a7719120008e6",
        "6385baa7976a7719120005df",
    ],
    UnitVersion: ["uuid-string-here"],
    Lecturer: ["uuid-string-here"],
    GradeState: ["pass", "fail", "incomplete"],
    Profile: [
        "507f1f77bcf86cd799439011",
        "6385bdd4976a7719120108e9",
        "6629aeada89133acedfad6d7d110123d",
    ],
    Registration: [
        "65e6e5aaf398a642a7022ab5",
        "65e6e5aaf398a642a7022ab6",
        "65ade781cc98d136543678191005431a",
    ],
    UnitOffering: [
        "unit-offering-uuid",
        "unit-offering-2",
        "89cd2eada89133acedfad6d766a2d931",
        "89cd2eada89133acedfad6d766a2d932",
        "5cddb466b68a450c3b10aaaa",
    ],
    Enrollment: [
        "AAAS.010.01-202001-U-10188-f002qt1-student",
        "AAAS.010.01-202001-U-10188-f0hold1-student",
        "AAAS.010.01-202001-U-10188-f003ghc-instructor",
    ],
}


@pytest.fixture(autouse=True)
def state_folder(settings, tmp_path):
    settings.STATE_DIR = tmp_path / "var"
    return settings.STATE_DIR


def record():
    """Every row of the record, its history and its clients."""
    tables = [
        model
        for room in ("access", "offerings", "students", "registrations", "enrollments")
        for model in apps.get_app_config(room).get_models()
    ]
    return {
        model.__name__: [*model.objects.order_by("pk").values()] for model in tables
    }


def generated(students):
    """The generated rows of a load that is taken back, without what it numbers."""
    with transaction.atomic():
        load(students=students)
        rows = {
            model.__name__: [*model.objects.order_by("pk").values()]
            for model in (Profile, Dplan, Registration, Enrollment, UnitOffering)
        }
        grades = Grade.objects.order_by("registration", "column")
        rows["Grade"] = [*grades.values("registration", "column", "value", "published")]
        transaction.set_rollback(True)
    return rows


@pytest.mark.parametrize(("model", "ids"), GIVEN.items(), ids=lambda value: str(value))
def test_it_holds_every_id_of_the_samples(model, ids):
    load()
    assert sorted(model.objects.in_bulk(ids)) == sorted(ids)


def test_it_holds_the_registrations_as_they_are_given():
    load()
    registrations = Registration.objects.filter(profile__netid="f002qt1")
    assert [*registrations.order_by("pk").values()] == [
        {
            "id": "65e6e5aaf398a642a7022ab5",
            "profile_id": "507f1f77bcf86cd799439011",
            "unit_id": "6385baad976a7719120008e3",
            "course_id": "6385baad976a7719120008ca",
            "intake_id": "6385bcf1976a77191200ba5d",
            "offering_id": "5cddb466b68a450c3b10aaaa",
            "created_at": datetime.fromtimestamp(1709630890, ZoneInfo("UTC")),
            "updated_at": datetime.fromtimestamp(1709630890, ZoneInfo("UTC")),
            **UNTOUCHED,
        },
        {
            "id": "65e6e5aaf398a642a7022ab6",
            "profile_id": "507f1f77bcf86cd799439011",
            "unit_id": "6385baa7976a7719120005dc",
            "course_id": "6385baad976a7719120008ca",
            "intake_id": "6385bcf1976a77191200ba5d",
            "offering_id": None,
            "created_at": datetime.fromtimestamp(1709630895, ZoneInfo("UTC")),
            "updated_at": datetime.fromtimestamp(1709630895, ZoneInfo("UTC")),
            **UNTOUCHED,
        },
    ]
    assert not Grade.objects.exists()


UNTOUCHED = {
    "attempt": 1,
    "state": "registered",
    "grade_state_id": None,
    "awarded": None,
    "notes": "",
    "feedback": "",
    "grader_id": None,
    "began_at": None,
    "last_active_at": None,
    "ended_at": None,
    "ejected_at": None,
    "version": 1,
}


def test_it_holds_the_terms_and_one_that_holds_today():
    load()
    codes = [*Term.objects.exclude(code=None).values_list("code", flat=True)]
    today = Term.objects.in_session().get()
    assert sorted(codes) == sorted(
        ["202001", "202301", "202303", "202501", "202503", today.code]
    )
    assert today.is_active


def test_it_holds_one_person_under_hold():
    load()
    held = Profile.objects.get(is_confidential=True)
    assert held.netid == "f0hold1"
    assert held.registrations.get().offering_id == "5cddb466b68a450c3b10aaaa"


def test_it_changes_nothing_the_second_time():
    load(students=3)
    before = record()
    load(students=3)
    assert record() == before


def test_it_leaves_what_was_changed_since():
    load()
    Registration.objects.filter(pk="65e6e5aaf398a642a7022ab5").update(notes="Kept.")
    before = record()
    load()
    assert record() == before


@time_machine.travel("2026-11-20 12:00Z", tick=False)
def test_it_adds_only_the_term_that_holds_when_loaded_a_year_later():
    load(students=3)
    before = record()
    with time_machine.travel("2027-11-20 12:00Z", tick=False):
        load(students=3)
    after = record()
    assert [term["code"] for term in after["Term"] if term not in before["Term"]] == [
        "202709"
    ]
    assert without_terms(after) == without_terms(before)


def without_terms(rows):
    return {name: rows[name] for name in rows if not name.startswith("Term")}


def test_it_refuses_where_the_registry_has_such_a_code_under_another_id():
    TermFactory(code="202001")
    before = record()
    with pytest.raises(CommandError, match="records of its own .* 202001"):
        call_command("loaddemo")
    assert record() == before


def test_it_is_recorded_as_one_change_by_the_command():
    load(students=3)
    by_context = Registration.pgh_event_model.objects.values("pgh_context").annotate(
        rows=Count("pk")
    )
    assert [row["rows"] for row in by_context] == [4 + 3 * 4]
    metadata = Context.objects.get().metadata
    assert metadata["actor"]["command"] == "loaddemo"
    assert metadata["door"] == "command"


def test_it_generates_students_with_all_that_belongs_to_them():
    load(students=30)
    students = Profile.objects.filter(netid__startswith="g")
    assert students.count() == 30
    assert sorted(
        students.annotate(dplan_count=Count("dplans", distinct=True))
        .annotate(registration_count=Count("registrations", distinct=True))
        .annotate(enrollment_count=Count("enrollments", distinct=True))
        .annotate(grade_count=Count("registrations__grades", distinct=True))
        .values_list(
            "dplan_count", "registration_count", "enrollment_count", "grade_count"
        )
        .distinct()
    ) == [(6, 4, 4, 8)]


def test_it_generates_the_same_students_each_time():
    assert generated(students=30) == generated(students=30)


def test_it_adds_to_the_students_that_an_earlier_load_generated():
    whole = generated(students=40)
    load(students=30)
    assert generated(students=40) == whole
    assert Profile.objects.filter(netid__startswith="g").count() == 30


def test_it_goes_on_where_it_was_interrupted():
    whole = generated(students=30)
    steps = iter([None, None])

    def interrupt(count):
        next(steps)

    with pytest.raises(StopIteration):
        load(students=30, advance=interrupt)
    assert Profile.objects.filter(netid__startswith="g").count() == 30
    assert not Dplan.objects.exists()
    assert generated(students=30) == whole


def test_it_tells_how_far_it_is():
    steps = []
    load(students=30, advance=steps.append)
    assert sum(steps) == 30 * TABLES


@pytest.mark.django_db(transaction=True)
def test_it_fills_two_tables_at_a_time_in_one_history_context():
    load(students=30)
    assert Dplan.objects.count() == 30 * 6
    assert Grade.objects.count() == 30 * 8
    contexts = [
        {*model.pgh_event_model.objects.values_list("pgh_context", flat=True)}
        for model in (Term, Profile, Dplan, Registration, Grade, Enrollment)
    ]
    assert contexts == [{Context.objects.get().pk}] * 6


@pytest.mark.django_db(transaction=True)
def test_it_goes_no_further_when_a_table_fails():
    ProfileFactory(netid="g0000002")
    with pytest.raises(OtherRecord):
        load(students=3)
    assert not Registration.objects.filter(profile__netid="g0000001").exists()


def test_it_keeps_keys_that_only_their_owner_can_read(state_folder):
    load()
    file = state_folder / "demo-keys.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(kept_keys()) == [
        "enrollments",
        "offering-registrations",
        "profile-registrations",
        "students",
        "unit-offerings",
    ]


@pytest.mark.parametrize(
    ("interface", "role", "sub", "name"),
    [
        ("profile-registrations", "", "64656d6f0000000000000001", "Demo grade entry"),
        (
            "offering-registrations",
            "",
            "64656d6f0000000000000002",
            "Demo course delivery",
        ),
        ("unit-offerings", "ADMIN", "64656d6f0000000000000003", "Demo timetable"),
        ("enrollments", "", "f003ghc", "Integration Test User"),
        ("students", "", "f003ghc", "Integration Test User"),
    ],
)
def test_it_makes_a_client_of_each_interface(interface, role, sub, name):
    load()
    client = key_of(kept_keys()[interface]["key"]).client
    assert (client.role, client.sub, client.name) == (role, sub, name)


def test_it_makes_a_new_key_where_the_kept_one_is_of_another_database():
    load()
    Key.objects.all().delete()
    before = kept_keys()
    load()
    after = kept_keys()
    assert Key.objects.count() == 5
    assert {*map(itemgetter("key"), before.values())}.isdisjoint(
        map(itemgetter("key"), after.values())
    )


def test_it_leaves_a_client_that_was_revoked():
    load()
    clients = Client.objects.filter(pk=kept_keys()["students"]["client"])
    clients.update(status=Status.REVOKED)
    before = record()
    load()
    assert record() == before


def test_it_refuses_where_somebody_has_the_netid_of_a_generated_student():
    ProfileFactory(netid="g0000002")
    with pytest.raises(CommandError, match="records of its own"):
        call_command("loaddemo", students=3)
    assert Profile.objects.filter(netid__startswith="g").count() == 1
