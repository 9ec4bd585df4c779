import pytest

from access.scopes import LECTURER
from offerings.models import UnitOffering
from tests.factories import EnrollmentFactory, RegistrationFactory, UnitOfferingFactory

IN_USE = {
    "error": "Conflict",
    "message": (
        "Cannot delete unit offering with enrolled students or existing assessments. "
        "Consider archiving instead."
    ),
    "statusCode": 409,
}


def test_it_deletes(send):
    offering = UnitOfferingFactory()
    response = send("DELETE", f"/{offering.pk}")
    assert response.status_code == 200
    assert response.json() == {
        "message": "Unit offering deleted successfully",
        "success": True,
    }
    assert not UnitOffering.objects.exists()


@pytest.mark.parametrize("is_confidential", [False, True])
def test_it_keeps_one_that_has_registrations(send, is_confidential):
    offering = UnitOfferingFactory()
    RegistrationFactory(offering=offering, profile__is_confidential=is_confidential)
    response = send("DELETE", f"/{offering.pk}")
    assert (response.status_code, response.json()) == (409, IN_USE)
    assert UnitOffering.objects.exists()


@pytest.mark.parametrize("is_confidential", [False, True])
def test_it_keeps_one_that_has_enrollments(send, is_confidential):
    enrollment = EnrollmentFactory(profile__is_confidential=is_confidential)
    response = send("DELETE", f"/{enrollment.offering_id}")
    assert (response.status_code, response.json()) == (409, IN_USE)
    assert UnitOffering.objects.exists()


def test_it_says_404_of_one_that_does_not_exist(send):
    response = send("DELETE", "/nowhere")
    assert response.status_code == 404
    assert response.json()["message"] == "Unit offering not found"


def test_it_says_403_to_a_lecturer(send, http_of):
    offering = UnitOfferingFactory()
    http = http_of(LECTURER, lecturer_id=offering.lecturer_id)
    response = send("DELETE", f"/{offering.pk}", of=http)
    assert response.status_code == 403
    assert response.json() == {
        "error": "Forbidden",
        "message": "Insufficient permissions. Admin role required.",
        "statusCode": 403,
    }
    assert UnitOffering.objects.exists()


def test_it_says_412_of_a_version_that_is_not_the_last(send):
    offering = UnitOfferingFactory()
    response = send("DELETE", f"/{offering.pk}", **{"If-Match": '"2"'})
    assert response.status_code == 412
    assert UnitOffering.objects.exists()


def test_a_dry_run_deletes_nothing(send):
    offering = UnitOfferingFactory()
    response = send("DELETE", f"/{offering.pk}?dry_run=true")
    assert (response.status_code, response["Dry-Run"]) == (200, "true")
    assert UnitOffering.objects.exists()
