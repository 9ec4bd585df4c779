"""Whom a client may act as: a profile, a lecturer, or a person who is both."""

from collections.abc import Iterable

from access.identities import Identity
from offerings.models import Lecturer
from students.models import Profile


def find(identifier: str) -> Identity | None:
    """The person with that profile id, netid or lecturer id, in that order."""
    profile = (
        Profile.objects.filter(pk=identifier).first()
        or Profile.objects.filter(netid=identifier).first()
    )
    if profile:
        return _identity(profile, _lecturer(profile.netid))
    lecturer = _lecturer(identifier) or Lecturer.objects.filter(pk=identifier).first()
    return _identity(_profile(lecturer.netid), lecturer) if lecturer else None


def any_held(profile_ids: Iterable[str]) -> bool:
    return Profile.objects.held().filter(pk__in=[*profile_ids]).exists()


def _profile(netid: str | None) -> Profile | None:
    return Profile.objects.filter(netid=netid).first() if netid else None


def _lecturer(netid: str | None) -> Lecturer | None:
    return Lecturer.objects.filter(netid=netid).first() if netid else None


def _identity(profile: Profile | None, lecturer: Lecturer | None) -> Identity:
    return Identity(
        subject=(profile.netid or "") if profile else "",
        profile_id=profile.pk if profile else "",
        lecturer_id=lecturer.pk if lecturer else "",
        is_held=profile is not None and profile.is_confidential,
    )
