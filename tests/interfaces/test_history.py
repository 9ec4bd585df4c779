"""Whatever changes a tracked row, by whichever door: one row of history, with who."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.core.management import call_command, get_commands
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pghistory.models import Context

from access.endpoints import endpoints
from access.models import Client, Key
from access.scopes import ADMIN, PEOPLE_PRIVATE, SCOPES
from config.admin.screens import screens
from config.history import command_actor, events_of, recorded
from enrollments.models import Enrollment
from jobs import registry as jobs
from jobs.models import Job
from jobs.running import run
from offerings.models import Term, UnitOffering
from registrations.models import Grade, Registration
from students.models import Dplan, LegalHold, Profile
from tasks import registry as tasks
from tasks.lanes import run_turn
from tasks.models import Task
from tests.access.factories import ClientFactory, KeyFactory
from tests.access.http import caller
from tests.config.test_admin import form_of
from tests.factories import (
    CourseIntakeFactory,
    DplanCodeFactory,
    DplanFactory,
    EnrollmentFactory,
    GradeColumnFactory,
    GradeFactory,
    GradeStateFactory,
    LecturerFactory,
    ProfileFactory,
    RegistrationFactory,
    SectionFactory,
    TermFactory,
    UnitFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)
from tests.history import by_hand, tracked_models, witnessed
from tests.staff import make_admin
from tests.test_layers import APPS, TOP
from transfer.kinds import KINDS

pytestmark = pytest.mark.django_db

SECTION = "AAAS.010.01-202001-U-10188"
ADAS = f"{SECTION}-f00ada-student"
WHY = {"X-Request-Id": "trace-1", "X-Change-Reason": "They asked"}


@pytest.fixture
def record():
    """A section with Ada, who has a published grade, and Bob, who has none; Cem,
    who is registered on nothing; and an offering that nobody is on."""
    for state in ("pass", "fail"):
        GradeStateFactory(name=state)
    unit = UnitFactory(pk="unit", code="UNIT")
    final = GradeColumnFactory(pk="final", unit=unit)
    term = TermFactory(pk="term", code="202001")
    DplanCodeFactory(id="L")
    LecturerFactory(pk="other", netid="other")
    section = SectionFactory(
        pk="section",
        code="SECTION",
        section_id=SECTION,
        semester=term,
        unit_version=UnitVersionFactory(pk="version", unit=unit),
        course_intake=CourseIntakeFactory(pk="intake", course=unit.course),
        lecturer__pk="lecturer",
    )
    people = {name: ProfileFactory(pk=name, netid=f"f00{name}") for name in PEOPLE}
    registered = {
        name: RegistrationFactory(
            pk=f"r-{name}",
            profile=people[name],
            unit=unit,
            intake=section.course_intake,
            offering=section,
        )
        for name in ("ada", "bob")
    }
    GradeFactory(
        registration=registered["ada"], column=final, value="85", published=True
    )
    EnrollmentFactory(
        pk=ADAS,
        offering=section,
        profile=people["ada"],
        registration=registered["ada"],
    )
    DplanFactory(profile=people["ada"], term=term)
    UnitOfferingFactory(pk="empty", code="EMPTY")
    return SimpleNamespace(bob=registered["bob"], final=final)


PEOPLE = ("ada", "bob", "cem")


# --- The interfaces ---------------------------------------------------------------

FINAL_60 = {"grades": [{"name": "final", "value": "60"}]}
ON_THE_UNIT = {"unit_id": "unit", "context_id": "intake"}
PROFILES = "/apis/registrations/profiles"
GRADED = ["update grade", "update registration"]
MADE = ["insert grade", "insert registration"]
OFFERING = {
    "Code": "NEW",
    "unitVersionId": "version",
    "courseIntakeId": "intake",
    "lecturerId": "lecturer",
    "semesterId": "term",
}
ASSESSED = {
    "course_assessment": {"submit_date": "2020-03-05T17:53:46Z", "opt_out_date": None}
}
LEAVE = {"dplans": [{"term_code": "202001", "dplan_id": "L", "dplan_source_id": "PHL"}]}

# By endpoint: the address, the body, the door, and what is done to which tables.
WRITES = {
    "PATCH /apis/registrations/profiles/{profile_id}/registrations": (
        f"{PROFILES}/ada/registrations",
        {"registrations": [{**ON_THE_UNIT, **FINAL_60, "grade_state_name": "pass"}]},
        "profile-registrations",
        GRADED,
    ),
    "POST /apis/registrations/profiles/{profile_id}/registrations": (
        f"{PROFILES}/cem/registrations",
        {"registrations": [{**ON_THE_UNIT, **FINAL_60}]},
        "profile-registrations",
        MADE,
    ),
    "PATCH /apis/registrations/units/{unit_id}/registrations": (
        "/apis/registrations/units/unit/registrations",
        {
            "registrations": [
                {"profile_id": "ada", **FINAL_60},
                {"profile_id": "bob", **FINAL_60},
                {"profile_id": "ada", "grade_notes": "Twice in one request"},
            ]
        },
        "profile-registrations",
        ["insert grade", *GRADED, "update registration"],
    ),
    "POST /apis/units/units/{unit_id}/grades": (
        "/apis/units/units/unit/grades",
        {"profile_id": "ada", "grade_name": "final", "grade_value": 60},
        "profile-registrations",
        GRADED,
    ),
    "POST /dc/api/v5/registrations": (
        "/dc/api/v5/registrations",
        {"userId": "cem", "offeringId": "section"},
        "offering-registrations",
        ["insert registration"],
    ),
    "POST /api/v5/registrations": (
        "/api/v5/registrations",
        {"userId": "cem", "offeringId": "section"},
        "offering-registrations",
        ["insert registration"],
    ),
    "PUT /dc/api/v5/registrations/{pk}": (
        "/dc/api/v5/registrations/r-ada",
        {"grade": 60},
        "offering-registrations",
        GRADED,
    ),
    "PUT /api/v5/registrations/{pk}": (
        "/api/v5/registrations/r-ada",
        {"status": "ejected"},
        "offering-registrations",
        ["update registration"],
    ),
    "POST /api/v1/unit-offerings": (
        "/api/v1/unit-offerings",
        OFFERING,
        "unit-offerings",
        ["insert unitoffering"],
    ),
    "PATCH /api/v1/unit-offerings/{pk}": (
        "/api/v1/unit-offerings/section",
        {"Code": "NEW"},
        "unit-offerings",
        ["update unitoffering"],
    ),
    "DELETE /api/v1/unit-offerings/{pk}": (
        "/api/v1/unit-offerings/empty",
        None,
        "unit-offerings",
        ["delete unitoffering"],
    ),
}

# By endpoint: the address, the body, the handler with its lane, and what is done.
TASKS = {
    "PATCH /api/academic/enrollments/{pk}": (
        f"/api/academic/enrollments/{ADAS}",
        ASSESSED,
        ("enrollments PATCH", f"enrollments:{ADAS}"),
        ["update enrollment"],
    ),
    "PATCH /api/students/{netid}": (
        "/api/students/f00ada",
        LEAVE,
        ("students PATCH", "students:f00ada"),
        ["update dplan", "update profile"],
    ),
}

# What they write is in no tracked table.
OTHER_ENDPOINTS = ["POST /api/jwt", "DELETE /api/tasks/{pk}"]


@pytest.fixture
def http(record):
    """Who may do everything, but sees nobody under privacy hold."""
    return caller(*(SCOPES.keys() - {PEOPLE_PRIVATE}), pk="system", role=ADMIN)


def test_it_knows_each_endpoint_that_writes():
    writing = [str(each) for each in endpoints() if each.method != "GET"]
    assert sorted([*WRITES, *TASKS, *OTHER_ENDPOINTS]) == sorted(writing)


@pytest.mark.parametrize("endpoint", WRITES)
def test_it_tells_what_an_interface_changed(http, endpoint):
    path, body, door, tables = WRITES[endpoint]
    method = endpoint.partition(" ")[0]

    witness = witnessed(lambda: http.generic(method, path, **as_json(body)))

    assert witness.tables == tables
    assert witness.told == witness.changed
    assert witness.contexts == [
        {
            "actor": {"client": "system", "sub": "system"},
            "door": door,
            "request_id": "trace-1",
            "reason": "They asked",
        }
    ]


def as_json(body):
    return {
        "data": b"" if body is None else json.dumps(body),
        "content_type": "application/json",
        "headers": WHY,
    }


@pytest.mark.parametrize("endpoint", WRITES)
def test_it_tells_nothing_of_a_dry_run(http, endpoint):
    path, body, _, _ = WRITES[endpoint]
    method = endpoint.partition(" ")[0]

    witness = witnessed(
        lambda: http.generic(method, f"{path}?dry_run=true", **as_json(body))
    )

    assert (witness.changed, witness.told) == ([], [])
    assert not Context.objects.filter(metadata__request_id="trace-1").exists()


@pytest.mark.parametrize("endpoint", WRITES)
def test_it_tells_nothing_of_what_is_so_already(http, endpoint):
    path, body, _, _ = WRITES[endpoint]
    method = endpoint.partition(" ")[0]
    http.generic(method, path, **as_json(body))

    witness = witnessed(lambda: http.generic(method, path, **as_json(body)))

    assert (witness.changed, witness.told) == ([], [])


# --- Tasks --------------------------------------------------------------------------


def test_it_knows_each_handler_of_a_task():
    ours = [
        name
        for name in tasks.known_names()
        if not tasks.find(*name.split()).run.__module__.startswith("tests.")
    ]
    assert sorted(handler for _, _, (handler, _), _ in TASKS.values()) == sorted(ours)


@pytest.mark.parametrize("endpoint", TASKS)
def test_it_tells_what_a_task_changed_when_a_worker_did_it(http, endpoint):
    path, body, (_, lane), tables = TASKS[endpoint]

    asked = witnessed(lambda: http.patch(path, **as_json(body)))
    done = witnessed(lambda: run_turn(lane))

    task = Task.objects.get()
    assert (asked.changed, asked.told) == ([], [])
    assert done.tables == tables
    assert done.told == done.changed
    assert done.contexts == [
        {
            "actor": {"client": "system", "sub": "system"},
            "door": task.resource,
            "request_id": "trace-1",
            "task_id": task.pk,
            "reason": "They asked",
        }
    ]


# --- The admin ----------------------------------------------------------------------

# By what is done to which model: the address, what is filled in, and what is done.
PAGES = {
    "add access.client": (
        "access/client/add/",
        {"name": "Portal"},
        ["insert client"],
    ),
    "change access.client": (
        "access/client/client/change/",
        {"purpose": "Transcripts"},
        ["update client"],
    ),
    "change access.key": (
        "access/key/key/change/",
        {"status": "revoked"},
        ["update key"],
    ),
    "add offerings.term": (
        "offerings/term/add/",
        {"name": "Fall", "starts_on": "2030-09-01", "ends_on": "2030-12-01"},
        ["insert term"],
    ),
    "change offerings.term": (
        "offerings/term/term/change/",
        {"name": "Autumn"},
        ["update term"],
    ),
    "delete offerings.term": (
        "offerings/term/unused/delete/",
        {"post": "yes"},
        ["delete term"],
    ),
    "add offerings.unitoffering": (
        "offerings/unitoffering/add/",
        {
            "code": "NEW",
            "unit_version": "version",
            "course_intake": "intake",
            "lecturer": "lecturer",
            "semester": "term",
        },
        ["insert unitoffering"],
    ),
    "change offerings.unitoffering": (
        "offerings/unitoffering/section/change/",
        {"code": "NEW"},
        ["update unitoffering"],
    ),
    "delete offerings.unitoffering": (
        "offerings/unitoffering/empty/delete/",
        {"post": "yes"},
        ["delete unitoffering"],
    ),
    "add students.profile": (
        "students/profile/add/",
        {"netid": "f00dee", "first_name": "Dee", "last_name": "Dee"},
        ["insert profile"],
    ),
    "change students.profile": (
        "students/profile/ada/change/",
        {"last_name": "Byron"},
        ["update profile"],
    ),
    "delete students.profile": (
        "students/profile/cem/delete/",
        {"post": "yes"},
        ["delete profile"],
    ),
}

# By screen: the address, what is sent in, and what is done.
SCREENS = {
    "grade_sheet": (
        "grade-sheets/offering/section/",
        {"seen": '[["r-ada", 1, {"final": "85"}]]', "value.0.final": "60"},
        GRADED,
    ),
    "grade_sheet_of_intake": (
        "grade-sheets/unit/unit/intake/intake/",
        {"seen": '[["r-bob", 1, {"final": ""}]]', "value.0.final": "60"},
        ["insert grade", "update registration"],
    ),
    "registration_actions": (
        "registration-actions/",
        {
            "action": "withdraw",
            "_selected_action": ["r-ada", "r-bob"],
            "do": "yes",
        },
        ["update registration", "update registration"],
    ),
    "unpublish": (
        "registrations/r-ada/unpublish/final/",
        {"version": "1"},
        GRADED,
    ),
    "roster_add": (
        "class-lists/section/add/",
        {"netids": "f00ada f00cem", "do": "yes"},
        ["insert registration"],
    ),
    "term": ("terms/term/", {"do": "close", "version": "1"}, ["update term"]),
    "new_key": ("clients/client/new-key/", {"note": "Second"}, ["insert key"]),
    "replace_key": (
        "keys/key/replace/",
        {"overlap": "2"},
        ["insert key", "update key"],
    ),
    "revoke_key": ("keys/key/revoke/", {}, ["update key"]),
    "set_legal_hold": (
        "student/ada/legal-hold/",
        {},
        ["insert legalhold"],
    ),
}

# By screen: the address, what is sent in, the lane of the task, and what it does.
SCREENS_OF_TASKS = {
    "set_dplan": (
        "student/ada/dplans/",
        {"term": "202001", "code": "L", "source": "PHL", "seen": '{"202001": "R PHL"}'},
        "students:f00ada",
        ["update dplan", "update profile"],
    ),
    "set_assessment": (
        f"student/ada/assessment/{ADAS}/",
        {"state": "submitted", "at": "2020-03-05T17:53:46", "version": "1"},
        f"enrollments:{ADAS}",
        ["update enrollment"],
    ),
}

# Those that only show, those of tasks, and those that start a job.
OTHER_SCREENS = [
    *("clients", "grade_changes", "grade_sheets", "publish", "publishing"),
    *("registrations", "roster", "roster_file"),
    *("import", "import_file", "import_errors"),
    *("export", "export_file", "exported_file"),
    *("student", "student_history", "student_search"),
    *("task_board", "task_failures", "task_lane", "terms"),
]


@pytest.fixture
def desk(record):
    """A registrar who may do everything, signed in."""
    client = ClientFactory(pk="client")
    KeyFactory(pk="key", client=client)
    TermFactory(pk="unused")
    LegalHold.objects.create(profile_id="bob", reason="A case")
    return make_admin()


def by_registrar(**more):
    return {
        "actor": {"staff": "registrar"},
        "door": "admin",
        "request_id": "trace-1",
        "reason": "They asked",
        **more,
    }


def test_it_knows_each_page_that_writes(desk):
    request = desk.get("/admin/").wsgi_request
    writing = [
        f"{verb} {model._meta.label_lower}"
        for model in {*tracked_models()} & {*admin.site._registry}
        for verb in ("add", "change", "delete")
        if getattr(admin.site.get_model_admin(model), f"has_{verb}_permission")(request)
    ]
    assert sorted(PAGES) == sorted(writing)


def test_it_knows_each_screen():
    known = {*SCREENS, *SCREENS_OF_TASKS, *OTHER_SCREENS}
    assert {screen.name for screen in screens()} <= known


@pytest.mark.parametrize("page", PAGES)
def test_it_tells_what_a_page_of_the_admin_changed(desk, page):
    path, filled_in, tables = PAGES[page]
    form = filled(desk, f"/admin/{path}", filled_in)

    witness = witnessed(lambda: post(desk, f"/admin/{path}", form))

    assert witness.tables == tables
    assert witness.told == witness.changed
    assert witness.contexts == [by_registrar()]


def filled(desk, path, filled_in):
    """The form of a page as it stands, with this filled in over it."""
    page = desk.get(path)
    stands = form_of(page) if "adminform" in page.context_data else {}
    return {**stands, **filled_in}


def post(desk, path, form):
    form = {**form, "reason": "They asked"}
    return desk.post(path, form, headers={"X-Request-Id": "trace-1"})


@pytest.mark.parametrize("screen", SCREENS)
def test_it_tells_what_a_screen_changed(desk, screen):
    path, form, tables = SCREENS[screen]

    witness = witnessed(lambda: post(desk, f"/admin/{path}", form))

    assert witness.tables == tables
    assert witness.told == witness.changed
    assert witness.contexts == [by_registrar()]


@pytest.mark.parametrize("screen", SCREENS_OF_TASKS)
def test_it_tells_what_a_task_of_a_screen_changed(desk, screen):
    path, form, lane, tables = SCREENS_OF_TASKS[screen]

    asked = witnessed(lambda: post(desk, f"/admin/{path}", form))
    done = witnessed(lambda: run_turn(lane))

    assert (asked.changed, asked.told) == ([], [])
    assert done.tables == tables
    assert done.told == done.changed
    assert done.contexts == [by_registrar(task_id=Task.objects.get().pk)]


# --- Jobs -----------------------------------------------------------------------------


# An import is written as by the command, whose history is below; the others only
# read.
OTHER_JOBS = ["look_at_file", "check_import", "apply_import", "export_records"]


def test_it_knows_each_kind_of_job():
    ours = [
        kind
        for kind in jobs.known_kinds()
        if not jobs.find(kind).__module__.startswith("tests.")
    ]
    assert {*ours} <= {"publish_grades", *OTHER_JOBS}


@pytest.mark.django_db(transaction=True)
def test_it_tells_what_a_job_changed(desk, record):
    bobs = GradeFactory(registration=record.bob, column=record.final, value="70")
    form = {"term": "term", "columns": "final", "until": timezone.now().isoformat()}

    asked = witnessed(lambda: post(desk, "/admin/publish/", form))
    done = witnessed(lambda: run(Job.objects.get().pk))

    assert (asked.changed, asked.told) == ([], [])
    assert done.tables == GRADED
    assert done.told == done.changed
    assert done.contexts == [by_registrar(job_id=Job.objects.get().pk)]
    bobs.refresh_from_db()
    assert bobs.published is True


# --- Commands -------------------------------------------------------------------------

# By kind of record: the file, and what is done.
FILES = {
    "terms": ("code,name\n202001,Autumn\n", ["update term"]),
    "offerings": ("code,lecturer\nSECTION,other\n", ["update unitoffering"]),
    "profiles": (
        "netid,first_name,last_name\nf00ada,Ada,Byron\nf00dee,Dee,Dee\n",
        ["insert profile", "update profile"],
    ),
    "dplans": (
        "profile,term,code,source\nf00ada,202001,L,PHL\n",
        ["update dplan", "update profile"],
    ),
    "registrations": (
        "id,notes\nr-ada,One\nr-bob,Two\n",
        ["update registration", "update registration"],
    ),
    "grades": (
        "registration,grade_name,value\nr-ada,final,60\nr-bob,final,70\n",
        ["insert grade", *GRADED, "update registration"],
    ),
    "enrollments": (
        f"id,assessment_submitted_at\n{ADAS},2020-03-05T17:53:46Z\n",
        ["update enrollment"],
    ),
}

# By command: its arguments, what is done, and what else is told of it.
COMMANDS = {
    "legalhold": (
        ["ada", "--reason=They asked"],
        ["insert legalhold"],
        {"reason": "They asked"},
    ),
    "createclient": (["Portal"], ["insert client", "insert key"], {}),
    "createkey": (["client"], ["insert key"], {}),
    "revokekey": (["key"], ["update key"], {}),
    "suspendclient": (["client"], ["update client"], {}),
}

# The first have tests of their own below; the others write to no tracked table.
OTHER_COMMANDS = [
    *("importdata", "loaddemo", "shell", "restore"),
    *("auditlanes", "backup", "disclosures", "doctor", "exportdata", "listclients"),
    *("listscopes", "listtasks", "openapi", "prepare", "prune", "resealsecrets"),
    *("resetsecondfactor", "retrytasks", "rotatesigningkey", "serve", "sweeptasks"),
    "verifydata",
]


def by_command(name, **more):
    return {"actor": command_actor(name), "door": "command", **more}


def test_it_knows_each_command():
    ours = {"config", TOP, *APPS}
    named = [name for name, room in get_commands().items() if room in ours]
    assert sorted([*COMMANDS, *OTHER_COMMANDS]) == sorted(named)


def test_it_knows_each_kind_of_file():
    tracked = {*tracked_models()}
    assert [*FILES] == [kind.name for kind in KINDS.values() if kind.model in tracked]


@pytest.mark.parametrize("kind", FILES)
def test_it_tells_what_an_import_changed(record, tmp_path, kind):
    text, tables = FILES[kind]
    path = tmp_path / "rows.csv"
    path.write_text(text)
    arguments = ["importdata", kind, str(path), "--max-change-percent=100"]

    witness = witnessed(lambda: call_command(*arguments, "--reason=From the archive"))

    assert witness.tables == tables
    assert witness.told == witness.changed
    assert witness.contexts == [by_command("importdata", reason="From the archive")]


@pytest.mark.parametrize("command", COMMANDS)
def test_it_tells_what_a_command_changed(command):
    KeyFactory(pk="key", client=ClientFactory(pk="client"))
    ProfileFactory(pk="ada")
    arguments, tables, more = COMMANDS[command]

    witness = witnessed(lambda: call_command(command, *arguments))

    assert witness.tables == tables
    assert witness.told == witness.changed
    assert witness.contexts == [by_command(command, **more)]


@pytest.mark.django_db(transaction=True)
def test_it_tells_what_was_loaded(settings, tmp_path):
    settings.STATE_DIR = tmp_path / "var"

    witness = witnessed(lambda: call_command("loaddemo", students=3))

    tables = {f"insert {model._meta.model_name}" for model in tracked_models()}
    assert tables - {*witness.tables} == {"insert legalhold"}
    assert witness.told == witness.changed
    assert witness.contexts == [by_command("loaddemo")]


# --- The shell ------------------------------------------------------------------------

# By table: what somebody changes there, in a row or in many.
BY_HAND = {
    Client: {"purpose": "Transcripts"},
    Dplan: {"code_id": "L"},
    Enrollment: {"assessment_opted_out_at": datetime(2020, 3, 5, tzinfo=UTC)},
    Grade: {"comment": "Good"},
    Key: {"note": "First"},
    LegalHold: {"reason": "Another case"},
    Profile: {"last_name": "Byron"},
    Registration: {"notes": "By hand"},
    Term: {"name": "Autumn"},
    UnitOffering: {"allows_retakes": True},
}


@pytest.mark.parametrize("model", tracked_models())
@pytest.mark.usefixtures("desk")
def test_it_tells_what_was_changed_in_a_shell(model):
    rows, change = model.objects.count(), BY_HAND[model]
    code = (
        "import datetime\n"
        f"from {model.__module__} import {model.__name__}\n"
        f"{model.__name__}.objects.update(**{change!r})"
    )

    witness = witnessed(
        lambda: call_command("shell", f"--command={code}", "--reason=By hand")
    )

    assert witness.tables == [f"update {model._meta.model_name}"] * rows
    assert witness.told == witness.changed
    assert witness.contexts == [by_command("shell", reason="By hand")]


@pytest.mark.parametrize("model", tracked_models())
@pytest.mark.usefixtures("desk")
def test_it_tells_what_nobody_said_they_did(model):
    """As in psql: nobody is known to stand behind it but who signed in there."""
    rows, change = model.objects.count(), BY_HAND[model]

    witness = witnessed(lambda: model.objects.update(**change))

    assert witness.tables == [f"update {model._meta.model_name}"] * rows
    assert witness.told == witness.changed
    assert witness.contexts == [by_hand()]


# --- What is told stays ---------------------------------------------------------------

TABLES = [events_of(model).model._meta.db_table for model in tracked_models()]


def refused(statement):
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        connection.cursor().execute(statement)
    return str(refusal.value).splitlines()[0]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("desk")
def test_what_is_told_is_not_changed(table):
    assert refused(f"UPDATE {table} SET pgh_label = 'insert'") == (
        f"pgtrigger: Cannot update or delete rows from {table} table"
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.usefixtures("desk")
def test_what_is_told_is_not_deleted(table):
    assert refused(f"DELETE FROM {table}") == (
        f"pgtrigger: Cannot update or delete rows from {table} table"
    )


@pytest.mark.parametrize("model", tracked_models())
def test_what_is_told_is_not_emptied(model):
    table = events_of(model).model._meta.db_table
    assert refused(f"TRUNCATE {table} CASCADE") == (
        f"The history in {table} is kept for ever."
    )


@pytest.fixture
def context():
    with recorded(actor={"staff": "rita"}, door="admin", reason="They asked"):
        ProfileFactory()
    return Context.objects.get()


KEPT = "The history in pghistory_context is kept for ever."


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pghistory_context SET metadata = '{}'",
        'UPDATE pghistory_context SET metadata = metadata || \'{"door": "shell"}\'',
        "UPDATE pghistory_context SET metadata = metadata - 'reason'",
        "UPDATE pghistory_context SET created_at = now() + interval '1 day'",
        "DELETE FROM pghistory_context",
    ],
)
def test_who_and_why_are_not_changed(context, statement):
    assert refused(statement) == KEPT
    assert Context.objects.get().metadata == context.metadata


def test_who_and_why_are_not_emptied():
    assert refused("TRUNCATE pghistory_context CASCADE") == KEPT


def test_who_and_why_are_added_to():
    with recorded(actor={"staff": "rita"}, door="admin"):
        profile = ProfileFactory()
        profile.last_name = "Byron"
        with recorded(actor={"staff": "rita"}, door="admin", reason="They asked"):
            profile.save()
    assert Context.objects.get().metadata == {
        "actor": {"staff": "rita"},
        "door": "admin",
        "reason": "They asked",
    }
