"""What other rows rest on stays as it is in the admin, as it does in a file."""

import pytest

from tests.config.test_admin import form_of
from tests.factories import (
    CourseFactory,
    CourseIntakeFactory,
    GradeStateFactory,
    RegistrationFactory,
    UnitFactory,
    UnitOfferingFactory,
)
from tests.staff import make_admin

pytestmark = pytest.mark.django_db


def changed(row, **values):
    label = row._meta.label_lower.replace(".", "/")
    http, url = make_admin(), f"/admin/{label}/{row.pk}/change/"
    return http.post(url, form_of(http.get(url)) | values)


def registered():
    offering = UnitOfferingFactory()
    return RegistrationFactory(
        offering=offering,
        unit=offering.unit_version.unit,
        intake=offering.course_intake,
        grade_state=GradeStateFactory(name="pass"),
    )


RESTED_ON = [
    (lambda it: it.unit, "course", "people are registered on the unit"),
    (lambda it: it.intake, "course", "people are registered on the intake"),
    (lambda it: it.offering.unit_version, "unit", "the version is offered"),
    (lambda it: it.grade_state, "outcome", "registrations are in this state"),
]
NEW = {
    "course": lambda: CourseFactory().pk,
    "unit": lambda: UnitFactory().pk,
    "outcome": lambda: "failed",
}


@pytest.mark.parametrize(("of", "name", "why"), RESTED_ON)
def test_it_cannot_change_while_others_rest_on_it(of, name, why):
    row = of(registered())
    before = type(row).objects.filter(pk=row.pk).values().get()

    response = changed(row, **{name: NEW[name]()})

    assert f"It cannot change: {why}." in response.content.decode()
    assert type(row).objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize(("name", "new"), [("name", "2031"), ("course", None)])
def test_what_nobody_rests_on_changes(name, new):
    intake, value = CourseIntakeFactory(), new or CourseFactory().pk

    assert changed(intake, **{name: value}).status_code == 302

    assert type(intake).objects.filter(pk=intake.pk, **{name: value}).exists()
