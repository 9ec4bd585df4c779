"""Placing and lifting legal holds; the history keeps who did it, when and why."""

from django.db import IntegrityError, transaction

from config.history import remarked
from students.errors import NotUnderLegalHold, StudentNotFound, UnderLegalHold
from students.models import LegalHold, Profile


@transaction.atomic
def place_legal_hold(*, profile_id: str, reason: str) -> LegalHold:
    """Keep all that is about a person, however old, from now on.

    Raises StudentNotFound and UnderLegalHold.
    """
    if not Profile.objects.filter(pk=profile_id).exists():
        raise StudentNotFound
    remarked(reason=reason)
    hold = LegalHold(profile_id=profile_id, reason=reason)
    try:
        hold.save(force_insert=True)
    except IntegrityError as error:
        raise UnderLegalHold from error
    return hold


@transaction.atomic
def lift_legal_hold(*, profile_id: str, reason: str) -> None:
    """Let what is about the person grow old again. Raises NotUnderLegalHold."""
    remarked(reason=reason)
    removed, _ = LegalHold.objects.filter(pk=profile_id).delete()
    if not removed:
        raise NotUnderLegalHold
