"""One row of every model that the admin has."""

from collections.abc import Callable

from django.contrib.auth.models import Group

from access.models import Disclosure
from config.ids import new_id
from jobs.models import Job
from tasks.models import Intervention, Lane, Task
from tests.access.factories import ClientFactory, KeyFactory
from tests.factories import (
    CourseFactory,
    CourseIntakeFactory,
    DplanCodeFactory,
    DplanFactory,
    DplanSourceFactory,
    EnrollmentFactory,
    GradeColumnFactory,
    GradeStateFactory,
    LecturerFactory,
    ProfileFactory,
    RegistrationFactory,
    TermFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)
from tests.staff import make_staff
from transfer.models import ExportFile, Import


def make_task(**attributes):
    profile = ProfileFactory()
    lane = Lane.objects.create(key=f"students:{profile.netid}")
    return Task.objects.create(
        lane=lane,
        number=1,
        resource="students",
        action="PATCH",
        resource_id=profile.netid,
        about=profile.pk,
        payload="{}",
        client_id=ClientFactory().pk,
        sub="f003ghc",
        **attributes,
    )


def make_intervention():
    task = make_task()
    return Intervention.objects.create(
        actor={"staff": "ada"}, operation="hold", lane_id=task.lane_id, reason="Why"
    )


def make_job():
    return Job.objects.create(kind="import", actor={"staff": "ada"}, door="admin")


def make_disclosure():
    return Disclosure.objects.create(
        staff="ada", door="admin", what="student", profile_ids=[ProfileFactory().pk]
    )


ROWS: dict[str, Callable] = {
    "access.client": ClientFactory,
    "access.key": KeyFactory,
    "access.disclosure": make_disclosure,
    "auth.user": lambda: make_staff(username=new_id()),
    "auth.group": lambda: Group.objects.create(name=new_id()),
    "enrollments.enrollment": EnrollmentFactory,
    "jobs.job": make_job,
    "offerings.course": CourseFactory,
    "offerings.courseintake": CourseIntakeFactory,
    "offerings.lecturer": lambda: LecturerFactory(user=make_staff(username=new_id())),
    "offerings.term": TermFactory,
    "offerings.unit": lambda: GradeColumnFactory().unit,
    "offerings.unitoffering": UnitOfferingFactory,
    "offerings.unitversion": UnitVersionFactory,
    "registrations.gradestate": lambda: GradeStateFactory(
        name=new_id(), is_default=False
    ),
    "registrations.registration": RegistrationFactory,
    "students.dplan": DplanFactory,
    "students.dplancode": lambda: DplanCodeFactory(id=new_id()[-12:]),
    "students.dplansource": lambda: DplanSourceFactory(id=new_id()[-12:]),
    "students.profile": lambda: ProfileFactory(intake=CourseIntakeFactory()),
    "tasks.intervention": make_intervention,
    "tasks.lane": lambda: make_task().lane,
    "tasks.task": make_task,
    "transfer.exportfile": lambda: ExportFile.objects.create(
        kind="courses", format="csv", actor={"staff": "ada"}
    ),
    "transfer.import": lambda: Import.objects.create(
        kind="courses", file_name="courses.csv", actor={"staff": "ada"}
    ),
}
