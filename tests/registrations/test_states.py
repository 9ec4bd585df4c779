"""What staff, and course delivery, do to the state of registrations."""

from datetime import UTC, datetime

import pytest

from config.errors import StaleVersion
from registrations import operations
from registrations.errors import NotRegistered, WrongStatus
from registrations.models import Registration
from registrations.rows import Status
from tests.factories import GradeFactory, GradeStateFactory, RegistrationFactory
from tests.registrations.records import stored

pytestmark = pytest.mark.django_db

PAST = datetime(2020, 1, 6, tzinfo=UTC)


def standing(status):
    """A registration in that status, with a final grade of 85."""
    attributes = {
        Status.CONDITIONAL: {"state": "conditional"},
        Status.ACTIVE: {},
        Status.PASSED: {"grade_state": GradeStateFactory(name="pass")},
        Status.FAILED: {"grade_state": GradeStateFactory(name="fail")},
        Status.EJECTED: {"state": "rejected", "ejected_at": PAST, "ended_at": PAST},
    }[status]
    registration = RegistrationFactory(**attributes)
    GradeFactory(registration=registration)
    return registration


@pytest.mark.parametrize(
    ("operation", "before", "after"),
    [
        ("approve", Status.CONDITIONAL, Status.ACTIVE),
        ("reject", Status.CONDITIONAL, Status.EJECTED),
        ("withdraw", Status.ACTIVE, Status.EJECTED),
        ("reinstate", Status.EJECTED, Status.ACTIVE),
        ("complete", Status.ACTIVE, Status.PASSED),
    ],
)
def test_it_brings_each_to_its_status(operation, before, after, grade_states, writer):
    ids = [standing(before).pk, standing(before).pk]
    results = getattr(operations, operation)(registration_ids=ids, writer=writer)
    assert [result.registration.status for result in results] == [after, after]
    assert [result.registration.id for result in results] == ids


@pytest.mark.parametrize(
    ("operation", "status"),
    [
        ("approve", Status.ACTIVE),
        ("approve", Status.EJECTED),
        ("approve", Status.PASSED),
        ("reject", Status.ACTIVE),
        ("reject", Status.EJECTED),
        ("withdraw", Status.CONDITIONAL),
        ("withdraw", Status.PASSED),
        ("withdraw", Status.FAILED),
        ("withdraw", Status.EJECTED),
        ("reinstate", Status.ACTIVE),
        ("reinstate", Status.CONDITIONAL),
        ("complete", Status.PASSED),
        ("complete", Status.EJECTED),
    ],
)
def test_it_refuses_those_in_another_status(operation, status, grade_states, writer):
    registration = standing(status)
    before = stored()
    (result,) = getattr(operations, operation)(
        registration_ids=[registration.pk], writer=writer
    )
    assert isinstance(result.error, WrongStatus)
    assert stored() == before


def test_it_says_which_it_does_not_know(writer):
    known = standing(Status.ACTIVE)
    results = operations.withdraw(registration_ids=["nothing", known.pk], writer=writer)
    assert isinstance(results[0].error, NotRegistered)
    assert Registration.objects.get().state == "rejected"


def test_it_ejects_without_a_grade(writer):
    registration = RegistrationFactory()
    row = operations.eject(registration_id=registration.pk, writer=writer)
    registration.refresh_from_db()
    assert (registration.state, registration.version) == ("rejected", 2)
    assert registration.ejected_at == registration.ended_at == row.updated_at
    assert (registration.grade_state_id, registration.grader_id) == (None, None)
    assert not registration.grades.exists()


def test_it_ejects_the_version_that_was_expected_only(writer):
    registration = RegistrationFactory()
    with pytest.raises(StaleVersion):
        operations.eject(
            registration_id=registration.pk,
            writer=writer,
            expected_versions=frozenset({2}),
        )
    operations.eject(
        registration_id=registration.pk,
        writer=writer,
        expected_versions=frozenset({1}),
    )
    assert Registration.objects.get().state == "rejected"
