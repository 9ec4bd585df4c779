"""Exporting in the admin: choose, wait, fetch."""

import json

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from access.models import Disclosure
from jobs.models import Job
from jobs.running import run
from students.models import Profile
from tests.factories import CourseFactory, EnrollmentFactory, ProfileFactory
from tests.staff import make_admin, make_staff, signed_in
from transfer.importing import expire_old
from transfer.models import ExportFile
from transfer.staging import staged_ids

pytestmark = pytest.mark.django_db(transaction=True)

START = reverse("admin:export")
CLERK = ("offerings.view_course", "students.view_profile")


@pytest.fixture(autouse=True)
def _staging():
    yield
    ExportFile.objects.all().delete()
    expire_old()  # and with them their tables, which no test's end rolls back


@pytest.fixture
def registrar():
    return make_admin()


@pytest.fixture
def clerk():
    """Somebody who may see profiles, but not those under hold."""
    return signed_in(make_staff(*CLERK))


def asked(client, kind, **more):
    """Ask for an export; return the address of its page."""
    response = client.post(START, {"kind": kind, "format": "csv", **more})
    assert response.status_code == 302, response.content.decode()
    return response.url


def made(client, kind, **more):
    """Ask for an export, which a worker makes."""
    url = asked(client, kind, **more)
    run(file_at(url).job_id)
    return url


def file_at(url):
    return ExportFile.objects.get(pk=url.strip("/").split("/")[-1])


def fetched(client, url):
    return client.get(f"{url}file/").getvalue().decode()


def test_it_goes_from_a_choice_to_a_file(registrar):
    course = CourseFactory(code="PHYS", name="=1+1")
    url = asked(registrar, "courses")
    assert registrar.get(url).headers["Refresh"] == "2"
    assert registrar.get(f"{url}file/").status_code == 404
    run(file_at(url).job_id)
    page = registrar.get(url)
    assert "Refresh" not in page.headers
    assert "1 row," in page.content.decode()
    answer = registrar.get(f"{url}file/")
    content = answer.getvalue().decode()
    assert content == f"id,code,name\r\n{course.pk},PHYS,'=1+1\r\n"
    assert answer.headers["Content-Length"] == str(len(content))
    day = timezone.now().date().isoformat()
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="courses-{day}.csv"'
    )


def test_it_makes_a_file_of_many_parts(registrar):
    ProfileFactory.create_batch(3)
    CourseFactory(code="LONG", name="x" * 190)
    url = made(registrar, "profiles", format="jsonl", with_held="on")
    lines = fetched(registrar, url).splitlines()
    assert len([*map(json.loads, lines)]) == file_at(url).rows == 3


def test_it_makes_a_workbook(registrar):
    CourseFactory()
    url = made(registrar, "courses", format="xlsx")
    assert registrar.get(f"{url}file/").getvalue()[:2] == b"PK"


def test_it_leaves_out_people_under_hold_unless_they_are_asked_for(registrar):
    shown = EnrollmentFactory(profile__netid="f1")
    held = EnrollmentFactory(profile__netid="f2", profile__is_confidential=True)
    without = fetched(registrar, made(registrar, "enrollments"))
    assert (shown.pk in without, held.pk in without) == (True, False)
    with_them = fetched(registrar, made(registrar, "enrollments", with_held="on"))
    assert (shown.pk in with_them, held.pk in with_them) == (True, True)


def test_who_may_not_know_of_them_gets_none_and_no_count_of_them(clerk):
    ProfileFactory(netid="shown")
    ProfileFactory(netid="hidden", is_confidential=True)
    url = made(clerk, "profiles", with_held="on")
    assert "hidden" not in fetched(clerk, url)
    assert "1 row," in clerk.get(url).content.decode()
    assert "privacy hold" not in clerk.get(START).content.decode()


def test_a_file_with_people_under_hold_is_for_those_who_may_know_of_them():
    user = make_staff(*CLERK, "students.see_held")
    url = made(signed_in(user), "profiles", with_held="on")
    user.user_permissions.filter(codename="see_held").delete()
    assert signed_in(user).get(url).status_code == 404
    assert signed_in(user).get(f"{url}file/").status_code == 404


def test_whose_records_a_file_holds_is_disclosed_with_its_number_of_rows(registrar):
    people = ProfileFactory.create_batch(2)
    url = made(registrar, "profiles")
    logged = Disclosure.objects.get()
    assert (logged.staff, logged.door, logged.what) == (
        "registrar",
        "admin",
        "export of 2 profiles",
    )
    assert set(logged.profile_ids) == {profile.pk for profile in people}
    assert logged.request_id == Job.objects.get().request_id
    fetched(registrar, url)
    assert Disclosure.objects.count() == 1


def test_it_is_narrowed_to_a_term_a_course_and_a_unit(registrar):
    mine, _other = EnrollmentFactory(), EnrollmentFactory()
    offering = mine.offering
    unit = offering.unit_version.unit
    url = made(
        *(registrar, "enrollments"),
        term=offering.semester_id,
        course=unit.course.code,
        unit=unit.code,
    )
    assert [line.split(",")[0] for line in fetched(registrar, url).splitlines()] == [
        "id",
        mine.pk,
    ]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"kind": "courses", "course": "X"}, "courses have no course to be narrowed"),
        ({"kind": "units", "course": "X"}, "There is no course &#x27;X&#x27;."),
        ({"kind": "planets"}, "Select a valid choice."),
        ({"kind": "courses", "format": "pdf"}, "Select a valid choice."),
        ({"kind": "units", "term": "no-such"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_exported_is_refused(registrar, asked, sentence):
    page = registrar.post(START, {"format": "csv", **asked})
    assert sentence in page.content.decode()
    assert not Job.objects.exists()


def test_only_kinds_that_one_may_see_can_be_chosen(clerk):
    shown = clerk.get(START).content.decode()
    assert '<option value="courses"' in shown
    assert '<option value="grades"' not in shown
    answer = clerk.post(START, {"kind": "grades", "format": "csv"})
    assert (answer.status_code, Job.objects.count()) == (200, 0)


@pytest.mark.parametrize("permissions", [(), ("registrations.grade_own",)])
def test_whoever_may_see_no_kind_has_no_page(permissions):
    assert signed_in(make_staff(*permissions)).get(START).status_code == 403


def test_a_file_is_for_its_owner_alone(registrar):
    CourseFactory(code="PHYS")
    url = made(registrar, "courses")
    other = make_admin("other")
    assert other.get(url).status_code == 404
    assert other.get(f"{url}file/").status_code == 404


def test_a_file_is_gone_after_a_day(registrar):
    url = made(registrar, "courses")
    assert staged_ids() == {file_at(url).pk}
    expire_old()
    assert staged_ids() == {file_at(url).pk}
    yesterday = timezone.now() - timezone.timedelta(hours=25)
    ExportFile.objects.update(made_at=yesterday)
    expire_old()
    assert staged_ids() == set()
    assert registrar.get(f"{url}file/").status_code == 404
    assert "is gone" in registrar.get(url).content.decode()


def test_a_file_that_the_database_lost_is_not_found(registrar):
    url = made(registrar, "courses")
    made_at = file_at(url).made_at
    ExportFile.objects.update(made_at=None)
    expire_old()
    ExportFile.objects.update(made_at=made_at)
    assert registrar.get(f"{url}file/").status_code == 404


def test_it_takes_a_file_back_once_somebody_in_it_is_put_under_hold(clerk):
    person = ProfileFactory(netid="later")
    url = made(clerk, "profiles")
    assert "later" in fetched(clerk, url)
    Profile.objects.filter(pk=person.pk).update(is_confidential=True)
    assert clerk.get(f"{url}file/").status_code == 404
    assert clerk.get(url).status_code == 404
    assert "later" not in fetched(clerk, made(clerk, "profiles"))


def test_it_keeps_a_file_that_a_hold_is_not_about(clerk):
    ProfileFactory(netid="shown")
    url = made(clerk, "profiles")
    ProfileFactory(netid="another", is_confidential=True)
    assert "shown" in fetched(clerk, url)


def test_it_makes_no_file_for_who_may_not_ask_for_it_any_more(clerk):
    ProfileFactory(netid="shown")
    url = asked(clerk, "profiles")
    User.objects.get(username="clerk").user_permissions.clear()
    run(file_at(url).job_id)
    job = Job.objects.get(pk=file_at(url).job_id)
    assert (job.state, job.error, job.result) == (
        "failed",
        "clerk may not ask for this any more.",
        None,
    )
    assert file_at(url).made_at is None
    assert not Disclosure.objects.filter(what__startswith="export").exists()
