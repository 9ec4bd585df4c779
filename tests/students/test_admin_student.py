"""The page of a student, as the server keeps it."""

import json
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from access.models import Disclosure
from config.history import last_change, recorded
from tasks.lanes import run_turn
from tasks.models import Task
from tests.factories import (
    DplanCodeFactory,
    DplanFactory,
    DplanSourceFactory,
    EnrollmentFactory,
    GradeFactory,
    ProfileFactory,
    RegistrationFactory,
    TermFactory,
    UnitOfferingFactory,
)
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

SUBMITTED = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def profile():
    return ProfileFactory(netid="f002qt1", first_name="Quinn", last_name="Taylor")


@pytest.fixture
def dplan(profile):
    DplanCodeFactory(id="L", name="Leave")
    return DplanFactory(
        profile=profile,
        term=TermFactory(code="202503"),
        code=DplanCodeFactory(id="R", name="Resident"),
        source=DplanSourceFactory(id="PHL"),
    )


def url_of(profile):
    return f"/admin/student/{profile.pk}/"


def panels(page):
    return {panel.name: panel.shown for panel in page.context_data["panels"]}


@pytest.mark.parametrize(
    "words", ["f002qt1", "F002QT", "Tay", "quinn tay", "taylor, q"]
)
def test_it_finds_one_student_at_once(profile, words):
    ProfileFactory(last_name="Other")
    response = make_admin().get("/admin/find/", {"q": words})
    assert response["Location"] == url_of(profile)


def test_it_lists_those_whose_names_begin_so(profile):
    other = ProfileFactory(last_name="Tan")
    response = make_admin().get("/admin/find/", {"q": "ta"})
    assert {each.pk for each in response.context_data["found"]} == {
        profile.pk,
        other.pk,
    }


@pytest.mark.parametrize("words", ["", " ", "%", "_", "\x00", "x" * 5000, "a, b, c"])
def test_it_finds_nobody_by_odd_words(profile, words):
    response = make_admin().get("/admin/find/", {"q": words})
    assert response.status_code in (200, 400)


def test_it_shows_all_that_is_about_the_student(profile, dplan):
    offering = UnitOfferingFactory()
    registration = RegistrationFactory(
        profile=profile, offering=offering, unit=offering.unit_version.unit
    )
    loose = RegistrationFactory(profile=profile)
    GradeFactory(registration=registration)
    enrollment = EnrollmentFactory(profile=profile)

    shown = panels(make_admin().get(url_of(profile)))

    assert [*shown] == [
        "registrations",
        "dplans",
        "enrollments",
        "history",
        "disclosures",
        "tasks",
        "legal-hold",
    ]
    terms = shown["registrations"]["terms"]
    assert [group["term"] for group in terms] == [offering.semester, None]
    assert [row.pk for group in terms for row, _ in group["rows"]] == [
        registration.pk,
        loose.pk,
    ]
    assert shown["dplans"]["strip"] == [dplan]
    assert shown["enrollments"]["rows"] == [enrollment]
    assert {entry.what for entry in shown["history"]["entries"]} == {
        "person",
        f"registration on {registration.unit.code}",
        f"registration on {loose.unit.code}",
        f"Final grade in {registration.unit.code}",
        "D-Plan of 202503",
        f"enrollment {enrollment.pk}",
    }


def test_it_leads_to_the_actions_for_who_may_do_them(profile):
    RegistrationFactory(profile=profile)
    looker = make_staff("students.view_profile", "registrations.view_registration")
    pages = [
        client.get(url_of(profile)) for client in (make_admin(), signed_in(looker))
    ]
    link = f"/admin/registrations/?student={profile.pk}"
    assert [link in page.content.decode() for page in pages] == [True, False]


def test_it_logs_that_the_record_was_shown(profile):
    client = make_admin()
    client.get(url_of(profile))
    assert Disclosure.objects.get().profile_ids == [profile.pk]
    (row,) = panels(client.get(url_of(profile)))["disclosures"]["disclosures"]
    assert row.staff == "registrar"


def test_it_shows_each_room_only_to_who_may_see_it(profile):
    client = signed_in(make_staff("students.view_profile"))
    assert [*panels(client.get(url_of(profile)))] == ["dplans", "history"]


def test_it_tells_no_history_of_what_may_not_be_seen(profile):
    GradeFactory(registration=RegistrationFactory(profile=profile))
    client = signed_in(make_staff("students.view_profile"))
    shown = panels(client.get(url_of(profile)))["history"]["entries"]
    assert [entry.what for entry in shown] == ["person"]


@pytest.mark.parametrize("address", ["", "history/", "dplans/", "assessment/x/"])
def test_it_is_absent_under_hold_for_who_may_not_see_it(profile, address):
    profile.is_confidential = True
    profile.save()
    client = signed_in(make_staff("students.view_profile", "students.change_dplan"))
    assert client.get(url_of(profile) + address).status_code == 404
    assert client.post(url_of(profile) + address).status_code == 404
    found = client.get("/admin/find/", {"q": profile.netid})
    assert found.context_data["found"] == []


def test_it_shows_a_banner_to_who_may_see_people_under_hold(profile):
    profile.is_confidential = True
    profile.save()
    client = signed_in(make_staff("students.view_profile", "students.see_held"))
    assert "Privacy hold" in client.get(url_of(profile)).content.decode()


@pytest.mark.parametrize(
    "permissions", [(), ("registrations.grade_own",), ("tasks.view_task",)]
)
def test_it_is_not_for_who_may_not_see_students(profile, permissions):
    client = signed_in(make_staff(*permissions))
    assert client.get(url_of(profile)).status_code == 403
    assert client.get("/admin/find/", {"q": "f"}).status_code == 403


def set_dplan(client, profile, seen, **form):
    asked = {"term": "202503", "code": "L", "source": "PHL", "reason": "He asked"}
    return client.post(
        f"{url_of(profile)}dplans/", {**asked, "seen": json.dumps(seen), **form}
    )


def test_it_sets_a_dplan_by_a_task_with_who_and_why(profile, dplan):
    client = make_admin()

    response = set_dplan(client, profile, {"202503": "R PHL"})

    task = Task.objects.get()
    assert response["Location"] == f"{url_of(profile)}?task={task.pk}"
    assert (task.lane_id, task.about) == ("students:f002qt1", profile.pk)
    dplan.refresh_from_db()
    assert dplan.code_id == "R"
    run_turn(task.lane_id)
    dplan.refresh_from_db()
    assert dplan.code_id == "L"
    context = last_change(dplan).pgh_context.metadata
    assert (context["actor"], context["door"], context["reason"]) == (
        {"staff": "registrar"},
        "admin",
        "He asked",
    )
    page = client.get(response["Location"])
    assert "is made" in page.content.decode()
    assert "Refresh" not in page.headers


def test_it_takes_its_turn_behind_what_waits_already(profile, dplan):
    client = make_admin()
    set_dplan(client, profile, {"202503": "R PHL"}, code="L")
    set_dplan(client, profile, {"202503": "R PHL"}, code="R")
    assert [*Task.objects.order_by("number").values_list("number", flat=True)] == [1, 2]
    run_turn("students:f002qt1")
    dplan.refresh_from_db()
    assert dplan.code_id == "R"


@pytest.mark.parametrize(
    "seen", [{}, {"202503": "L PHL"}, {"202503": None}, [], "R", None, 5]
)
def test_it_asks_for_nothing_over_a_dplan_that_was_not_seen(profile, dplan, seen):
    with recorded(actor={"staff": "other"}, door="admin"):
        dplan.save()
    client = make_admin()
    response = set_dplan(client, profile, seen)
    assert response["Location"] == url_of(profile)
    assert not Task.objects.exists()
    assert "202503 is now R by PHL" in client.get(url_of(profile)).content.decode()


@pytest.mark.parametrize(
    "form", [{"term": ""}, {"code": ""}, {"source": ""}, {"reason": ""}]
)
def test_it_asks_for_nothing_with_a_form_that_is_not_whole(profile, dplan, form):
    set_dplan(make_admin(), profile, {"202503": "R PHL"}, **form)
    assert not Task.objects.exists()


def test_it_says_why_a_task_was_refused(profile, dplan):
    client = make_admin()
    response = set_dplan(client, profile, {"202503": "R PHL"}, code="Q")
    run_turn("students:f002qt1")
    page = client.get(response["Location"]).content.decode()
    assert "Not done: &#x27;Q&#x27; is not a known dplan_id in dplans[0]" in page


def test_it_lets_only_those_change_who_may(profile, dplan):
    client = signed_in(make_staff("students.view_profile"))
    assert set_dplan(client, profile, {"202503": "R PHL"}).status_code == 403
    assert "may_change" not in panels(client.get(url_of(profile)))["dplans"]
    assert not Task.objects.exists()


@pytest.fixture
def enrollment(profile):
    return EnrollmentFactory(profile=profile)


def set_assessment(client, enrollment, **form):
    asked = {"state": "submitted", "at": "2026-03-01T12:30:00", "version": 1}
    address = f"{url_of(enrollment.profile)}assessment/{enrollment.pk}/"
    return client.post(address, {**asked, "reason": "On paper", **form})


def test_it_sets_a_course_assessment_by_a_task(enrollment):
    client = make_admin()
    response = set_assessment(client, enrollment)
    task = Task.objects.get()
    assert response["Location"] == f"{url_of(enrollment.profile)}?task={task.pk}"
    run_turn(task.lane_id)
    enrollment.refresh_from_db()
    assert enrollment.course_assessment == (SUBMITTED, None)


def test_it_clears_a_course_assessment(enrollment):
    enrollment.assessment_opted_out_at = SUBMITTED
    enrollment.save()
    set_assessment(make_admin(), enrollment, state="nothing", at="")
    run_turn(f"enrollments:{enrollment.pk}")
    enrollment.refresh_from_db()
    assert enrollment.course_assessment == (None, None)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"version": 7}, 302),
        ({"version": "x"}, 200),
        ({"at": ""}, 200),
        ({"at": "soon"}, 200),
        ({"state": "both"}, 200),
        ({"reason": ""}, 200),
    ],
)
def test_it_asks_for_no_assessment_that_is_not_whole(enrollment, form, status):
    response = set_assessment(make_admin(), enrollment, **form)
    assert response.status_code == status
    assert not Task.objects.exists()


@pytest.mark.parametrize("role", ["instructor"])
def test_it_assesses_students_alone(profile, role):
    enrollment = EnrollmentFactory(profile=profile, role=role)
    assert set_assessment(make_admin(), enrollment).status_code == 404


def test_it_lets_only_those_assess_who_may(enrollment):
    client = signed_in(
        make_staff("students.view_profile", "enrollments.view_enrollment")
    )
    assert set_assessment(client, enrollment).status_code == 403


def test_it_pages_through_the_history(profile):
    for name in ("A", "B", "C"):
        with recorded(actor={"staff": name}, door="admin", reason=f"To {name}"):
            profile.last_name = name
            profile.save()
    client, nobody = make_admin(), f"{connection.settings_dict['USER']} (database)"
    address = f"{url_of(profile)}history/"
    entries = client.get(address).context_data["entries"]
    assert [(entry.who, entry.reason) for entry in entries] == [
        ("C", "To C"),
        ("B", "To B"),
        ("A", "To A"),
        (nobody, ""),
    ]
    assert entries[0].changes == {"last_name": ("B", "C")}
    earlier = client.get(address, {"before": entries[1].at.isoformat()})
    assert [entry.who for entry in earlier.context_data["entries"]] == ["A", nobody]


@pytest.mark.parametrize("before", ["x", "2026-13-45", "2026-01-01", "9" * 400])
def test_it_takes_an_odd_moment_for_none(profile, before):
    response = make_admin().get(f"{url_of(profile)}history/", {"before": before})
    assert len(response.context_data["entries"]) == 1


def test_it_asks_a_bounded_number_of_queries(profile):
    def fill():
        RegistrationFactory(profile=profile)
        GradeFactory(registration__profile=profile)
        EnrollmentFactory(profile=profile)
        DplanFactory(profile=profile)

    client = make_admin()
    fill()
    client.get(url_of(profile))
    with CaptureQueriesContext(connection) as few:
        client.get(url_of(profile))
    for _ in range(12):
        fill()
    with CaptureQueriesContext(connection) as many:
        client.get(url_of(profile))
    assert len(many) == len(few)
    assert len(few) <= 45
