"""A term in its last weeks, with terms before it, for the browser's tests."""

from datetime import timedelta

from django.utils import timezone

from config.history import recorded
from jobs.models import Job
from offerings.models import Lecturer, Term
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.models import Registration
from registrations.operations import apply_changes
from tasks.models import Lane, Task
from tests.access.factories import ClientFactory
from tests.browser.class_list import make_class
from tests.factories import (
    GradeColumnFactory,
    GradeFactory,
    LecturerFactory,
    ProfileFactory,
    RegistrationFactory,
    TermFactory,
    UnitFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)

TAUGHT = [
    ("BIOL.011", "The Science of Life", "Rosa", "Lindgren", 9, 4),
    ("CHEM.005", "General Chemistry", "Idris", "Haddad", 14, 14),
    ("ECON.001", "The Price System", "Tomas", "Novak", 18, 11),
    ("ENGS.021", "Introduction to Engineering", "Rosa", "Lindgren", 7, 2),
    ("HIST.027", "Empires and Colonies", "Grace", "Whitfield", 12, 9),
]
EARLIER = [("202501", "Winter 2025", 24, 24, 24), ("202403", "Summer 2024", 20, 19, 19)]


def make_lecturer(first, last):
    known = Lecturer.objects.filter(first_name=first, last_name=last).first()
    email = f"{first}.{last}@example.edu".lower()
    return known or LecturerFactory(first_name=first, last_name=last, email=email)


def make_offering(course, code, title, first, last, term):
    unit = UnitFactory(course=course, code=code, title=title)
    GradeColumnFactory(unit=unit, label="Final grade")
    return UnitOfferingFactory(
        code=f"{code}.01-{term.code}-U",
        unit_version=UnitVersionFactory(unit=unit),
        lecturer=make_lecturer(first, last),
        semester=term,
    )


def make_registrations(offering, students, graded, published=0):
    unit = offering.unit_version.unit
    for place in range(students):
        registration = RegistrationFactory(
            profile=ProfileFactory(),
            unit=unit,
            intake=offering.course_intake,
            offering=offering,
        )
        if place < graded:
            GradeFactory(
                registration=registration,
                column=unit.grade_columns.get(),
                value="70",
                published=place < published,
            )


def make_university():
    """A term in its last weeks, with terms before it."""
    today = timezone.localdate()
    with recorded(actor={"client": "sis", "sub": "sis"}, door="registrations"):
        offering = make_class()
        Term.objects.filter(pk=offering.semester_id).update(
            starts_on=today - timedelta(days=80), ends_on=today + timedelta(days=9)
        )
        term = Term.objects.get(pk=offering.semester_id)
        course = offering.unit_version.unit.course
        for code, title, first, last, students, graded in TAUGHT:
            taught = make_offering(course, code, title, first, last, term)
            make_registrations(taught, students, graded)
        for place, (code, name, students, graded, published) in enumerate(EARLIER):
            starts_on = today - timedelta(days=180 + 90 * place)
            before = TermFactory(
                code=code,
                name=name,
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=80),
            )
            taught = make_offering(
                course, f"PHIL.0{place}", "Logic", "Grace", "Whitfield", before
            )
            make_registrations(taught, students, graded, published)
        Registration.objects.filter(profile__last_name="Kaya").update(
            state="conditional"
        )
    make_jobs()
    make_tasks()
    change_grades(offering)
    return offering


def make_jobs():
    now = timezone.now()
    actor = {"staff": "registrar"}
    Job.objects.create(
        kind="publish_grades",
        actor=actor,
        door="admin",
        state="running",
        done=400,
        total=1000,
    )
    Job.objects.create(
        kind="import",
        actor=actor,
        door="admin",
        state="done",
        accepted_at=now - timedelta(hours=3),
        finished_at=now,
    )


SENDERS = [
    (
        "Course evaluations",
        "enrollments",
        [3, 7, 4, 9, 6, 12, 8, 5],
        [0, 1, 0, 0, 2, 0, 3, 1],
    ),
    ("Student portal", "students", [2, 1, 3, 5, 2, 4, 6, 3], [0] * 8),
]


def make_tasks():
    """Tasks of two systems over the last day: so many done, so many failed."""
    now = timezone.now()
    for name, resource, complete, error in SENDERS:
        client = ClientFactory(name=name)
        lane = Lane.objects.create(key=f"{resource}:{name}")
        ended = [
            (state, now - timedelta(hours=22.5 - 3 * step))
            for state, counts in (("complete", complete), ("error", error))
            for step, count in enumerate(counts)
            for _ in range(count)
        ]
        Task.objects.bulk_create(
            Task(
                lane=lane,
                number=number,
                resource=resource,
                action="PATCH",
                resource_id=name,
                payload="{}",
                client_id=client.pk,
                sub=client.pk,
                state=state,
                message="Said",
                finished_at=moment,
            )
            for number, (state, moment) in enumerate(ended, start=1)
        )


def change_grades(offering):
    rows = offering.registrations.order_by("pk")[:3]
    changes = [
        Change(
            target=Target(registration_id=row.pk),
            grades=[GradeChange("final", value="66")],
        )
        for row in rows
    ]
    with recorded(actor={"staff": "okafor"}, door="admin", reason="Second marking"):
        apply_changes(changes, writer=Writer())
