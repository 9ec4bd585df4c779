"""Publishing grades: what waits, and what is made seen."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.models import Disclosure
from config.history import last_change
from jobs.errors import NotAllowed
from jobs.models import Job
from jobs.operations import run_again
from jobs.running import run
from registrations.changes import Change, GradeChange, Target, Writer
from registrations.errors import ReasonRequired
from registrations.models import Grade
from registrations.operations import Selection, Waiting, apply_change, publish, waiting
from tests.factories import (
    GradeColumnFactory,
    GradeFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

REGISTRAR = Writer(sees_held=True, may_grade_late=True, reason="End of term")


@pytest.fixture
def offering():
    offering = UnitOfferingFactory()
    unit = offering.unit_version.unit
    GradeColumnFactory(unit=unit)
    GradeColumnFactory(unit=unit, name="__coursework", label="Coursework")
    return offering


def make_grade(offering, value="60", column="final", profile=None, **attributes):
    registration = RegistrationFactory(
        offering=offering,
        unit=offering.unit_version.unit,
        intake=offering.course_intake,
        profile=profile or ProfileFactory(),
    )
    return GradeFactory(
        registration=registration,
        column=registration.unit.grade_columns.get(name=column),
        value=value,
        **attributes,
    )


def of_term(offering, **more):
    return Selection(term_id=offering.semester_id, **more)


def published():
    rows = Grade.objects.filter(published=True).order_by("pk")
    return [*rows.values_list("pk", flat=True)]


def publish_now(selection, writer=REGISTRAR):
    return publish(selection, until=timezone.now(), writer=writer)


def test_it_publishes_the_final_grades_that_wait(offering):
    grade = make_grade(offering)
    make_grade(offering, value=None)
    make_grade(offering, column="__coursework")
    make_grade(UnitOfferingFactory(unit_version=offering.unit_version))

    done = publish_now(of_term(offering))

    assert (done.grades, done.profile_ids) == (1, [grade.registration.profile_id])
    assert published() == [grade.pk]
    grade.registration.refresh_from_db()
    assert grade.registration.version == 2


def test_it_publishes_every_column_where_that_is_asked(offering):
    grade = make_grade(offering, column="__coursework")
    publish_now(of_term(offering, every_column=True))
    assert published() == [grade.pk]


def test_it_leaves_out_what_was_entered_after_it_was_shown(offering):
    make_grade(offering)
    early = timezone.now() - timedelta(minutes=1)
    done = publish(of_term(offering), until=early, writer=REGISTRAR)
    assert (done.grades, published()) == (0, [])


def test_it_publishes_people_under_hold_only_where_that_is_asked(offering):
    grade = make_grade(offering, profile=ProfileFactory(is_confidential=True))
    publish_now(of_term(offering))
    assert published() == []
    publish_now(of_term(offering, with_held=True), Writer(reason="End of term"))
    assert published() == []
    publish_now(of_term(offering, with_held=True))
    assert published() == [grade.pk]


def test_it_leaves_a_closed_term_to_who_may_grade_late(offering):
    offering.semester.grades_closed_at = timezone.now()
    offering.semester.save()
    grade = make_grade(offering)
    publish_now(of_term(offering), Writer(reason="End of term"))
    assert published() == []
    publish_now(of_term(offering))
    assert published() == [grade.pk]


def test_it_publishes_nothing_without_a_reason(offering):
    make_grade(offering)
    with pytest.raises(ReasonRequired):
        publish_now(of_term(offering), Writer())
    assert published() == []


def test_it_takes_no_choice_for_no_grades(offering):
    make_grade(offering)
    assert publish_now(Selection()).grades == 0


def test_it_counts_what_waits_by_offering(offering):
    make_grade(offering, published=True)
    make_grade(offering, value=None)
    make_grade(offering, profile=ProfileFactory(is_confidential=True))
    typed_over = make_grade(offering, published=True)
    apply_change(
        Change(
            target=Target(registration_id=typed_over.registration_id),
            grades=[GradeChange("final", value="61", published=False)],
        ),
        writer=REGISTRAR,
    )
    assert waiting(of_term(offering), writer=REGISTRAR) == [
        Waiting(
            offering_id=offering.pk,
            students=4,
            missing=1,
            published=1,
            to_publish=1,
            held=1,
            closed=False,
            changed=1,
        )
    ]


def send(client, offering, **more):
    form = {
        "term": offering.semester_id,
        "columns": "final",
        "until": timezone.now().isoformat(),
        **more,
    }
    return client.post("/admin/publish/", form)


@pytest.mark.django_db(transaction=True)
def test_it_previews_and_then_a_job_publishes_with_who_and_why(offering):
    grade = make_grade(offering)
    client = make_admin()
    address = f"/admin/publish/?term={offering.semester_id}&columns=final"
    assert client.get(address).context_data["preview"].to_publish == 1

    response = send(client, offering, reason="End of term")
    job = Job.objects.get()
    assert response["Location"] == f"/admin/publish/{job.pk}/"
    assert client.get(response["Location"]).headers["Refresh"] == "2"
    assert published() == []
    run(job.pk)

    assert published() == [grade.pk]
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"grades": 1, "students": 1})
    context = last_change(grade.registration).pgh_context.metadata
    assert (context["actor"], context["reason"], context["job_id"]) == (
        {"staff": "registrar"},
        "End of term",
        job.pk,
    )
    row = Disclosure.objects.get(what="publish_grades")
    assert (row.staff, row.profile_ids) == (
        "registrar",
        [grade.registration.profile_id],
    )
    ended = client.get(response["Location"])
    assert "1 grade of 1 student is published." in ended.content.decode()
    assert "Refresh" not in ended.headers


@pytest.mark.parametrize(
    "form",
    [
        {"reason": ""},
        {"reason": "Why", "until": "yesterday"},
        {"reason": "Why", "until": "2026-01-01T00:00:00"},
        {"reason": "Why", "term": "absent"},
        {"reason": "Why", "term": "", "offerings": "absent"},
        {"reason": "Why", "term": "", "course": "absent"},
        {"reason": "Why", "columns": "some"},
        {"reason": "Why", "term": ""},
    ],
)
def test_it_starts_nothing_for_a_form_that_is_not_whole(offering, form):
    make_grade(offering)
    response = send(make_admin(), offering, **form)
    assert response.status_code == 200
    assert not Job.objects.exists()


def test_it_previews_offerings_that_are_named(offering):
    make_grade(offering)
    address = f"/admin/publish/?offerings={offering.code}%0A"
    preview = make_admin().get(address).context_data["preview"]
    assert preview.to_publish == 1
    assert preview.offerings[0]["offering"] == offering


@pytest.mark.parametrize(
    "permission", ["registrations.grade_own", "registrations.change_registration"]
)
def test_it_is_only_for_who_may_publish(offering, permission):
    client = signed_in(make_staff(permission))
    assert client.get("/admin/publish/").status_code == 403
    assert send(client, offering, reason="Why").status_code == 403
    assert not Job.objects.exists()


def test_it_counts_no_one_under_hold_for_who_may_not_see_them(offering):
    make_grade(offering, profile=ProfileFactory(is_confidential=True))
    client = signed_in(make_staff("registrations.publish_grades"))
    address = f"/admin/publish/?term={offering.semester_id}&with_held=on"
    preview = client.get(address).context_data["preview"]
    assert (preview.to_publish, preview.held, preview.rows) == (0, 0, [])


def unpublish(client, grade, **form):
    address = (
        f"/admin/registrations/{grade.registration_id}/unpublish/{grade.column_id}/"
    )
    return client.post(address, form)


def test_it_unpublishes_one_with_a_reason(offering):
    grade = make_grade(offering, published=True)
    other = make_grade(offering, published=True)
    response = unpublish(make_admin(), grade, version="1", reason="Wrong student")
    assert response["Location"] == f"/admin/grade-sheets/offering/{offering.pk}/"
    assert published() == [other.pk]
    context = last_change(grade.registration).pgh_context.metadata
    assert context["reason"] == "Wrong student"


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"version": "1", "reason": ""}, 200),
        ({"version": "7", "reason": "Why"}, 409),
        ({"version": "x", "reason": "Why"}, 409),
        ({"reason": "Why"}, 409),
    ],
)
def test_it_unpublishes_nothing_unseen_or_unexplained(offering, form, status):
    grade = make_grade(offering, published=True)
    assert unpublish(make_admin(), grade, **form).status_code == status
    assert published() == [grade.pk]


def test_it_has_no_page_for_a_grade_that_is_not_published(offering):
    grade = make_grade(offering)
    response = unpublish(make_admin(), grade, version="1", reason="Why")
    assert response.status_code == 404


# --- Whose rights a job has -----------------------------------------------------

PUBLISHER = ("registrations.publish_grades", "registrations.view_registration")


def failed_job(offering, **more):
    selection = {"term_id": offering.semester_id, **more}
    return Job.objects.create(
        kind="publish_grades",
        arguments={
            "selection": selection,
            "until": timezone.now().isoformat(),
            "may_grade_late": False,
        },
        actor={"staff": "registrar"},
        door="admin",
        reason="End of term",
        state="failed",
        error="Lost.",
        finished_at=timezone.now(),
    )


@pytest.fixture
def held_grade(offering):
    profile = ProfileFactory(is_confidential=True)
    return make_grade(offering, profile=profile, published=False)


def test_nobody_has_a_job_begun_again_that_they_could_not_ask_for(offering, held_grade):
    job = failed_job(offering, with_held=True)
    with pytest.raises(NotAllowed):
        run_again(job.pk, by=make_staff(*PUBLISHER))
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "Lost.")


@pytest.mark.django_db(transaction=True)
def test_who_could_ask_for_it_has_it_begun_again_for_who_asked(offering, held_grade):
    make_staff(username="registrar", is_superuser=True)
    job = failed_job(offering, with_held=True)
    assert run_again(job.pk, by=make_staff(*PUBLISHER, "students.see_held"))
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.actor) == ("done", {"staff": "registrar"})
    assert published() == [held_grade.pk]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "now",
    [
        {"is_superuser": False},
        {"is_active": False},
        {"is_staff": False},
    ],
)
def test_a_job_runs_with_no_right_that_who_asked_has_lost(offering, held_grade, now):
    user = make_staff(username="registrar", is_superuser=True)
    job = failed_job(offering, with_held=True)
    assert run_again(job.pk, by=user)
    type(user).objects.filter(pk=user.pk).update(**now)
    run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (
        "failed",
        "registrar may not ask for this any more.",
    )
    assert published() == []


def test_its_numbers_are_for_who_could_ask_for_it(offering, held_grade):
    make_staff(username="registrar", is_superuser=True)
    job = failed_job(offering, with_held=True)
    result = {"grades": 73211, "students": 73211}
    Job.objects.filter(pk=job.pk).update(state="done", error="", result=result)
    blind = signed_in(make_staff(*PUBLISHER, username="blind"))
    seeing = signed_in(make_staff(*PUBLISHER, "students.see_held", username="seeing"))
    pages = ["/admin/publish/", f"/admin/publish/{job.pk}/"]
    told = [
        ["73211" in client.get(page).content.decode() for page in pages]
        for client in (blind, seeing)
    ]
    assert told == [[False, False], [True, True]]
