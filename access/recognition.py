"""Who stands behind a credential, without a query per request.

What the database said is remembered in this process for a few seconds, and
only as long as the access epoch stays the same; so a client or key that was
suspended is refused at the next request. What was changed by bare SQL, which
raises no epoch, is seen when those seconds are over.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from access import tokens
from access.callers import Caller
from access.epoch import Rate, count, read_epoch
from access.errors import Unauthorized
from access.keys import digest_of, is_same, prefix_of
from access.models import Client, Key, Status

REMEMBERED = 5.0  # seconds
MOST_REMEMBERED = 10_000  # credentials; then all are forgotten
LAST_USE = timedelta(minutes=1)  # is recorded at most that often


@dataclass(frozen=True)
class Recognised:
    """A caller as the database told it, and for how long that may be believed."""

    caller: Caller
    ends_at: float  # Unix seconds: of the token, the key or the client
    epoch: int | None
    asked_at: float  # by the monotonic clock

    def holds(self, epoch: int | None) -> bool:
        return (
            epoch is not None
            and epoch == self.epoch
            and time.monotonic() - self.asked_at < REMEMBERED
            and time.time() < self.ends_at
        )


_remembered: dict[bytes, Recognised] = {}


def recognise(credential: str) -> tuple[Caller, Rate]:
    """Return who sent this key or token, and count the request to their limit.

    Raises Unauthorized.
    """
    digest = digest_of(credential)
    known, is_new = _remembered.get(digest), False
    if known is None:
        known, is_new = _ask_database(credential, digest, read_epoch()), True
    rate = count_of(known.caller)
    if not (known.holds(rate.epoch) or is_new and rate.epoch is None):
        known = _ask_database(credential, digest, rate.epoch)
    return known.caller, rate


def forget_all() -> None:
    """Have this process ask the database for everybody anew."""
    _remembered.clear()


def count_of(caller: Caller) -> Rate:
    limit = settings.RATE_LIMIT if caller.rate_limit is None else caller.rate_limit
    return count(caller.client_id, limit)


def key_of(secret: str) -> Key:
    """The usable key with this secret, with its client. Raises Unauthorized."""
    prefix = prefix_of(secret)
    key = prefix and Key.objects.select_related("client").filter(prefix=prefix).first()
    if not key or not is_same(key.digest, digest_of(secret)):
        raise Unauthorized("unknown key")
    now = timezone.now()
    if not (key.is_usable_at(now) and key.client.is_usable_at(now)):
        raise Unauthorized("key or client not usable")
    _record_use(key, now)
    return key


def _ask_database(credential: str, digest: bytes, epoch: int | None) -> Recognised:
    """Look the credential up anew. `epoch` was read before, so it is never newer."""
    _remembered.pop(digest, None)
    by_token = tokens.looks_like_token(credential)
    recognised = (_by_token if by_token else _by_key)(credential, epoch)
    if len(_remembered) >= MOST_REMEMBERED:
        _remembered.clear()
    _remembered[digest] = recognised
    return recognised


def _by_key(secret: str, epoch: int | None) -> Recognised:
    key = key_of(secret)
    client = key.client
    caller = _caller(client, granted=tuple(client.scopes), role=client.role)
    ends = _earliest(key.expires_at, client.expires_at)
    return Recognised(caller, ends, epoch, time.monotonic())


def _by_token(token: str, epoch: int | None) -> Recognised:
    """What a token was given holds as long as its client still has it."""
    claims = tokens.read(token)
    client = _client_of(claims)
    if not client.is_usable_at(timezone.now()):
        raise Unauthorized("client not usable")
    caller = _caller(
        client,
        sub=client.subject or claims.sub or client.pk,
        granted=tuple(scope for scope in claims.scopes if scope in client.scopes),
        role=claims.role if claims.role == client.role else "",
        issued_at=claims.issued_at,
        expires_at=claims.expires_at,
    )
    end = claims.expires_at + tokens.LEEWAY.total_seconds()
    ends = min(end, _earliest(client.expires_at))
    return Recognised(caller, ends, epoch, time.monotonic())


def _client_of(claims: tokens.Claims) -> Client:
    if claims.issuer:
        found = Client.objects.of_issuer(claims.issuer, claims.client_id).first()
    else:
        found = _client_of_own(claims)
    if found is None:
        raise Unauthorized("no client of this token")
    return found


def _client_of_own(claims: tokens.Claims) -> Client | None:
    """A token of ours ends with the key that it was made with.

    It also ends when its client acts as somebody else.
    """
    keys = Key.objects.select_related("client").filter(prefix=claims.key_prefix)
    key = keys.filter(status=Status.ACTIVE).first()
    return key.client if key and key.client.sub == claims.sub else None


def _caller(client: Client, **token) -> Caller:
    return Caller(
        client_id=client.pk,
        name=client.name,
        email=client.contact,
        purpose=client.purpose,
        rate_limit=client.rate_limit,
        profile_id=client.profile_id or None,
        lecturer_id=client.lecturer_id or None,
        only_of_lecturer=client.only_of_lecturer,
        **{"sub": client.sub, **token},
    )


def _earliest(*moments: datetime | None) -> float:
    return min((m.timestamp() for m in moments if m), default=float("inf"))


def _record_use(key: Key, now: datetime) -> None:
    """Write the last use, at most once a minute whatever comes."""
    if key.last_used_at is None or key.last_used_at < now - LAST_USE:
        unused = Key.objects.filter(pk=key.pk).unused_since(now - LAST_USE)
        unused.update(last_used_at=now)
