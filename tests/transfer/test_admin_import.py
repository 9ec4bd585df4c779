"""Importing in the admin: hand over, say what is what, look, say why."""

import io

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from access.models import Disclosure
from jobs.models import Job
from jobs.operations import run_again
from jobs.running import run
from offerings.models import Course, Term
from students.models import Profile
from tests.factories import CourseFactory, ProfileFactory, TermFactory
from tests.staff import make_admin, make_staff, signed_in
from tests.transfer.test_files import workbook
from transfer.importing import expire_old
from transfer.models import Import
from transfer.staging import staged_ids

pytestmark = pytest.mark.django_db(transaction=True)

START = reverse("admin:import")
COURSES = "code,name\nPHYS,Physics\nMATH,Mathematics\n"
OF_COURSES = ("offerings.add_course", "offerings.change_course")
OF_PROFILES = ("students.add_profile", "students.change_profile")


@pytest.fixture
def registrar():
    yield make_admin()
    Import.objects.all().delete()
    expire_old()  # and with them their tables, which no test's end rolls back


def file_of(content, name="courses.csv"):
    content = content.encode() if isinstance(content, str) else content
    return SimpleUploadedFile(name, content)


def upload(client, kind, content, name="courses.csv"):
    """Hand a file over; return the address of its import."""
    response = client.post(START, {"kind": kind, "file": file_of(content, name)})
    assert response.status_code == 302, response.content.decode()
    return response.url


def import_at(url):
    return Import.objects.get(pk=url.strip("/").split("/")[-1])


def work(url):
    """Let a worker do what waits; return how it ended."""
    job = Job.objects.get(pk=import_at(url).job_id)
    run(job.pk)
    job.refresh_from_db()
    return job


def page(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def columns(*names, **more):
    chosen = {f"column-{place}": name for place, name in enumerate(names)}
    return {"action": "check", "most_percent": 20, **chosen, **more}


def checked(client, kind, content, *names, **more):
    """An import that a worker has checked."""
    url = upload(client, kind, content)
    work(url)
    client.post(url, columns(*names, **more))
    work(url)
    return url


def confirm(client, url, reason="A new catalogue"):
    it = import_at(url)
    seen = it.checked_at.isoformat()
    return client.post(url, {"action": "apply", "checked_at": seen, "reason": reason})


def state_of(url):
    it = import_at(url)
    return it.state, it.message


def test_it_goes_from_a_file_to_the_record(registrar):
    CourseFactory(code="MATH", name="Maths")
    url = upload(registrar, "courses", COURSES)
    assert registrar.get(url).headers["Refresh"] == "2"
    work(url)
    assert import_at(url).mapping == {"code": "code", "name": "name"}
    assert "Physics" in page(registrar, url)

    registrar.post(url, columns("code", "name", most_percent=100))
    work(url)
    preview = page(registrar, url)
    assert "<strong>1</strong> new" in preview
    assert "<strong>1</strong> changed, 100.0 % of 1" in preview
    assert "<del>Maths</del> <ins>Mathematics</ins>" in preview
    assert not Course.objects.filter(code="PHYS").exists()

    confirm(registrar, url)
    assert work(url).state == Job.State.DONE
    assert "1 new, 1 changed, 0 the same" in page(registrar, url)
    assert [*Course.objects.order_by("code").values_list("code", "name")] == [
        ("MATH", "Mathematics"),
        ("PHYS", "Physics"),
    ]
    assert (import_at(url).state, import_at(url).sample, staged_ids()) == (
        Import.State.APPLIED,
        [],
        set(),
    )


def test_its_changes_are_in_the_history_with_who_door_and_reason(registrar):
    TermFactory(code="203001", name="Old")
    url = checked(
        *(registrar, "terms", "code,name\n203001,New\n", "code", "name"),
        most_percent=100,
    )
    confirm(registrar, url, reason="It was misspelt")
    job = work(url)
    event = Term.objects.get().events.order_by("pgh_id").last()
    assert event.name == "New"
    context = event.pgh_context.metadata
    assert context.pop("request_id") == job.request_id
    assert context == {
        "actor": {"staff": "registrar"},
        "door": "admin",
        "reason": "It was misspelt",
        "job_id": job.pk,
    }


def test_a_workbook_is_read_as_well(registrar):
    content = workbook(["Code", "Name"], ["PHYS", "Physics"])
    url = upload(registrar, "courses", content, "courses.xlsx")
    work(url)
    registrar.post(url, columns("code", "name"))
    work(url)
    confirm(registrar, url)
    work(url)
    assert Course.objects.get().name == "Physics"


def test_a_column_is_what_somebody_says_it_is(registrar):
    content = "Kürzel,Bezeichnung,Farbe\nPHYS,Physics,red\n"
    url = upload(registrar, "courses", content)
    work(url)
    assert import_at(url).mapping == {}
    registrar.post(url, columns("code", "name", ""))
    work(url)
    confirm(registrar, url)
    work(url)
    assert [*Course.objects.values_list("code", "name")] == [("PHYS", "Physics")]


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["", "name"], "The file lacks columns: id or code must be there."),
        (["code", "code"], "Two columns of the file are taken for code."),
        (["colour", "name"], "Select a valid choice."),
    ],
)
def test_columns_that_find_nothing_are_refused_at_once(registrar, names, sentence):
    url = upload(registrar, "courses", COURSES)
    work(url)
    answer = registrar.post(url, columns(*names))
    assert sentence in answer.content.decode()
    assert Job.objects.filter(kind="check_import").count() == 0


def test_every_error_is_told_and_nothing_can_be_confirmed(registrar):
    rows = "".join(f"C{number},\n" for number in range(60))
    url = checked(registrar, "courses", f"code,name\n{rows}", "code", "name")
    preview = page(registrar, url)
    assert "60 of 60 rows cannot be imported, so none are." in preview
    assert preview.count("name is needed.") == 50
    assert "Reason" not in preview
    further = page(registrar, f"{url}?show=error&after=51")
    assert further.count("name is needed.") == 10
    errors = registrar.get(f"{url}errors/").getvalue().decode().splitlines()
    assert errors[0] == "row,error"
    assert errors[1:] == [f"{row},name is needed." for row in range(2, 62)]
    assert confirm(registrar, url).status_code == 409
    assert not Course.objects.exists()


def test_an_error_in_the_file_is_run_by_no_spreadsheet(registrar):
    url = checked(
        *(registrar, "units", "code,title,course\nA,A,'=B\n"),
        *("code", "title", "course"),
    )
    errors = registrar.get(f"{url}errors/").getvalue().decode().splitlines()
    assert errors == ["row,error", "2,course names none that there is: =B."]


def test_more_changes_than_the_limit_are_refused_until_more_are_allowed(registrar):
    CourseFactory(code="MATH", name="Maths")
    url = checked(registrar, "courses", COURSES, "code", "name")
    sentence = "It would change 1 of 1 courses (100.0 %), and the limit is 20 %."
    assert sentence in page(registrar, url)
    assert confirm(registrar, url).status_code == 409
    registrar.post(url, columns("code", "name", most_percent=100))
    work(url)
    assert sentence not in page(registrar, url)


def test_it_refuses_a_plan_that_the_record_has_left_behind(registrar):
    course = CourseFactory(code="MATH", name="Maths")
    url = checked(registrar, "courses", COURSES, "code", "name", most_percent=100)
    Course.objects.filter(pk=course.pk).update(name="Somebody's")
    confirm(registrar, url)
    job = work(url)
    sentence = "The record has changed since the file was checked: check it again."
    assert (job.state, job.error) == (Job.State.FAILED, sentence)
    assert sentence in page(registrar, url)
    assert [*Course.objects.values_list("name", flat=True)] == ["Somebody's"]

    registrar.post(url, {"action": "again"})
    work(url)
    confirm(registrar, url)
    work(url)
    assert Course.objects.get(code="MATH").name == "Mathematics"


def test_it_applies_only_the_plan_that_was_shown(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    seen = import_at(url).checked_at.isoformat()
    registrar.post(url, {"action": "again"})
    work(url)
    answer = registrar.post(
        url, {"action": "apply", "checked_at": seen, "reason": "New"}
    )
    assert answer.status_code == 409
    assert "checked anew since this page was shown" in answer.content.decode()
    assert not Course.objects.exists()


def test_a_job_that_is_begun_again_applies_only_what_it_was_asked_for(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    confirm(registrar, url)
    asked = Job.objects.get(kind="apply_import")
    registrar.post(url, {"action": "stop"})
    Job.objects.filter(pk=asked.pk).update(state="failed")
    registrar.post(url, {"action": "again"})
    work(url)
    run_again(asked.pk, by=User.objects.get(username="registrar"))
    run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.error) == (
        Job.State.FAILED,
        "The file was checked anew since this page was shown: look again.",
    )
    assert not Course.objects.exists()


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-99-99T00:00:00Z"])
def test_it_applies_nothing_that_was_not_shown(registrar, seen):
    url = checked(registrar, "courses", COURSES, "code", "name")
    answer = registrar.post(
        url, {"action": "apply", "checked_at": seen, "reason": "New"}
    )
    assert answer.status_code == 409


def test_it_asks_why(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    assert "Say why it is imported." in confirm(registrar, url, " ").content.decode()
    assert Job.objects.filter(kind="apply_import").count() == 0


def test_it_is_applied_once_however_often_it_is_confirmed(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    confirm(registrar, url)
    assert confirm(registrar, url).status_code == 409
    work(url)
    assert confirm(registrar, url).status_code == 409
    assert Job.objects.filter(kind="apply_import").count() == 1


def test_it_can_be_stopped_and_begun_again(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    confirm(registrar, url)
    registrar.post(url, {"action": "stop"})
    assert work(url).state == Job.State.CANCELLED
    assert "It was stopped; nothing was changed." in page(registrar, url)
    confirm(registrar, url)
    assert work(url).state == Job.State.DONE
    assert Course.objects.count() == 2


def test_it_can_be_discarded_and_leaves_nothing(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    registrar.post(url, {"action": "discard"})
    assert state_of(url) == (Import.State.REFUSED, "It was discarded.")
    assert staged_ids() == set()
    assert "It was discarded." in page(registrar, url)


def test_what_nobody_applied_is_gone_after_a_day(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    yesterday = timezone.now() - timezone.timedelta(hours=25)
    Import.objects.update(created_at=yesterday)
    assert expire_old() == 1
    assert (state_of(url), staged_ids()) == ((Import.State.EXPIRED, ""), set())
    assert "its file is gone" in page(registrar, url)
    assert confirm(registrar, url).status_code == 409


def test_what_the_database_lost_in_a_crash_is_said(registrar):
    url = upload(registrar, "courses", COURSES)
    tables(url, 'TRUNCATE staging."file_{0}"')
    work(url)
    assert state_of(url)[0] == Import.State.REFUSED
    assert "The file is not there any more" in page(registrar, url)


def test_a_plan_that_the_database_lost_in_a_crash_is_not_applied(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    tables(url, 'TRUNCATE staging."plan_{0}"')
    confirm(registrar, url)
    assert work(url).state == Job.State.FAILED
    assert not Course.objects.exists()


def tables(url, statement):
    """What a crash does to the unlogged tables of an import."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(import_at(url).pk))


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        ("code\nMüller".encode("utf-16"), "a.csv", "The file is UTF-16"),
        ("code,name\nA,Müller\n".encode("latin-1"), "a.csv", "The file is not UTF-8"),
        (b"\n\n", "a.csv", "The first row must name the columns"),
        (b"code,code\n", "a.csv", "The first row names &#x27;code&#x27; twice."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xls", "a workbook in the old .xls form"),
        (b"PK\x03\x04 no", "a.xlsx", "The workbook is damaged."),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "a.png", "The file is not UTF-8"),
        (b"co\0de,name\nA,B\n", "a.csv", "Column 1 has a name that is none"),
        (b"c" * 201 + b",name\nA,B\n", "a.csv", "Column 1 has a name that is none"),
    ],
)
def test_a_bad_file_gets_a_sentence_and_is_removed(registrar, content, name, sentence):
    url = upload(registrar, "courses", content, name)
    work(url)
    assert state_of(url)[0] == Import.State.REFUSED
    assert sentence in page(registrar, url)
    assert staged_ids() == set()


def test_what_is_bad_further_down_gets_a_sentence_too(registrar):
    rows = "".join(f"C{number},x\n" for number in range(5_000))
    content = f"code,name\n{rows}".encode() + b"L,\xfc\n"
    url = checked(registrar, "courses", content, "code", "name")
    assert state_of(url)[0] == Import.State.REFUSED
    assert "The file is not UTF-8 near line" in page(registrar, url)
    assert staged_ids() == set()


def test_a_header_alone_does_nothing(registrar):
    url = checked(registrar, "courses", "code,name\n", "code", "name")
    assert "there is nothing to do" in page(registrar, url)


@pytest.mark.parametrize(
    ("kind", "file", "sentence"),
    [
        ("courses", file_of(""), "The file is empty."),
        ("courses", None, "This field is required."),
        ("planets", file_of(COURSES), "Select a valid choice."),
    ],
)
def test_what_is_no_upload_is_refused(registrar, kind, file, sentence):
    sent = {"kind": kind, "file": file} if file else {"kind": kind}
    assert sentence in registrar.post(START, sent).content.decode()
    assert not Import.objects.exists()


def test_a_file_that_is_too_large_is_refused(registrar, settings):
    settings.UPLOAD_MEGABYTES = 0
    answer = registrar.post(START, {"kind": "courses", "file": file_of(COURSES)})
    assert "megabytes: split it." in answer.content.decode()
    assert not Import.objects.exists()


# --- Who may --------------------------------------------------------------------


@pytest.mark.parametrize(
    "permissions", [(), OF_COURSES[:1], OF_PROFILES, ("registrations.grade_own",)]
)
def test_whoever_may_import_no_kind_has_no_page(permissions):
    assert signed_in(make_staff(*permissions)).get(START).status_code == 403


def test_only_kinds_that_one_may_add_and_change_can_be_chosen():
    clerk = signed_in(make_staff(*OF_COURSES, *OF_PROFILES))
    shown = page(clerk, START)
    assert '<option value="courses"' in shown
    assert '<option value="profiles"' not in shown
    assert '<option value="terms"' not in shown
    assert (
        clerk.post(
            START, {"kind": "profiles", "file": file_of("netid\nf1\n")}
        ).status_code
        == 200
    )
    assert not Import.objects.exists()


def test_people_are_imported_by_those_alone_who_may_know_of_all():
    clerk = signed_in(make_staff(*OF_PROFILES, "students.see_held"))
    assert '<option value="profiles"' in page(clerk, START)


def test_an_import_belongs_to_who_made_it(registrar):
    url = checked(registrar, "courses", COURSES, "code", "name")
    other = make_admin("other")
    assert other.get(url).status_code == 404
    assert other.get(f"{url}errors/").status_code == 404
    assert confirm(other, url).status_code == 404
    assert "courses.csv" not in page(other, START)


def test_whoever_lost_the_permission_lost_the_import():
    user = make_staff(*OF_COURSES, "offerings.add_term", "offerings.change_term")
    clerk = signed_in(user)
    url = checked(clerk, "courses", COURSES, "code", "name")
    user.user_permissions.filter(codename="add_course").delete()
    assert signed_in(user).get(url).status_code == 404


def test_whose_records_a_preview_shows_and_an_import_writes_is_disclosed(registrar):
    profile = ProfileFactory(netid="f1", class_year=2030)
    content = "netid,class_year\nf1,2031\n"
    url = checked(
        registrar, "profiles", content, "netid", "class_year", most_percent=100
    )
    Disclosure.objects.all().delete()
    page(registrar, url)
    confirm(registrar, url)
    work(url)
    logged = Disclosure.objects.order_by("id")
    assert [(row.staff, row.what, row.profile_ids) for row in logged] == [
        ("registrar", "import_file", [profile.pk]),
        ("registrar", "import of 1 profiles", [profile.pk]),
    ]
    assert Profile.objects.get().class_year == 2031


@pytest.mark.parametrize("path", ["no-such/", "no-such/errors/"])
def test_what_is_not_there_is_not_found(registrar, path):
    assert registrar.get(f"{START}{path}").status_code == 404


@pytest.mark.parametrize("action", ["", "explode"])
def test_what_no_button_says_is_not_found(registrar, action):
    url = upload(registrar, "courses", COURSES)
    assert registrar.post(url, {"action": action}).status_code == 404


@pytest.mark.parametrize("query", ["?after=x", "?after=99999999999999", "?show=evil"])
def test_any_address_of_a_preview_is_answered(registrar, query):
    url = checked(registrar, "courses", COURSES, "code", "name")
    assert registrar.get(f"{url}{query}").status_code == 200


def test_strangers_upload_nothing(client, registrar):
    sent = {"kind": "courses", "file": io.BytesIO(b"code\nA\n")}
    response = client.post(START, sent)
    assert response.status_code == 302
    assert not Import.objects.exists()
