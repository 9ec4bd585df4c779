"""What holds for every page of the admin."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from access.models import Disclosure
from config.history import last_change
from offerings.models import Course, Term, UnitOffering
from registrations.models import Registration
from students.models import Profile
from tests.factories import (
    CourseFactory,
    CourseIntakeFactory,
    DplanCodeFactory,
    DplanFactory,
    EnrollmentFactory,
    GradeFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    TermFactory,
    UnitFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
)
from tests.staff import make_admin, make_staff, signed_in

pytestmark = pytest.mark.django_db

MODELS = [model._meta.label_lower for model in admin.site._registry]
FACTORIES = [
    CourseFactory,
    CourseIntakeFactory,
    DplanCodeFactory,
    DplanFactory,
    EnrollmentFactory,
    GradeStateFactory,
    ProfileFactory,
    RegistrationFactory,
    TermFactory,
    UnitFactory,
    UnitOfferingFactory,
    UnitVersionFactory,
]


def url_of(model, action, *args):
    label = getattr(model, "_meta", None)
    label = label.label_lower if label else model
    return reverse(f"admin:{label.replace('.', '_')}_{action}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_it_lists_every_model_whatever_is_asked(model):
    response = make_admin().get(url_of(model, "changelist") + "?q=%27%25_")
    assert response.status_code == 200


@pytest.mark.parametrize("query", ["", "?q=any", "?q=%00", "?p=9"])
def test_it_lists_people_whatever_is_asked(query):
    response = make_admin().get(url_of(Profile, "changelist") + query)
    assert response.status_code in (200, 302)


@pytest.mark.parametrize("factory", FACTORIES)
def test_it_shows_one_of_every_model(factory):
    row = factory()
    response = make_admin().get(url_of(type(row), "change", row.pk))
    assert response.status_code == 200


@pytest.mark.parametrize("factory", FACTORIES)
def test_it_shows_one_of_every_model_to_who_may_only_look(factory):
    row = factory()
    looker = make_staff(f"{row._meta.app_label}.view_{row._meta.model_name}")
    response = signed_in(looker).get(url_of(type(row), "change", row.pk))
    assert response.status_code == 200


@pytest.mark.parametrize("pk", ["absent", "_00", "%C3%A9", "x" * 300])
def test_it_says_that_nothing_is_there(pk):
    response = make_admin().get(url_of(Profile, "changelist") + f"{pk}/change/")
    assert response.status_code == 404


@pytest.mark.parametrize("model", MODELS)
def test_it_shows_no_page_to_staff_without_permissions(model):
    response = signed_in(make_staff()).get(url_of(model, "changelist"))
    assert response.status_code == 403


def test_it_sends_whoever_is_not_signed_in_to_the_login():
    client = signed_in(make_staff())
    client.logout()
    response = client.get(url_of(Profile, "changelist"))
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def form_of(page) -> dict:
    """The fields of a change form, as a browser would send them back."""
    formsets = [inline.formset for inline in page.context_data["inline_admin_formsets"]]
    parts = [page.context_data["adminform"].form]
    parts += [part for formset in formsets for part in formset.forms]
    parts += [formset.management_form for formset in formsets]
    values = {field.html_name: field.value() for part in parts for field in part}
    given = {name: value for name, value in values.items() if value is not None}
    return {name: value for name, value in given.items() if value is not False}


def test_it_records_who_changed_a_person_and_why():
    profile = ProfileFactory(last_name="Hopper")
    client = make_admin()
    url = url_of(Profile, "change", profile.pk)
    form = form_of(client.get(url)) | {"last_name": "Murray", "reason": "Her name"}

    response = client.post(url, form, headers={"X-Request-Id": "desk-1"})

    assert response.status_code == 302
    profile.refresh_from_db()
    assert (profile.last_name, profile.version) == ("Murray", 2)
    assert last_change(profile).pgh_context.metadata == {
        "actor": {"staff": "registrar"},
        "door": "admin",
        "request_id": "desk-1",
        "reason": "Her name",
    }


def test_it_shows_what_somebody_else_changed_meanwhile_and_overwrites_nothing():
    profile = ProfileFactory(last_name="Hopper", first_name="Grace")
    mine, theirs = make_admin(), make_admin("other")
    url = url_of(Profile, "change", profile.pk)
    seen = form_of(mine.get(url))
    theirs.post(url, form_of(theirs.get(url)) | {"last_name": "Murray"})

    response = mine.post(url, seen | {"first_name": "Amazing"})

    assert response.status_code == 200
    assert response.context_data["adminform"].form.non_field_errors() == [
        "Changed meanwhile by other: last name is now “Murray”. Nothing was saved. "
        "Open the page again to see it as it is now."
    ]
    profile.refresh_from_db()
    assert (profile.first_name, profile.last_name) == ("Grace", "Murray")


def test_it_shows_that_a_row_of_a_table_changed_meanwhile():
    grade = GradeFactory().column
    client = make_admin()
    url = url_of(type(grade.unit), "change", grade.unit_id)
    seen = form_of(client.get(url))
    type(grade).objects.filter(pk=grade.pk).update(label="Mark")

    response = client.post(url, seen | {"grade_columns-0-label": "Result"})

    assert response.status_code == 200
    grade.refresh_from_db()
    assert grade.label == "Mark"


def test_it_keeps_the_scale_of_a_column_that_has_grades():
    column = GradeFactory().column
    client = make_admin()
    url = url_of(type(column.unit), "change", column.unit_id)

    response = client.post(
        url, form_of(client.get(url)) | {"grade_columns-0-maximum": "20"}
    )

    assert response.context_data["inline_admin_formsets"][0].non_form_errors() == [
        "“Final grade” has grades: its name and scale stay as they are."
    ]
    column.refresh_from_db()
    assert column.maximum == 100


def test_it_logs_whose_record_was_shown_to_whom():
    profile = ProfileFactory()
    make_admin().get(url_of(Profile, "change", profile.pk))
    row = Disclosure.objects.get()
    assert (row.staff, row.door, row.what, row.profile_ids) == (
        "registrar",
        "admin",
        "students_profile_change",
        [profile.pk],
    )


def test_it_refuses_to_delete_what_others_need_with_a_sentence():
    course = CourseIntakeFactory().course
    response = make_admin().post(url_of(Course, "delete", course.pk), {"post": "yes"})
    assert "There are course intakes of it." in response.content.decode()
    assert Course.objects.filter(pk=course.pk).exists()


def test_it_deletes_what_nobody_needs():
    course = CourseFactory()
    response = make_admin().post(url_of(Course, "delete", course.pk), {"post": "yes"})
    assert response.status_code == 302
    assert not Course.objects.filter(pk=course.pk).exists()


@pytest.fixture
def held():
    """Somebody under privacy hold, with a record."""
    profile = ProfileFactory(is_confidential=True, netid="f0hold1", last_name="Unseen")
    registration = RegistrationFactory(profile=profile)
    GradeFactory(registration=registration)
    DplanFactory(profile=profile)
    EnrollmentFactory(profile=profile)
    return profile


LOOKER = [
    "students.view_profile",
    "students.view_dplan",
    "registrations.view_registration",
    "enrollments.view_enrollment",
]
PAGES = [
    "students.profile",
    "students.dplan",
    "registrations.registration",
    "enrollments.enrollment",
]


@pytest.mark.parametrize("model", PAGES)
@pytest.mark.parametrize("query", ["", "?q=f0hold1"])
def test_it_hides_people_under_hold_in_lists_and_searches(held, model, query):
    response = signed_in(make_staff(*LOOKER)).get(url_of(model, "changelist") + query)
    assert response.status_code == 200
    assert response.context_data["cl"].result_count == 0
    assert b"f0hold1" not in response.content.replace(b'value="f0hold1"', b"")


@pytest.mark.parametrize("model", PAGES)
@pytest.mark.parametrize("query", ["?q=Unseen"])
def test_it_shows_people_under_hold_to_who_may_see_them(held, model, query):
    staff = make_staff(*LOOKER, "students.see_held")
    response = signed_in(staff).get(url_of(model, "changelist") + query)
    assert response.context_data["cl"].result_count == 1


def without_token(page: bytes) -> bytes:
    return re.sub(rb'(csrfmiddlewaretoken" value=")[^"]+', rb"\1", page)


@pytest.mark.parametrize("model", PAGES)
def test_it_answers_for_a_person_under_hold_as_for_one_who_is_absent(held, model):
    row = apps.get_model(model).objects.get()
    client = signed_in(make_staff(*LOOKER))

    response = client.get(url_of(model, "change", row.pk))
    absent = client.get(url_of(model, "change", "absent"))

    assert (response.status_code, absent.status_code) == (404, 404)
    assert without_token(response.content) == without_token(absent.content)


@pytest.fixture
def lecturer():
    return make_staff("registrations.grade_own", username="ada")


def test_it_shows_lecturers_the_registrations_of_their_offerings_only(lecturer):
    own = UnitOfferingFactory(lecturer__user=lecturer)
    mine = RegistrationFactory(offering=own, profile__is_confidential=True)
    RegistrationFactory(offering=UnitOfferingFactory())
    other = RegistrationFactory()
    client = signed_in(lecturer)

    listed = client.get(url_of(Registration, "changelist")).context_data["cl"]
    offerings = client.get(url_of(UnitOffering, "changelist")).context_data["cl"]

    assert [row.pk for row in listed.result_list] == [mine.pk]
    assert [row.pk for row in offerings.result_list] == [own.pk]
    assert client.get(url_of(Registration, "change", mine.pk)).status_code == 200
    assert client.get(url_of(Registration, "change", other.pk)).status_code == 404
    assert client.get(url_of(Profile, "changelist")).status_code == 403


@pytest.mark.parametrize(
    "factory",
    [
        RegistrationFactory,
        EnrollmentFactory,
        ProfileFactory,
        DplanFactory,
        UnitOfferingFactory,
    ],
)
def test_it_asks_as_often_for_many_rows_as_for_one(factory):
    client = make_admin()
    url = url_of(factory._meta.model, "changelist")
    factory()
    client.get(url)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(url)
    factory.create_batch(10)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(one)
    assert len(one) <= 8


def test_it_saves_terms():
    term = TermFactory(name="Fall")
    client = make_admin()
    url = url_of(Term, "change", term.pk)
    client.post(url, form_of(client.get(url)) | {"name": "Autumn"})
    term.refresh_from_db()
    assert (term.name, term.version) == ("Autumn", 2)
