"""Whether secrets can be opened and keys last a while, as the doctor asks."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from access.models import Client, Key, Status
from access.resealing import look_at_sealed
from config.diagnosis import look, ok, warning, wrong

SOON = timedelta(days=14)
MOST_NAMED = 20


@look("secrets")
def sealed() -> Iterator[tuple]:
    found = look_at_sealed()
    if found.shut:
        says = f"{found.shut} sealed secrets cannot be opened with this SECRET_KEY."
        do = "Set the one they were sealed with as a fallback: see docs/operating."
        yield wrong(says, do)
    if found.old:
        says = f"{found.old} secrets are sealed with a fallback of SECRET_KEY."
        yield warning(says, "manage.py resealsecrets, then drop the fallback.")
    if not found.shut and not found.old:
        yield ok(f"{found.new} are sealed with the SECRET_KEY of now")


@look("keys")
def keys() -> Iterator[tuple]:
    now = timezone.now()
    ends_soon = {
        "status": Status.ACTIVE,
        "expires_at__gt": now,
        "expires_at__lt": now + SOON,
    }
    ending: list[Key | Client] = [
        *Key.objects.filter(**ends_soon).order_by("expires_at")[:MOST_NAMED],
        *Client.objects.filter(**ends_soon).order_by("expires_at")[:MOST_NAMED],
    ]
    for each in ending:
        says = f"{each} ends on {each.expires_at:%Y-%m-%d}."
        yield warning(says, "manage.py createkey, or another date in the admin.")
    if not ending:
        yield ok("none ends within two weeks")
