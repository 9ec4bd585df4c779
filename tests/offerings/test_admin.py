"""An offering in the admin is written by the operations of the interface."""

import pytest

from config.history import last_change
from offerings.models import UnitOffering
from tests.config.test_admin import form_of
from tests.factories import (
    CourseIntakeFactory,
    EnrollmentFactory,
    RegistrationFactory,
    SectionFactory,
    TermFactory,
    UnitOfferingFactory,
)
from tests.staff import make_admin

pytestmark = pytest.mark.django_db

URL = "/admin/offerings/unitoffering"


def changed(offering, **values):
    http, url = make_admin(), f"{URL}/{offering.pk}/change/"
    return http.post(url, form_of(http.get(url)) | values)


def test_it_changes_an_offering(stored):
    offering = UnitOfferingFactory(code="CS101")
    before = stored(offering.pk)
    response = changed(offering, code="CS102", passing_grade="60")
    assert response.status_code == 302
    after = stored(offering.pk)
    assert after == {
        **before,
        "code": "CS102",
        "passing_grade": 60,
        "version": 2,
        "updated_at": after["updated_at"],
    }
    assert after["updated_at"] > before["updated_at"]
    assert last_change(offering).pgh_context.metadata["actor"] == {"staff": "registrar"}


def test_it_makes_an_offering(stored):
    like = stored(UnitOfferingFactory().pk)
    http = make_admin()
    form = form_of(http.get(f"{URL}/add/"))
    columns = ("unit_version", "course_intake", "lecturer", "semester")
    related = {name: like[f"{name}_id"] for name in columns}
    response = http.post(f"{URL}/add/", {**form, **related, "code": "CS200"})
    assert response.status_code == 302
    made = UnitOffering.objects.get(code="CS200")
    assert stored(made.pk) == {
        **like,
        "id": made.pk,
        "code": "CS200",
        "personalized_outline": "",
        "created_at": made.created_at,
        "updated_at": made.updated_at,
    }


def test_it_keeps_an_offering_with_the_intake_of_its_registrations(stored):
    offering = UnitOfferingFactory()
    RegistrationFactory(offering=offering)
    before = stored(offering.pk)
    response = changed(offering, course_intake=CourseIntakeFactory().pk)
    assert response.status_code == 409
    assert b"cannot be moved to another intake" in response.content
    assert stored(offering.pk) == before


@pytest.mark.parametrize(
    ("section_id", "sentence"),
    [
        ("AAAS.010", b"has fewer than 4 parts"),
        ("AAAS.010.01-202002-U-10188", b"names another term"),
        ("AAAS.010.01-202001-V-10188", b"names another term"),
    ],
)
def test_it_refuses_a_section_that_is_none_or_of_another_term(
    stored, section_id, sentence
):
    offering = UnitOfferingFactory(
        semester=TermFactory(code="202001"), part_of_term="U"
    )
    before = stored(offering.pk)
    response = changed(offering, section_id=section_id)
    assert response.status_code == 409
    assert sentence in response.content
    assert stored(offering.pk) == before


def test_it_makes_an_offering_a_section(stored):
    offering = UnitOfferingFactory(semester=TermFactory(code="202001"))
    section_id = "AAAS.010.05.01-202001-U-10188"
    response = changed(offering, section_id=section_id, part_of_term="U")
    assert response.status_code == 302
    assert stored(offering.pk)["section_id"] == section_id


def test_it_keeps_the_id_of_a_section_that_enrollments_bear(stored):
    section = SectionFactory(semester=TermFactory(code="202001"))
    EnrollmentFactory(offering=section)
    before = stored(section.pk)
    response = changed(section, section_id="AAAS.010.01-202001-U-99999")
    assert response.status_code == 409
    assert stored(section.pk) == before


@pytest.mark.parametrize("factory", [RegistrationFactory, EnrollmentFactory])
def test_it_keeps_an_offering_that_somebody_is_on(factory):
    offering = SectionFactory()
    factory(offering=offering)
    response = make_admin().post(f"{URL}/{offering.pk}/delete/", {"post": "yes"})
    assert response.status_code != 302
    assert UnitOffering.objects.filter(pk=offering.pk).exists()
