"""The grade sheet, as the server keeps it: whatever a form may send."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.models import Disclosure
from config.history import last_change
from registrations.models import Grade
from tests.factories import (
    GradeColumnFactory,
    GradeFactory,
    ProfileFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def offering():
    offering = UnitOfferingFactory()
    GradeColumnFactory(unit=offering.unit_version.unit)
    return offering


def make_registration(offering, **attributes):
    return RegistrationFactory(
        offering=offering,
        unit=offering.unit_version.unit,
        intake=offering.course_intake,
        **attributes,
    )


def make_grade(registration, value="60", **attributes):
    column = registration.unit.grade_columns.get(name="final")
    return GradeFactory(
        registration=registration, column=column, value=value, **attributes
    )


def url_of(offering):
    return f"/admin/grade-sheets/offering/{offering.pk}/"


def seen(*rows):
    return json.dumps([[row.pk, row.version, {"final": was}] for row, was in rows])


def typed(client, offering, rows, **values):
    form = {"seen": seen(*rows), **values}
    return client.post(url_of(offering), form)


def test_it_saves_a_grade_that_waits_to_be_published(offering):
    registration = make_registration(offering)
    grade = make_grade(registration, "60", published=True)

    response = typed(
        make_admin(), offering, [(registration, "60")], **{"value.0.final": " 75 "}
    )

    assert (response.status_code, response["Location"]) == (302, url_of(offering))
    grade.refresh_from_db()
    assert (grade.value, grade.published) == ("75", False)
    context = last_change(registration).pgh_context.metadata
    assert (context["actor"], context["door"]) == ({"staff": "registrar"}, "admin")


def test_it_clears_a_grade(offering):
    registration = make_registration(offering)
    grade = make_grade(registration)
    rows = [(registration, "60")]
    typed(make_admin(), offering, rows, **{"value.0.final": ""})
    grade.refresh_from_db()
    assert grade.value is None


def test_it_leaves_alone_what_was_not_typed_over(offering):
    registration = make_registration(offering)
    make_grade(registration, "60", published=True)
    rows = [(registration, "60")]
    typed(make_admin(), offering, rows, **{"value.0.final": "60"})
    registration.refresh_from_db()
    assert registration.version == 1


def test_it_refuses_a_row_and_saves_the_others(offering):
    first, second = make_registration(offering), make_registration(offering)
    make_grade(first, "60")
    rows = [(first, "60"), (second, "")]

    response = typed(
        make_admin(),
        offering,
        rows,
        **{"value.0.final": "101", "value.1.final": "70"},
    )

    assert response.status_code == 200
    lines = response.context_data["sheet"].lines
    line = next(each for each in lines if each.registration.pk == first.pk)
    assert (line.cells[0].typed, line.cells[0].error) == (
        "101",
        "'101' is not a number from 0 to 100 with at most 6 decimals.",
    )
    values = Grade.objects.order_by("registration__created_at")
    assert [*values.values_list("value", flat=True)] == ["60", "70"]


def test_it_overwrites_nothing_that_it_did_not_show(offering):
    registration = make_registration(offering, version=2)
    grade = make_grade(registration, "60")
    registration.version = 1
    rows = [(registration, "")]

    response = typed(make_admin(), offering, rows, **{"value.0.final": "75"})

    (line,) = response.context_data["sheet"].lines
    assert line.error.startswith("Changed meanwhile by ")
    assert "Final grade is now “60”" in line.error
    grade.refresh_from_db()
    assert grade.value == "60"


def test_it_ignores_registrations_that_are_not_on_the_sheet(offering):
    elsewhere = UnitOfferingFactory(unit_version=offering.unit_version)
    other = make_registration(elsewhere)
    response = typed(make_admin(), offering, [(other, "")], **{"value.0.final": "75"})
    assert response.status_code == 302
    assert not Grade.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "{}",
        "[1]",
        "[[1]]",
        '[["a", "b", 1]]',
        "[[null, 1, {}]]",
        "[[1, 1e999, {}]]",
        "[" * 100_000,
    ],
)
def test_it_takes_no_harm_from_a_form_that_it_did_not_make(offering, text):
    make_registration(offering)
    response = make_admin().post(
        url_of(offering), {"seen": text, "value.0.final": "75"}
    )
    assert response.status_code == 302
    assert not Grade.objects.exists()


def test_it_asks_for_a_reason_in_a_term_that_is_closed(offering):
    offering.semester.grades_closed_at = timezone.now()
    offering.semester.save()
    registration = make_registration(offering)
    rows, value = [(registration, "")], {"value.0.final": "75"}
    client = make_admin()

    without = typed(client, offering, rows, **value)
    assert without.context_data["sheet"].lines[0].error == (
        "The term is closed for grades: a late change needs a reason."
    )
    given = typed(client, offering, rows, **value, reason="Appeal granted")
    assert given.status_code == 302
    assert Grade.objects.get().value == "75"


def test_it_keeps_a_closed_term_closed_for_who_may_not_grade_late(offering):
    offering.semester.grades_closed_at = timezone.now()
    offering.semester.save()
    registration = make_registration(offering)
    staff = make_staff(
        "registrations.view_registration",
        "registrations.change_registration",
        "offerings.view_unitoffering",
    )
    rows = [(registration, "")]
    typed(signed_in(staff), offering, rows, **{"value.0.final": "75"}, reason="Please")
    assert not Grade.objects.exists()


LOOKING = ["registrations.view_registration", "offerings.view_unitoffering"]


def test_it_lets_auditors_look_and_change_nothing(offering):
    registration = make_registration(offering)
    client = signed_in(make_staff(*LOOKING, "students.see_held"))
    assert client.get(url_of(offering)).context_data["is_editable"] is False
    response = typed(client, offering, [(registration, "")], **{"value.0.final": "75"})
    assert response.status_code == 403
    assert not Grade.objects.exists()


def test_it_leaves_out_people_under_hold_for_who_may_not_see_them(offering):
    make_registration(offering, profile=ProfileFactory(is_confidential=True))
    registration = make_registration(offering)
    client = signed_in(make_staff(*LOOKING))
    sheet = client.get(url_of(offering)).context_data["sheet"]
    assert [line.registration.pk for line in sheet.lines] == [registration.pk]
    listed = client.get("/admin/grade-sheets/?term=").context_data["offerings"]
    assert [(row["students"], row["missing"]) for row in listed] == [(1, 1)]


def test_it_is_not_there_for_a_lecturer_who_does_not_teach_it(offering):
    lecturer = make_staff("registrations.grade_own")
    registration = make_registration(offering)
    client = signed_in(lecturer)
    assert client.get(url_of(offering)).status_code == 404
    intake = offering.course_intake_id
    unit = offering.unit_version.unit_id
    address = f"/admin/grade-sheets/unit/{unit}/intake/{intake}/"
    assert client.get(address).status_code == 404
    rows = [(registration, "")]
    assert typed(client, offering, rows, **{"value.0.final": "75"}).status_code == 404
    assert client.get("/admin/grade-sheets/").context_data["offerings"] == []


def test_it_is_not_there_for_staff_without_grades(offering):
    staff = make_staff("students.view_profile")
    assert signed_in(staff).get(url_of(offering)).status_code == 403


def test_it_shows_an_intake_of_a_unit_whatever_the_offering(offering):
    registration = make_registration(offering)
    loose = RegistrationFactory(
        unit=registration.unit,
        intake=offering.course_intake,
        course=registration.course,
    )
    address = (
        f"/admin/grade-sheets/unit/{registration.unit_id}"
        f"/intake/{offering.course_intake_id}/"
    )
    sheet = make_admin().get(address).context_data["sheet"]
    assert {line.registration.pk for line in sheet.lines} == {
        registration.pk,
        loose.pk,
    }


def test_it_logs_whose_grades_it_showed(offering):
    registration = make_registration(offering)
    make_admin().get(url_of(offering))
    row = Disclosure.objects.get()
    assert (row.staff, row.what, row.profile_ids) == (
        "registrar",
        "grade_sheet",
        [registration.profile_id],
    )


def test_it_asks_as_often_for_300_students_as_for_one(offering):
    client = make_admin()
    make_grade(make_registration(offering))
    client.get(url_of(offering))
    with CaptureQueriesContext(connection) as one:
        client.get(url_of(offering))
    for registration in [make_registration(offering) for _ in range(299)]:
        make_grade(registration)
    with CaptureQueriesContext(connection) as many:
        client.get(url_of(offering))
    assert len(many) == len(one)
    assert len(one) <= 12
