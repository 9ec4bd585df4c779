"""Registering profiles for an offering."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from config.errors import DomainError, SeveralInvalid
from offerings.models import UnitOffering
from offerings.operations import keep_in_place
from registrations import record
from registrations.changes import Result, Target, Writer
from registrations.errors import (
    AlreadyRegistered,
    NoRetake,
    NotTheirs,
    RegistrationClosed,
    UnknownOffering,
    UnknownProfile,
)
from registrations.operations.changing import only, until_made
from registrations.rows import Row, blank, offering_row
from students.models import Profile


def register(*, profile_id: str, offering_id: str, writer: Writer) -> Row:
    """Register one profile; return the registration, or raise the refusal."""
    profile_ids = [profile_id]
    return only(
        register_profiles(
            profile_ids=profile_ids, offering_id=offering_id, writer=writer
        )
    )


@transaction.atomic(savepoint=False)
def register_profiles(
    *, profile_ids: Sequence[str], offering_id: str, writer: Writer
) -> list[Result]:
    """Make registrations for an offering; return what came of each, in order.

    Who finished the offering's unit in its intake before begins the next
    attempt, where the offering allows retakes. Raises UnknownOffering; where a
    profile is unknown as well, SeveralInvalid.
    """
    keep_in_place(offering_id)
    offering = (
        UnitOffering.objects.select_related("unit_version", "course_intake", "semester")
        .filter(pk=offering_id)
        .first()
    )
    if offering is None:
        raise _no_such_offering(set(profile_ids) - _known(profile_ids, writer))
    return until_made(lambda: _register(profile_ids, offering, writer))


def _register(
    profile_ids: Sequence[str], offering: UnitOffering, writer: Writer
) -> list[Result]:
    known = _known(profile_ids, writer)
    latest = _latest_attempts(profile_ids, offering, writer)
    moment = timezone.now()
    results = []
    for profile_id in profile_ids:
        before = latest.get(profile_id)
        try:
            _check(profile_id in known, before, offering, writer)
        except DomainError as error:
            results.append(Result(error=error))
        else:
            latest[profile_id] = _made(profile_id, before, offering, moment)
            results.append(Result(registration=latest[profile_id]))
    made = [result.registration for result in results if result.registration]
    if made:
        record.write(made, [], new={row.id for row in made})
    return results


def _known(profile_ids: Sequence[str], writer: Writer) -> set[str]:
    """Those of the ids that somebody has who exists for the writer."""
    profiles = Profile.objects.visible_to(writer).filter(pk__in=profile_ids)
    return set(profiles.values_list("pk", flat=True))


def _latest_attempts(
    profile_ids: Sequence[str], offering: UnitOffering, writer: Writer
) -> dict[str, Row]:
    """Lock and return the last attempt of each profile, where there is one."""
    unit_id = offering.unit_version.unit_id
    targets = [Target(profile_id=id, unit_id=unit_id) for id in profile_ids]
    return {
        row.profile_id: row
        for row in record.read_locked(targets, writer).registrations
        if row.is_latest and row.intake_id == offering.course_intake_id
    }


def _check(
    is_known: bool, before: Row | None, offering: UnitOffering, writer: Writer
) -> None:
    if not is_known:
        raise _no_such_profile()
    if writer.lecturer_id not in (None, offering.lecturer_id):
        raise NotTheirs("The offering is not this lecturer's.")
    if before and not before.is_finished:
        raise AlreadyRegistered("The profile is registered already.")
    if before and not offering.allows_retakes:
        raise NoRetake("The profile finished this before; there are no retakes.")
    if not offering.is_open_for_registration:
        raise RegistrationClosed("The offering is not open for registration now.")


def _no_such_offering(unknown: Collection[str]) -> DomainError:
    error = UnknownOffering("There is no such offering.", field="offering_id")
    return SeveralInvalid([_no_such_profile(), error]) if unknown else error


def _no_such_profile() -> UnknownProfile:
    return UnknownProfile("There is no such profile.", field="profile_id")


def _made(
    profile_id: str, before: Row | None, offering: UnitOffering, moment: datetime
) -> Row:
    return blank(
        profile_id=profile_id,
        unit_id=offering.unit_version.unit_id,
        course_id=offering.course_intake.course_id,
        intake_id=offering.course_intake_id,
        attempt=before.attempt + 1 if before else 1,
        offering=offering_row(offering),
        moment=moment,
    )
