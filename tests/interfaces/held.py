"""A person under privacy hold, with all that a record can hold of one.

Tests ask the same twice: with that person in the record, and with all of their rows
gone. Who may not know of them must be told the same.
"""

import json

from django.utils import timezone

from access.callers import Caller
from access.models import Disclosure
from config.demo.record import F0HOLD1, MARKETING, SECTION_ID
from config.history import recorded
from enrollments.models import Enrollment
from jobs.models import Job
from registrations.models import Grade, Registration
from students.models import Dplan, LegalHold, Profile
from tasks.models import Intervention, Lane, Task
from tasks.operations import submit
from tests.access.factories import ClientFactory
from transfer.models import ExportFile, Import

PROFILE = F0HOLD1
NETID = "f0hold1"
REGISTRATION = "65e6e5aaf398a642a7022ab7"
ENROLLMENT = f"{SECTION_ID}-{NETID}-student"
LANE = f"students:{NETID}"
TASK = "63f384e0edba4dc38df70324"
FAILED = "63f384e0edba4dc38df70325"
COUNT = 73_211  # of what only jobs and files about such people hold

DPLAN = {"term_code": "202301", "dplan_id": "R", "dplan_source_id": "PHL"}

# Of a visible student, what the person under hold did by a client of theirs.
THEIR_CLIENT = "63f384e0edba4dc38df70aaa"
OTHERS = "f002qt1"
OTHERS_REGISTRATION = "65e6e5aaf398a642a7022ab5"


def make_held() -> Profile:
    """That person of the demo record, with a row of everything."""
    profile = Profile.objects.get(netid=NETID)
    with recorded(actor={"staff": "ada"}, door="admin", reason="Made"):
        _make_record(profile)
    _make_tasks(profile)
    _make_jobs()
    Disclosure.objects.create(
        staff="ada", door="admin", what="student", profile_ids=[profile.pk]
    )
    return profile


def _make_record(profile: Profile) -> None:
    term_id = Enrollment.objects.get(pk=ENROLLMENT).offering.semester_id
    Dplan.objects.create(profile=profile, term_id=term_id, code_id="R", source_id="PHL")
    LegalHold.objects.create(profile=profile, reason="A case")
    registration = Registration.objects.get(pk=REGISTRATION)
    columns = registration.unit.grade_columns.all()
    Grade.objects.bulk_create(
        Grade(registration=registration, column=column, value="91", published=True)
        for column in columns
    )
    Grade.objects.update(value="92", published=False)
    conditional = Registration.objects.get(pk=REGISTRATION)
    conditional.pk, conditional.offering_id = "65e6e5aaf398a642a7022af7", None
    conditional.unit_id, conditional.state = MARKETING, "conditional"
    conditional.save(force_insert=True)


def _make_tasks(profile: Profile) -> None:
    """Somebody else asked for changes of that person."""
    client = ClientFactory(name="Another system")
    caller = Caller(client_id=client.pk, sub=client.pk, name=client.name)
    for pk in (TASK, FAILED, "63f384e0edba4dc38df70326"):
        asked = {
            "resource": "students",
            "action": "PATCH",
            "resource_id": NETID,
            "payload": json.dumps({"dplans": [DPLAN]}),
        }
        submit(task_id=pk, caller=caller, about=profile.pk, **asked)
    Task.objects.filter(pk=FAILED).update(
        state="error", message=f"{NETID} is refused", finished_at=timezone.now()
    )
    Lane.objects.filter(pk=LANE).update(is_held=True)
    Intervention.objects.create(
        actor={"staff": "ada"}, operation="hold", lane_id=LANE, reason="Why"
    )


def _make_jobs() -> None:
    """Long work about many people, them among others."""
    asked = {"actor": {"staff": "ada"}, "door": "admin", "done": COUNT, "total": COUNT}
    ended = {"state": "done", "finished_at": timezone.now()}
    publishing = {**asked, "arguments": {"selection": {"with_held": True}}}
    result = {"grades": COUNT, "students": COUNT}
    Job.objects.create(kind="publish_grades", result=result, **publishing, **ended)
    Job.objects.create(kind="publish_grades", state="running", **publishing)
    files = {"kind": "profiles", "with_held": False, "is_late": False}
    Job.objects.create(kind="check_import", arguments=files, **asked, **ended)
    ExportFile.objects.create(
        kind="profiles",
        format="csv",
        with_held=True,
        actor={"staff": "ada"},
        rows=COUNT,
        size=COUNT,
    )
    Import.objects.create(
        kind="profiles",
        file_name="people.csv",
        actor={"staff": "ada"},
        sample=[[NETID]],
        **dict.fromkeys(("new", "changed", "same", "error"), COUNT),
    )


def make_actor(profile: Profile) -> None:
    """That person did something to somebody else's record."""
    client = ClientFactory(
        id=THEIR_CLIENT, name="Theirs", subject=NETID, profile_id=profile.pk
    )
    other = Profile.objects.get(netid=OTHERS)
    caller = Caller(
        client_id=client.pk, sub=NETID, name=client.name, profile_id=profile.pk
    )
    with recorded(actor=caller.actor, door="offering_registrations"):
        Registration.objects.filter(pk=OTHERS_REGISTRATION).update(
            grader_id=profile.pk, grade_state_id="pass", ended_at=timezone.now()
        )
        column = Registration.objects.get(pk=OTHERS_REGISTRATION).unit.grade_columns
        Grade.objects.update_or_create(
            registration_id=OTHERS_REGISTRATION,
            column=column.get(name="final"),
            defaults={"value": "77", "published": True},
        )
        Dplan.objects.update_or_create(
            profile=other,
            term_id=Enrollment.objects.get(pk=ENROLLMENT).offering.semester_id,
            defaults={"code_id": "L", "source_id": "PHL"},
        )
    submit(
        resource="students",
        action="PATCH",
        resource_id=OTHERS,
        payload=json.dumps({"dplans": [DPLAN]}),
        caller=caller,
        about=other.pk,
    )
    Disclosure.objects.create(
        client_id=client.pk,
        sub=NETID,
        door="students",
        what="students",
        profile_ids=[other.pk, profile.pk],
    )


def erase(profile: Profile) -> None:
    """Take every row about the person out of the record; what they did stays."""
    Intervention.objects.filter(lane_id=LANE).delete()
    Task.objects.filter(about=profile.pk).delete()
    Lane.objects.filter(pk=LANE).delete()
    Enrollment.objects.filter(profile=profile).delete()
    Grade.objects.filter(registration__profile=profile).delete()
    Registration.objects.filter(profile=profile).delete()
    Dplan.objects.filter(profile=profile).delete()
    LegalHold.objects.filter(profile=profile).delete()
    Profile.objects.filter(pk=profile.pk).delete()
