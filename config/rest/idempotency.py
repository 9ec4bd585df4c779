"""Idempotency-Key: the same request, sent again, gets the same answer.

One row per client and key, written with the answer in the transaction of the
write, so that neither is there without the other.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
from django.db import IntegrityError, connection
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.response import Response

from access.identities import is_any_held
from access.models import IdempotencyRecord
from config.errors import Conflict
from config.rest.renderers import render
from config.rest.requests import Request

VISIBLE_ASCII = re.compile(r"[\x21-\x7e]{1,255}")
REPLAYED = ("Location", "ETag", "Preference-Applied")  # stored with the answer
LIFETIME = timedelta(hours=24)

# One statement: who does not get the lock is told so; who gets it sees any
# record that was committed before. (One that commits in between is caught by
# the unique constraint, and the request is sent again.)
TAKE = """
SELECT pg_try_advisory_xact_lock(hashtextextended(%s || ' ' || %s, 0)),
       record.fingerprint, record.status, record.headers, record.body,
       record.profile_ids, record.created_at < now() - %s
FROM (VALUES (1)) AS one
LEFT JOIN access_idempotencyrecord AS record
    ON record.client_id = %s AND record.key = %s
"""


class InFlight(Conflict):
    """Another request with this key has not ended yet."""

    code = "idempotency_key_in_use"
    headers = {"Retry-After": "1"}


class KeyReused(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "idempotency_key_reused"
    default_detail = "This Idempotency-Key was used for another request."


@dataclass(frozen=True)
class Stored:
    """The answer of the first request with the key."""

    fingerprint: str
    status: int
    headers: dict[str, str]
    body: bytes
    profile_ids: list[str]

    def response(self) -> Response:
        answer = Response(self.body or None, self.status, headers=self.headers)
        answer["Idempotent-Replayed"] = "true"
        return answer


def key_of(request: Request) -> str | None:
    """Return the request's key, or None. Raises ParseError for a bad one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not VISIBLE_ASCII.fullmatch(key):
        raise ParseError("Idempotency-Key must be 1 to 255 visible ASCII characters.")
    return key


def take(request: Request, key: str) -> Stored | None:
    """Hold the key until the transaction ends; return what it was answered.

    Raises InFlight where another request holds it, KeyReused where it was used
    for another request. None: the request is the first.
    """
    client_id = request.caller.client_id
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [client_id, key, LIFETIME, client_id, key])
        is_held, *stored, is_old = _row(cursor)
    if not is_held:
        raise InFlight("A request with this Idempotency-Key is still being answered.")
    if stored[0] is None:
        return None
    if is_old:
        IdempotencyRecord.objects.filter(client_id=client_id, key=key).delete()
        return None
    answer = Stored(*stored)
    if answer.fingerprint != fingerprint(request):
        raise KeyReused
    if not request.caller.sees_held and is_any_held(answer.profile_ids):
        raise KeyReused  # they were put under hold since, and are as if absent
    return answer


def keep(
    request: Request, key: str, response: Response, profile_ids: list[str]
) -> None:
    """Store the answer with the write. Raises InFlight where a twin was first."""
    headers = {name: response[name] for name in REPLAYED if response.has_header(name)}
    try:
        IdempotencyRecord.objects.create(
            client_id=request.caller.client_id,
            key=key,
            fingerprint=fingerprint(request),
            status=response.status_code,
            headers=headers,
            body=b"" if response.data is None else render(response.data),
            profile_ids=profile_ids,
        )
    except IntegrityError:
        raise InFlight(
            "A request with this Idempotency-Key ended at this moment; repeat it."
        ) from None


def fingerprint(request: Request) -> str:
    """Return a hash of what makes a request the same: method, URL, body and caller.

    Of the caller, as whom it acts and whether it may know of people under hold: an
    answer is not given again to who might not be given it now.
    """
    caller = request.caller
    acts_as = [caller.sub, caller.profile_id, caller.lecturer_id, caller.role]
    seen_by = orjson.dumps([*acts_as, caller.only_of_lecturer, caller.sees_held])
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(seen_by + b"\n" + head + request.raw).hexdigest()


def _row(cursor: Any) -> tuple[Any, ...]:
    is_held, mark, code, headers, body, profile_ids, is_old = cursor.fetchone()
    stored = orjson.loads(headers or "{}"), bytes(body or b""), profile_ids
    return is_held, mark, code, *stored, is_old
