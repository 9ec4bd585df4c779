"""There is one record: what one interface writes is what every other one reads."""

import json

import pytest
from django.core.management import call_command
from django.test import Client as Http
from django.utils import timezone

from access.scopes import ADMIN, PEOPLE_PRIVATE, SCOPES
from registrations.changes import Writer
from registrations.models import Registration
from registrations.operations import Selection, publish
from tasks.lanes import run_turn
from tests.access.factories import ClientFactory, make_secret
from tests.config.test_admin import form_of
from tests.factories import (
    DplanCodeFactory,
    DplanSourceFactory,
    EnrollmentFactory,
    GradeColumnFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    SectionFactory,
    TermFactory,
    UnitVersionFactory,
)
from tests.staff import make_admin

pytestmark = pytest.mark.django_db

OFFERINGS = "/dc/api/v5/registrations"


@pytest.fixture
def registration():
    """Somebody registered on a section, and enrolled in it."""
    for state in ("pass", "fail", "incomplete"):
        GradeStateFactory(name=state)
    section = SectionFactory(code="SECTION", allows_retakes=True)
    unit = section.unit_version.unit
    GradeColumnFactory(unit=unit, name="__coursework", label="Coursework")
    GradeColumnFactory(unit=unit, position=1)
    registration = RegistrationFactory(
        profile=ProfileFactory(intake=section.course_intake),
        unit=unit,
        intake=section.course_intake,
        offering=section,
    )
    EnrollmentFactory(
        offering=section, profile=registration.profile, registration=registration
    )
    return registration


def http_of(*scopes):
    client = ClientFactory(pk="grader", scopes=[*scopes], role=ADMIN)
    secret = make_secret(client=client)
    return Http(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def http(db):
    """Who may do everything, but sees nobody under privacy hold."""
    return http_of(*(SCOPES.keys() - {PEOPLE_PRIVATE}))


def send(http, verb, path, body):
    response = http.generic(verb, path, json.dumps(body), "application/json")
    assert response.status_code in (200, 201, 204), response.content
    return response


# --- Writing, by each door ----------------------------------------------------


def by_student(http, registration, **item):
    item = {
        "unit_id": registration.unit_id,
        "context_id": registration.intake_id,
        **item,
    }
    path = f"/apis/registrations/profiles/{registration.profile_id}/registrations"
    send(http, "PATCH", path, {"registrations": [item]})


def by_unit(http, registration, **item):
    item = {"profile_id": registration.profile_id, **item}
    path = f"/apis/registrations/units/{registration.unit_id}/registrations"
    send(http, "PATCH", path, {"registrations": [item]})


def by_grade(http, registration, **grade):
    body = {"profile_id": registration.profile_id, **grade}
    path = f"/apis/units/units/{registration.unit_id}/grades"
    send(http, "POST", path, body)


def by_offering(http, registration, **body):
    send(http, "PUT", f"{OFFERINGS}/{registration.pk}", body)


# --- Reading, by each door ----------------------------------------------------


def registrations_of_student(http, registration):
    path = f"/apis/registrations/profiles/{registration.profile_id}/registrations"
    return http.get(path).json()


def roster_of_unit(http, registration):
    path = f"/apis/registrations/units/{registration.unit_id}/registrations"
    return http.get(path).json()


def offering_registrations(http, registration):
    path = f"{OFFERINGS}?userId={registration.profile_id}"
    return http.get(path).json()["results"]


def enrollment(http, registration):
    pk = registration.enrollments.get().pk
    return http.get(f"/api/academic/enrollments/{pk}").json()


def shown(http, registration):
    """What each interface shows of a registration and its final grade."""
    (of_student,) = registrations_of_student(http, registration)
    (of_unit,) = roster_of_unit(http, registration)
    (of_offering,) = offering_registrations(http, registration)
    assert of_unit == of_student
    assert http.get(f"{OFFERINGS}/{registration.pk}").json() == of_offering
    final = of_student["grades"][-1]
    return {
        "state": of_student["registration_state"],
        "grade state": of_student["grade_state_name"],
        "awarded": of_student["awarded"],
        "final": (final["value"], final["published"]),
        "status": of_offering["status"],
        "grade": of_offering.get("grade"),
        "final grade": enrollment(http, registration)["final_grade"],
    }


UNGRADED = {
    "state": "registered",
    "grade state": None,
    "awarded": False,
    "final": (None, False),
    "status": "active",
    "grade": None,
    "final grade": None,
}
PASSED = {
    "state": "registered",
    "grade state": "pass",
    "awarded": True,
    "final": ("85", True),
    "status": "passed",
    "grade": 85,
    "final grade": "85",
}
PUBLISHED_85 = {
    "grade_state_name": "pass",
    "grades": [{"name": "final", "value": "85", "published": True}],
}


def test_nothing_is_graded_at_first(http, registration):
    assert shown(http, registration) == UNGRADED


@pytest.mark.parametrize("write", [by_student, by_unit])
def test_a_published_grade_is_read_by_all(http, registration, write):
    write(http, registration, **PUBLISHED_85)
    assert shown(http, registration) == PASSED


@pytest.mark.parametrize("write", [by_student, by_unit])
def test_a_grade_that_is_not_published_is_on_no_enrollment(http, registration, write):
    grade = {"name": "final", "value": "85"}
    write(http, registration, grade_state_name="pass", grades=[grade])
    assert shown(http, registration) == {
        **PASSED,
        "final": ("85", False),
        "final grade": None,
    }


def test_a_grade_by_offering_is_read_by_all(http, registration):
    by_offering(http, registration, grade=85)
    assert shown(http, registration) == {
        **PASSED,
        "final": ("85", False),
        "final grade": None,
    }


def test_a_grade_by_offering_is_published_by_unit(http, registration):
    by_offering(http, registration, grade=85)
    by_unit(http, registration, grades=[{"name": "final", "published": True}])
    assert shown(http, registration) == PASSED


def test_a_grade_by_offering_stays_published(http, registration):
    by_student(http, registration, **PUBLISHED_85)
    by_offering(http, registration, grade=40)
    assert shown(http, registration) == {
        **PASSED,
        "grade state": "fail",
        "awarded": False,
        "final": ("40", True),
        "status": "failed",
        "grade": 40,
        "final grade": "40",
    }


def test_a_single_grade_is_read_by_all_and_decides_nothing(http, registration):
    by_grade(http, registration, grade_name="final", grade_value=85)
    assert shown(http, registration) == {**UNGRADED, "final": ("85", False)}


@pytest.mark.parametrize("write", [by_student, by_unit])
def test_a_grade_that_is_cleared_is_cleared_for_all(http, registration, write):
    by_student(http, registration, **PUBLISHED_85)
    grade = {"name": "final", "value": None}
    write(http, registration, grade_state_name=None, grades=[grade])
    assert shown(http, registration) == UNGRADED


def test_a_resit_is_the_grade_of_record_for_all(http, registration):
    by_student(
        http,
        registration,
        grade_state_name="fail",
        grades=[{"name": "final", "value": "40", "published": True}],
    )
    by_unit(http, registration, grades=[{"name": "final", "resit_value": "55"}])
    assert shown(http, registration) == {
        **PASSED,
        "grade state": "fail",
        "awarded": False,
        "final": ("40", True),
        "status": "failed",
        "grade": 55,
        "final grade": "55",
    }


SHEET = "/admin/grade-sheets/offering"


def test_a_grade_on_the_sheet_is_read_by_all(http, registration):
    seen = json.dumps([[registration.pk, registration.version, {"final": ""}]])
    response = make_admin().post(
        f"{SHEET}/{registration.offering_id}/", {"seen": seen, "value.0.final": "85"}
    )
    assert response.status_code == 302
    assert shown(http, registration) == {**UNGRADED, "final": ("85", False)}


@pytest.mark.parametrize("write", [by_student, by_unit])
def test_a_grade_is_on_the_sheet(http, registration, write):
    write(http, registration, **PUBLISHED_85)
    sheet = make_admin().get(f"{SHEET}/{registration.offering_id}/")
    assert 'value="85"' in sheet.content.decode()


def at_the_desk(action, registration):
    """What the registrar does to the registration, with a reason."""
    form = {"action": action, "_selected_action": registration.pk, "do": "yes"}
    response = make_admin(username=action).post(
        "/admin/registration-actions/", {**form, "reason": "The board decided"}
    )
    assert response.context_data["done"] == 1


def test_a_completion_at_the_desk_is_read_by_all(http, registration):
    by_grade(http, registration, grade_name="final", grade_value=85)
    at_the_desk("complete", registration)
    assert shown(http, registration) == {
        **PASSED,
        "final": ("85", False),
        "final grade": None,
    }


def test_a_publication_at_the_desk_is_on_the_enrollment(http, registration):
    by_offering(http, registration, grade=85)
    selection = Selection(offering_ids=(registration.offering_id,))
    publish(selection, until=timezone.now(), writer=Writer(reason="End of term"))
    assert shown(http, registration) == PASSED


def test_a_withdrawal_at_the_desk_is_an_ejection(http, registration):
    at_the_desk("withdraw", registration)
    assert shown(http, registration) == {
        **UNGRADED,
        "state": "rejected",
        "status": "ejected",
    }
    at_the_desk("reinstate", registration)
    assert shown(http, registration) == UNGRADED


def from_a_file(folder, kind, text):
    path = folder / "rows.csv"
    path.write_text(text)
    call_command("importdata", kind, str(path), "--max-change-percent=100")


def test_a_grade_from_a_file_is_read_by_all(http, registration, tmp_path):
    grades = (
        f"registration,grade_name,value,published\n{registration.pk},final,85,yes\n"
    )
    from_a_file(tmp_path, "grades", grades)
    assert shown(http, registration) == {
        **UNGRADED,
        "final": ("85", True),
        "final grade": "85",
    }
    states = f"id,grade_state\n{registration.pk},pass\n"
    from_a_file(tmp_path, "registrations", states)
    assert shown(http, registration) == PASSED


def test_a_pass_mark_that_is_changed_later_changes_no_outcome(http, registration):
    by_student(http, registration, **PUBLISHED_85)
    by_offering(http, registration, grade=85)
    path = f"/admin/offerings/unitoffering/{registration.offering_id}/change/"
    admin = make_admin()
    form = {**form_of(admin.get(path)), "passing_grade": "90"}
    assert admin.post(path, form).status_code == 302
    assert shown(http, registration) == PASSED
    by_offering(http, registration, grade=85)
    assert shown(http, registration)["status"] == "failed"


def test_a_d_plan_by_task_is_read_by_all(http, registration):
    term, code, source = TermFactory(), DplanCodeFactory(), DplanSourceFactory()
    netid = registration.profile.netid
    entry = {
        "term_code": term.code,
        "dplan_id": code.pk,
        "dplan_source_id": source.pk,
    }
    response = http.patch(
        f"/api/students/{netid}", json.dumps({"dplans": [entry]}), "application/json"
    )
    assert response.status_code == 202
    assert http.get(f"/api/students/{netid}").json()["dplans"] == []
    run_turn(f"students:{netid}")
    (dplan,) = http.get(f"/api/students/{netid}").json()["dplans"]
    assert {name: dplan[name] for name in entry} == entry
    page = make_admin().get(f"/admin/student/{registration.profile_id}/")
    (panel,) = [each for each in page.context_data["panels"] if each.name == "dplans"]
    assert [each.code_id for each in panel.shown["strip"]] == [code.pk]


def test_an_assessment_by_task_is_read_by_all(http, registration):
    pk = registration.enrollments.get().pk
    dates = {"submit_date": "2020-03-05T17:53:46Z", "opt_out_date": None}
    response = http.patch(
        f"/api/academic/enrollments/{pk}",
        json.dumps({"course_assessment": dates}),
        "application/json",
    )
    assert response.status_code == 202
    assert enrollment(http, registration)["course_assessment"] is None
    run_turn(f"enrollments:{pk}")
    assert enrollment(http, registration)["course_assessment"] == dates
    form = make_admin().get(
        f"/admin/student/{registration.profile_id}/assessment/{pk}/"
    )
    assert form.context_data["form"].initial["state"] == "submitted"


def test_an_ejection_is_a_rejection(http, registration):
    by_offering(http, registration, status="ejected")
    assert shown(http, registration) == {
        **UNGRADED,
        "state": "rejected",
        "status": "ejected",
    }


@pytest.mark.parametrize("write", [by_student, by_unit])
def test_a_rejection_is_an_ejection(http, registration, write):
    write(http, registration, registration_state="rejected")
    assert shown(http, registration) == {
        **UNGRADED,
        "state": "rejected",
        "status": "ejected",
    }
    write(http, registration, registration_state="registered")
    assert shown(http, registration) == UNGRADED


def test_a_grade_by_offering_takes_an_ejection_back(http, registration):
    by_student(http, registration, registration_state="rejected")
    by_offering(http, registration, grade=85)
    assert shown(http, registration) == {
        **PASSED,
        "final": ("85", False),
        "final grade": None,
    }


def test_a_conditional_registration_is_on_no_offering_yet(http, registration):
    by_student(http, registration, registration_state="conditional")
    assert offering_registrations(http, registration) == []
    assert http.get(f"{OFFERINGS}/{registration.pk}").status_code == 404
    (of_unit,) = roster_of_unit(http, registration)
    assert of_unit["registration_state"] == "conditional"
    by_unit(http, registration, registration_state="registered")
    assert shown(http, registration) == UNGRADED


def test_a_registration_by_student_is_on_its_offering(http, registration):
    other = ProfileFactory(intake=registration.intake)
    path = f"/apis/registrations/profiles/{other.pk}/registrations"
    item = {"unit_id": registration.unit_id, "context_id": registration.intake_id}
    send(http, "POST", path, {"registrations": [item]})
    made = Registration.objects.get(profile=other)
    (of_offering,) = offering_registrations(http, made)
    assert of_offering["offeringId"] == registration.offering_id
    assert offering(http, registration)["studentsCount"] == 2


def test_a_registration_by_offering_is_the_students(http, registration):
    other = ProfileFactory(intake=registration.intake)
    body = {"userId": other.pk, "offeringId": registration.offering_id}
    location = send(http, "POST", OFFERINGS, body)["Location"]
    made = Registration.objects.get(profile=other)
    assert location == f"{OFFERINGS}/{made.pk}"
    (of_student,) = registrations_of_student(http, made)
    assert of_student["transcript_subject_id"] == registration.intake_id
    assert {row["id"] for row in roster_of_unit(http, made)} == {
        registration.pk,
        made.pk,
    }
    assert offering(http, registration)["studentsCount"] == 2


def test_a_retake_is_the_attempt_that_grades_go_to(http, registration):
    by_student(
        http,
        registration,
        grade_state_name="fail",
        grades=[{"name": "final", "value": "40", "published": True}],
    )
    body = {"userId": registration.profile_id, "offeringId": registration.offering_id}
    retake = send(http, "POST", OFFERINGS, body)["Location"].rpartition("/")[2]
    by_student(http, registration, **PUBLISHED_85)
    first, second = offering_registrations(http, registration)
    assert (first["id"], first["status"], first["grade"]) == (
        registration.pk,
        "failed",
        40,
    )
    assert (second["id"], second["status"], second["grade"]) == (retake, "passed", 85)
    assert enrollment(http, registration)["final_grade"] == "40"
    assert offering(http, registration)["studentsCount"] == 1


def offering(http, registration):
    path = f"/api/v1/unit-offerings/{registration.offering_id}"
    return http.get(path).json()["offering"]


def test_a_version_by_offering_is_the_title_of_its_registrations(http, registration):
    version = UnitVersionFactory(
        unit=registration.unit, version_number=2, title="New name"
    )
    path = f"/api/v1/unit-offerings/{registration.offering_id}"
    send(http, "PATCH", path, {"unitVersionId": version.pk})
    (of_offering,) = offering_registrations(http, registration)
    assert of_offering["title"] == "New name"


def statuses(http, registration):
    """How each interface answers for one registration and its student."""
    profile, enrolled = registration.profile, registration.enrollments.get()
    paths = [
        f"/apis/registrations/profiles/{profile.pk}/registrations",
        f"{OFFERINGS}/{registration.pk}",
        f"/api/academic/enrollments/{enrolled.pk}",
        f"/api/students/{profile.netid}",
    ]
    return [http.get(path).status_code for path in paths]


def counts(http, registration):
    """How many each interface lists."""
    return [
        len(roster_of_unit(http, registration)),
        len(offering_registrations(http, registration)),
        len(http.get("/api/academic/enrollments").json()),
        len(http.get("/api/students").json()),
        offering(http, registration)["studentsCount"],
    ]


def test_a_hold_hides_from_all(http, registration):
    assert statuses(http, registration) == [200, 200, 200, 200]
    assert counts(http, registration) == [1, 1, 1, 1, 1]
    admin, url = make_admin(), f"/admin/students/profile/{registration.profile_id}"
    form = form_of(admin.get(f"{url}/change/"))
    response = admin.post(f"{url}/change/", {**form, "is_confidential": "on"})
    assert response.status_code == 302
    assert statuses(http, registration) == [404, 404, 404, 404]
    assert counts(http, registration) == [0, 0, 0, 0, 0]


def test_who_may_see_held_people_grades_them_for_all_who_may(registration):
    registration.profile.is_confidential = True
    registration.profile.save()
    http = http_of(*SCOPES)
    by_student(http, registration, **PUBLISHED_85)
    assert shown(http, registration) == PASSED
    assert counts(http, registration) == [1, 1, 1, 1, 1]
