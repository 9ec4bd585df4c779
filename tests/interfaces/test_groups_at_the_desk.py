"""What each group of staff meets on every page of the admin."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from config.admin.screens import screens
from config.history import recorded
from jobs.models import Job
from registrations.models import Grade, Registration
from tests.access.factories import KeyFactory
from tests.factories import (
    EnrollmentFactory,
    GradeColumnFactory,
    GradeFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    SectionFactory,
    TermFactory,
)
from tests.rows import ROWS, make_task
from tests.staff import make_staff, signed_in

pytestmark = pytest.mark.django_db

GROUPS = ["Registrar", "Lecturer", "Auditor", "Operator"]
SECRET = "unlikely-payload"

ALL = "list view history add change delete"
LOOK = "list view history"
NONE = ""

# By model: what a Registrar, a Lecturer (of what is theirs), an Auditor and an
# Operator may do on its pages.
RECORDS = {
    "access.client": (LOOK, NONE, LOOK, "list view history add change"),
    "access.key": (LOOK, NONE, LOOK, "list view history change"),
    "access.disclosure": (LOOK, NONE, LOOK, NONE),
    "auth.group": (NONE, NONE, LOOK, NONE),
    "auth.user": (NONE, NONE, LOOK, NONE),
    "enrollments.enrollment": (LOOK, NONE, LOOK, NONE),
    "jobs.job": (
        "list view history change",
        NONE,
        LOOK,
        "list view history change",
    ),
    "offerings.course": (ALL, NONE, LOOK, NONE),
    "offerings.courseintake": (ALL, NONE, LOOK, NONE),
    "offerings.lecturer": (ALL, NONE, LOOK, NONE),
    "offerings.term": (ALL, NONE, LOOK, NONE),
    "offerings.unit": (ALL, NONE, LOOK, NONE),
    "offerings.unitoffering": (ALL, LOOK, LOOK, NONE),
    "offerings.unitversion": (ALL, NONE, LOOK, NONE),
    "registrations.gradestate": (ALL, NONE, LOOK, NONE),
    "registrations.registration": (LOOK, LOOK, LOOK, NONE),
    "students.dplan": (LOOK, NONE, LOOK, NONE),
    "students.dplancode": (ALL, NONE, LOOK, NONE),
    "students.dplansource": (ALL, NONE, LOOK, NONE),
    "students.profile": (ALL, NONE, LOOK, NONE),
    "tasks.intervention": (LOOK, NONE, LOOK, LOOK),
    "tasks.lane": (LOOK, NONE, LOOK, LOOK),
    "tasks.task": (LOOK, NONE, LOOK, LOOK),
    "transfer.exportfile": (LOOK, NONE, LOOK, NONE),
    "transfer.import": (LOOK, NONE, LOOK, NONE),
}
IN_COLUMNS = [
    (model, group, columns[place])
    for model, columns in RECORDS.items()
    for place, group in enumerate(GROUPS)
]

REFUSED = (403, 404)  # 404: what is out of reach is as if absent

# By screen of ours: what its address answers to each group. 404: it is there for
# them, and only takes what is sent in.
SCREENS = {
    "index": (200, 200, 200, 200),
    "records": (200, 200, 200, 200),
    "student_search": (200, 403, 200, 403),
    "student": (200, 403, 200, 403),
    "student_history": (200, 403, 200, 403),
    "set_dplan": (404, 403, 403, 403),
    "set_assessment": (200, 403, 403, 403),
    "set_legal_hold": (404, 403, 403, 403),
    "grade_sheets": (200, 200, 200, 403),
    "grade_sheet": (200, 200, 200, 403),
    "grade_sheet_of_intake": (200, 200, 200, 403),
    "publish": (200, 403, 403, 403),
    "publishing": (200, 403, 403, 403),
    "unpublish": (200, 403, 403, 403),
    "grade_changes": (200, 200, 200, 403),
    "registration_actions": (404, 403, 403, 403),
    "terms": (200, 403, 200, 403),
    "term": (200, 403, 200, 403),
    "registrations": (200, 200, 200, 403),
    "roster": (200, 200, 200, 403),
    "roster_file": (200, 200, 200, 403),
    "roster_add": (404, 403, 403, 403),
    "import": (200, 403, 403, 403),
    "import_file": (404, 403, 403, 403),
    "import_errors": (404, 403, 403, 403),
    "export": (200, 403, 200, 403),
    "export_file": (404, 403, 404, 403),
    "exported_file": (404, 403, 404, 403),
    "task_board": (200, 403, 200, 200),
    "task_failures": (200, 403, 200, 200),
    "task_lane": (200, 403, 200, 200),
    "clients": (200, 403, 200, 200),
    "new_key": (403, 403, 403, 200),
    "replace_key": (403, 403, 403, 200),
    "revoke_key": (403, 403, 403, 200),
}
ON_SCREENS = [
    (name, group, statuses[place])
    for name, statuses in SCREENS.items()
    for place, group in enumerate(GROUPS)
]


def member_of(group):
    user = make_staff(username=group.lower())
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def lecturer():
    return member_of("Lecturer")


class World:
    """One student on an offering that the lecturer teaches, with all that there is."""

    def __init__(self, lecturer) -> None:
        with recorded(actor={"staff": "ada"}, door="admin"):
            self._make(lecturer)

    def _make(self, lecturer) -> None:
        self.term = TermFactory(code="202503")
        self.offering = SectionFactory(lecturer__user=lecturer, semester=self.term)
        unit = self.offering.unit_version.unit
        self.column = GradeColumnFactory(unit=unit)
        self.profile = ProfileFactory(last_name="Quux", netid="f00quux")
        self.registration = RegistrationFactory(
            profile=self.profile,
            unit=unit,
            intake=self.offering.course_intake,
            offering=self.offering,
        )
        self.grade = GradeFactory(
            registration=self.registration, column=self.column, published=True
        )
        self.enrollment = EnrollmentFactory(
            offering=self.offering, profile=self.profile
        )
        self.key = KeyFactory()
        self.task = make_task(
            state="error", message="Refused", finished_at=timezone.now()
        )
        self.job = Job.objects.create(
            kind="publish_grades", actor={"staff": "ada"}, door="admin"
        )

    def address(self, name) -> str:
        url = reverse(f"admin:{name}", args=self.ARGUMENTS.get(name, _none)(self))
        return f"{url}?key={self.task.lane_id}" if name == "task_lane" else url

    ARGUMENTS = {
        "student": lambda self: [self.profile.pk],
        "student_history": lambda self: [self.profile.pk],
        "set_dplan": lambda self: [self.profile.pk],
        "set_legal_hold": lambda self: [self.profile.pk],
        "set_assessment": lambda self: [self.profile.pk, self.enrollment.pk],
        "grade_sheet": lambda self: [self.offering.pk],
        "grade_sheet_of_intake": lambda self: [
            self.registration.unit_id,
            self.registration.intake_id,
        ],
        "publishing": lambda self: [self.job.pk],
        "unpublish": lambda self: [self.registration.pk, self.column.pk],
        "term": lambda self: [self.term.pk],
        "roster": lambda self: [self.offering.pk],
        "roster_file": lambda self: [self.offering.pk, "csv"],
        "roster_add": lambda self: [self.offering.pk],
        "import_file": lambda self: ["anothers"],
        "import_errors": lambda self: ["anothers"],
        "export_file": lambda self: ["anothers"],
        "exported_file": lambda self: ["anothers"],
        "task_failures": lambda self: [self.task.pk],
        "new_key": lambda self: [self.key.client_id],
        "replace_key": lambda self: [self.key.pk],
        "revoke_key": lambda self: [self.key.pk],
    }


def _none(world):
    return []


@pytest.fixture
def world(lecturer):
    return World(lecturer)


def staff_of(group, lecturer):
    return signed_in(lecturer if group == "Lecturer" else member_of(group))


def test_every_model_and_every_screen_has_its_row():
    models = {model._meta.label_lower for model in admin.site._registry}
    assert {*RECORDS} == models
    assert {*SCREENS} == {"index", "records", *(each.name for each in screens())}


@pytest.mark.parametrize(("model", "group", "allowed"), IN_COLUMNS)
def test_a_group_does_to_records_what_it_may(world, lecturer, model, group, allowed):
    row = {
        "registrations.registration": world.registration,
        "offerings.unitoffering": world.offering,
    }.get(model) or ROWS[model]()
    client = staff_of(group, lecturer)
    name = f"admin:{model.replace('.', '_')}"

    answers = {
        "list": client.get(reverse(f"{name}_changelist")),
        "view": client.get(reverse(f"{name}_change", args=[row.pk])),
        "history": client.get(reverse(f"{name}_history", args=[row.pk])),
        "add": client.get(reverse(f"{name}_add")),
        "change": client.post(reverse(f"{name}_change", args=[row.pk]), {}),
        "delete": client.get(reverse(f"{name}_delete", args=[row.pk])),
    }

    statuses = {page: answer.status_code for page, answer in answers.items()}
    open_to_them = {page for page, status in statuses.items() if status in (200, 302)}
    refused = {page for page, status in statuses.items() if status in REFUSED}
    assert open_to_them == {*allowed.split()}
    assert refused == statuses.keys() - open_to_them


@pytest.mark.parametrize(("name", "group", "status"), ON_SCREENS)
def test_a_group_opens_the_screens_that_it_may(world, lecturer, name, group, status):
    client = staff_of(group, lecturer)
    assert client.get(world.address(name)).status_code == status


WRITES = {
    "grade_sheet": {"seen": "[]"},
    "unpublish": {"reason": "Wrong", "version": "1"},
    "publish": {"term": "202503", "reason": "Now", "until": "2030-01-01T00:00:00Z"},
    "set_dplan": {"term": "202503", "code": "R", "source": "PHL", "reason": "So"},
    "set_assessment": {"state": "", "reason": "So", "version": "1"},
    "registration_actions": {"action": "withdraw", "reason": "So", "do": "yes"},
    "term": {"do": "close", "reason": "Now", "version": "1"},
}


@pytest.mark.parametrize("name", sorted(WRITES))
@pytest.mark.parametrize("group", ["Auditor", "Operator"])
def test_auditors_and_operators_write_nothing(world, lecturer, group, name):
    before = [*Registration.objects.values(), *Grade.objects.values()]
    form = WRITES[name] | {"_selected_action": world.registration.pk}
    response = staff_of(group, lecturer).post(world.address(name), form)
    assert response.status_code == 403
    assert [*Registration.objects.values(), *Grade.objects.values()] == before
    world.term.refresh_from_db()
    assert not world.term.is_closed_for_grades


@pytest.mark.parametrize(
    "name", ["publish", "registration_actions", "set_assessment", "term", "unpublish"]
)
def test_lecturers_do_nothing_but_grade(world, lecturer, name):
    before = [*Registration.objects.values(), *Grade.objects.values()]
    form = WRITES[name] | {"_selected_action": world.registration.pk}
    response = signed_in(lecturer).post(world.address(name), form)
    assert response.status_code == 403
    assert [*Registration.objects.values(), *Grade.objects.values()] == before


OPEN_TO_LECTURERS = [
    *("index", "records", "grade_sheets", "grade_sheet", "registrations"),
    *("grade_sheet_of_intake", "grade_changes", "roster"),
]


@pytest.fixture
def others(lecturer, world):
    """Somebody else's offering of the same unit, in the same term and intake."""
    profile = ProfileFactory(last_name="Zyzzyva", netid="f0zyzzy")
    offering = SectionFactory(
        unit_version=world.offering.unit_version,
        course_intake=world.offering.course_intake,
        semester=world.term,
        code="SOMEBODY-ELSES",
    )
    registration = RegistrationFactory(
        profile=profile,
        unit=world.registration.unit,
        intake=world.registration.intake,
        offering=offering,
    )
    GradeFactory(registration=registration, column=world.column, value="33")
    return registration


def traces(page) -> list[str]:
    text = page.content.decode()
    return [trace for trace in ("Zyzzyva", "f0zyzzy", "SOMEBODY") if trace in text]


@pytest.mark.parametrize("name", OPEN_TO_LECTURERS)
def test_lecturers_find_no_trace_of_what_others_teach(world, others, lecturer, name):
    page = signed_in(lecturer).get(world.address(name))
    assert page.status_code == 200
    assert traces(page) == []


@pytest.mark.parametrize(
    "address",
    [
        "/admin/registrations/registration/{pk}/change/",
        "/admin/registrations/registration/{pk}/history/",
        "/admin/offerings/unitoffering/{offering}/change/",
        "/admin/grade-sheets/offering/{offering}/",
    ],
)
def test_what_others_teach_is_not_there_for_lecturers(lecturer, others, address):
    url = address.format(pk=others.pk, offering=others.offering_id)
    assert signed_in(lecturer).get(url).status_code == 404


def test_lecturers_grade_what_is_theirs(world, lecturer):
    GradeStateFactory(name="pass")
    row = world.registration
    seen = f'[["{row.pk}", {row.version}, {{"final": "85"}}]]'
    form = {"seen": seen, "value.0.final": "91"}
    response = signed_in(lecturer).post(world.address("grade_sheet"), form)
    assert response.status_code == 302
    world.grade.refresh_from_db()
    assert (world.grade.value, world.grade.published) == ("91", False)


OF_OPERATORS = [
    "/admin/",
    "/admin/records/",
    "/admin/task-board/",
    "/admin/task-board/failures/{task}/",
    "/admin/tasks/task/",
    "/admin/tasks/task/{task}/change/",
    "/admin/tasks/task/{task}/history/",
    "/admin/tasks/lane/",
    "/admin/tasks/intervention/",
    "/admin/jobs/job/",
    "/admin/access/client/",
]


@pytest.mark.parametrize("address", OF_OPERATORS)
def test_operators_see_no_payload_and_no_name(world, lecturer, address):
    task = ROWS["tasks.task"]()
    type(task).objects.filter(pk=task.pk).update(
        payload=SECRET, state="error", message="Refused", finished_at=timezone.now()
    )
    page = staff_of("Operator", lecturer).get(address.format(task=task.pk))
    assert page.status_code == 200
    text = page.content.decode()
    assert [each for each in (SECRET, "Quux", "Hopper") if each in text] == []


@pytest.mark.parametrize("group", ["Registrar", "Auditor"])
def test_who_keeps_or_audits_the_record_sees_payloads(lecturer, group):
    task = ROWS["tasks.task"]()
    type(task).objects.filter(pk=task.pk).update(payload=SECRET)
    page = staff_of(group, lecturer).get(f"/admin/tasks/task/{task.pk}/change/")
    assert SECRET in page.content.decode()
