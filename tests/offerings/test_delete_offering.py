import pytest

from config.errors import StaleVersion
from offerings.errors import OfferingInUse, OfferingNotFound
from offerings.models import UnitOffering
from offerings.operations import delete_offering
from tests.factories import (
    EnrollmentFactory,
    RegistrationFactory,
    UnitOfferingFactory,
)

pytestmark = pytest.mark.django_db


def test_it_deletes_an_offering_that_nobody_is_on():
    offering = UnitOfferingFactory()
    delete_offering(offering_id=offering.pk)
    assert not UnitOffering.objects.exists()
    assert [
        *UnitOffering.pgh_event_model.objects.order_by("pgh_id").values_list(
            "pgh_label", flat=True
        )
    ] == ["insert", "delete"]


@pytest.mark.parametrize("is_confidential", [False, True])
def test_it_keeps_one_with_a_registration(is_confidential):
    registration = RegistrationFactory(
        offering=UnitOfferingFactory(), profile__is_confidential=is_confidential
    )
    with pytest.raises(OfferingInUse):
        delete_offering(offering_id=registration.offering_id)
    assert UnitOffering.objects.exists()


@pytest.mark.parametrize("is_confidential", [False, True])
def test_it_keeps_one_with_an_enrollment(is_confidential):
    enrollment = EnrollmentFactory(profile__is_confidential=is_confidential)
    with pytest.raises(OfferingInUse):
        delete_offering(offering_id=enrollment.offering_id)
    assert UnitOffering.objects.exists()


def test_it_refuses_one_that_does_not_exist():
    with pytest.raises(OfferingNotFound):
        delete_offering(offering_id="nowhere")


def test_it_refuses_a_version_that_is_not_the_last():
    offering = UnitOfferingFactory()
    with pytest.raises(StaleVersion):
        delete_offering(offering_id=offering.pk, expected_versions=frozenset({2}))
    assert UnitOffering.objects.exists()
