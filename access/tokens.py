"""Tokens: what ours say, and how a token, ours or an outside issuer's, is read."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from django.conf import settings
from django.utils import timezone

from access.errors import Unauthorized
from access.issuers import find_issuer, verification_key
from access.models import Key
from access.signing import LEEWAY, honoured_keys, sign

REQUIRED = ["iss", "aud", "exp"]
LONGEST_NAME = 254  # of a subject or client, as an outside issuer may call it
# What a claim of the wrong shape, or a key that is none, may raise.
MALFORMED = (ValueError, TypeError, LookupError, ArithmeticError, OSError)
SHAPE = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


@dataclass(frozen=True)
class IssuedToken:
    """A token made here, what it says, and the scopes that it carries."""

    jwt: str
    payload: dict[str, Any]
    accepted_scopes: list[str]

    def __repr__(self) -> str:
        return f"IssuedToken({self.payload['jti']})"


@dataclass(frozen=True)
class Claims:
    """What a verified token says, in our words."""

    issuer: str  # "" for our own
    client_id: str  # the issuer's for the client; "" for our own
    key_prefix: str  # of the key that our own was made with
    sub: str
    role: str
    scopes: tuple[str, ...]  # in their order
    issued_at: int | None
    expires_at: int


def issue(key: Key, asked: Iterable[str]) -> IssuedToken:
    """Make a token for the client of `key`, with those scopes that it was granted.

    Its `jti` begins with the prefix of the key, so that it ends with the key.
    """
    client, now = key.client, int(timezone.now().timestamp())
    accepted = [scope for scope in dict.fromkeys(asked) if scope in client.scopes]
    payload = {
        "iss": settings.PUBLIC_URL,
        "aud": settings.PUBLIC_URL,
        "sub": client.sub,
        "name": client.name,
        "email": client.contact,
        "role": client.role or None,
        "iat": now,
        "exp": now + int(settings.JWT_LIFETIME.total_seconds()),
        "jti": f"{key.prefix}.{secrets.token_hex(12)}",
        "scope": ",".join(accepted),
    }
    return IssuedToken(sign(payload), payload, accepted)


def looks_like_token(text: str) -> bool:
    return SHAPE.fullmatch(text) is not None


def read(token: str) -> Claims:
    """Verify a token and return what it says. Raises Unauthorized."""
    try:
        header = jwt.get_unverified_header(token)
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
        if issuer == settings.PUBLIC_URL:
            return _read_own(token, header)
        return _read_outside(token, header, issuer)
    except (jwt.PyJWTError, *MALFORMED) as error:
        raise Unauthorized(type(error).__name__) from error


def _read_own(token: str, header: dict[str, Any]) -> Claims:
    key = honoured_keys().filter(pk=_name(header.get("kid"))).first()
    if key is None:
        raise Unauthorized("unknown kid")
    public = jwt.PyJWK.from_dict(key.public_key, algorithm=key.algorithm)
    claims = _verified(token, public, settings.PUBLIC_URL, settings.PUBLIC_URL)
    return Claims(
        issuer="",
        client_id="",
        key_prefix=_name(claims["jti"]).partition(".")[0],
        sub=_name(claims["sub"]),
        role=_name(claims["role"]),
        scopes=tuple(split_scopes(claims["scope"])),
        issued_at=_second(claims["iat"]),
        expires_at=_second(claims["exp"]),
    )


def _read_outside(token: str, header: dict[str, Any], name: object) -> Claims:
    issuer = find_issuer(name)
    public = verification_key(issuer, header) if issuer else None
    if issuer is None or public is None:
        raise Unauthorized("unknown issuer or key")
    claims = _verified(token, public, issuer.issuer, issuer.audience)
    said = {ours: claims.get(theirs) for ours, theirs in issuer.claims.items()}
    scopes = claims.get("scp") if said["scope"] is None else said["scope"]
    return Claims(
        issuer=issuer.issuer,
        client_id=_name(claims.get("azp") or claims.get("client_id")),
        key_prefix="",
        sub=_name(said["sub"]),
        role=issuer.given_role(said["role"]),
        scopes=tuple(
            scope
            for scope in dict.fromkeys(split_scopes(scopes))
            if scope in issuer.scopes
        ),
        issued_at=_second(claims["iat"]) if "iat" in claims else None,
        expires_at=_second(claims["exp"]),
    )


def _second(value: object) -> int:
    """A moment that is one: a whole Unix second of the first 9999 years."""
    return int(datetime.fromtimestamp(int(value), UTC).timestamp())  # type: ignore


def _name(value: object) -> str:
    """A name that PostgreSQL can hold; "" where there is none."""
    text = "" if value is None else str(value)
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise ValueError("not a name")
    return text


def _verified(token: str, key: jwt.PyJWK, issuer: str, audience: str):
    return jwt.decode(
        token,
        key=key,
        algorithms=[key.algorithm_name],
        issuer=issuer,
        audience=audience,
        leeway=LEEWAY,
        options={"require": REQUIRED},
    )


def split_scopes(scopes: object) -> list[str]:
    """Scopes that are joined by commas or spaces, or given as an array."""
    if isinstance(scopes, str):
        return re.split(r"[\s,]+", scopes.strip(" ,"))
    if isinstance(scopes, list):
        return [scope for scope in scopes if isinstance(scope, str)]
    return []
