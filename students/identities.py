"""Whom a client may act as: a profile, a lecturer, or a person who is both."""

from collections.abc import Iterable

from django.db.models import Q

from access.identities import Identity
from offerings.models import Lecturer
from students.models import Profile, ProfileQuerySet


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


def held_among(names: Iterable[str]) -> set[str]:
    """Which of these profile ids and netids are of people under privacy hold."""
    asked = {*names}
    people = Profile.objects.held().filter(Q(pk__in=asked) | Q(netid__in=asked))
    return asked & _names_of(people)


def _names_of(people: ProfileQuerySet) -> set[str]:
    pairs = people.values_list("pk", "netid")
    return {name for pair in pairs for name in pair if name}


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
