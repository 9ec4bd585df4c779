"""How a request says who it is: a key or a token in a header.

A class that finds nothing of its own in the request returns None; one that
finds something bad raises, so that it is never taken for something else.
"""

from typing import NamedTuple

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled

from access import epoch
from access.callers import Caller
from access.epoch import Rate
from access.errors import Unauthorized
from access.keys import prefix_of
from access.recognition import recognise


class Credential(NamedTuple):
    """How the caller was recognised: `request.auth`."""

    key_prefix: str | None  # of the key; None where it is a token
    rate: Rate  # what this request left of the client's limit


class CredentialAuthentication(BaseAuthentication):
    """Recognises the caller by whatever `find` takes from the request."""

    def authenticate(self, request) -> tuple[Caller, Credential] | None:
        text = self.find(request)
        if text is None:
            return None
        try:
            caller, rate = recognise(text)
        except Unauthorized as error:
            raise refused(request) from error
        return caller, Credential(prefix_of(text), rate)

    def authenticate_header(self, request) -> str:
        return "Bearer"

    def find(self, request) -> str | None:
        raise NotImplementedError


class HeaderKeyAuthentication(CredentialAuthentication):
    """`FF-Auth: <key>`; only the interfaces under `/apis/` know that header."""

    def find(self, request) -> str | None:
        text = request.headers.get("FF-Auth")
        is_known = request.path.startswith("/apis/") and text is not None
        return only_key(text) if is_known else None


class BearerAuthentication(CredentialAuthentication):
    """`Authorization: Bearer <key or token>`."""

    def find(self, request) -> str | None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        return text.strip() if scheme.lower() == "bearer" else None


class RawKeyAuthentication(CredentialAuthentication):
    """`Authorization: <key>`, without a scheme: a key to be exchanged."""

    def find(self, request) -> str | None:
        text = request.headers.get("Authorization", "").strip()
        return None if " " in text or not text else only_key(text)


class BearerKeyAuthentication(BearerAuthentication):
    """`Authorization: Bearer <key>`: a key to be exchanged."""

    def find(self, request) -> str | None:
        text = super().find(request)
        return None if text is None else only_key(text)


def only_key(text: str) -> str:
    """The text, or "", which nobody has: where a key is asked for a token is none."""
    return text if prefix_of(text) else ""


def refused(request) -> AuthenticationFailed | Throttled:
    """Count a failed authentication to its address, and say 401, or 429 past it."""
    address = request.META.get("REMOTE_ADDR", "")
    rate = epoch.count(f"failed:{address}", settings.FAILED_AUTHENTICATION_LIMIT)
    return AuthenticationFailed() if rate.is_granted else Throttled(wait=rate.reset)


AUTHENTICATION = [HeaderKeyAuthentication, BearerAuthentication]
