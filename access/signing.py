"""The key pairs that sign our tokens, and the public halves that we publish."""

import json
import logging
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from jwt.algorithms import OKPAlgorithm, RSAAlgorithm

from access.epoch import raise_epoch_on_commit
from access.models import SigningKey
from access.sealing import CannotOpen, open_sealed, seal

logger = logging.getLogger(__name__)

PURPOSE = "matricula signing key"
LEEWAY = timedelta(seconds=60)  # by which clocks may differ
ROTATION_LOCK = 0x51474E  # an advisory lock: one new signing key at a time


def sign(claims: dict[str, Any]) -> str:
    """Return the claims as a token, signed with the key that signs now."""
    key = current_signing_key()
    return jwt.encode(
        claims, _opened(key), algorithm=key.algorithm, headers={"kid": key.pk}
    )


def current_signing_key() -> SigningKey:
    """The key that signs now; the first one is made when it is first needed."""
    key = _usable_signing_key()
    return key or rotate_signing_key(only_if_needed=True)


@transaction.atomic
def rotate_signing_key(
    *, honour_old: bool = True, only_if_needed: bool = False
) -> SigningKey:
    """Make a new key that signs from now on, and return it.

    The old one is honoured until its last token has ended; not at all where
    `honour_old` is false, which is for a key that has leaked.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ROTATION_LOCK])
    if only_if_needed and (key := _usable_signing_key()):
        return key
    now = timezone.now()
    until = now + settings.JWT_LIFETIME + LEEWAY if honour_old else now
    SigningKey.objects.filter(signs=True).update(signs=False, honoured_until=until)
    if not honour_old:
        SigningKey.objects.filter(honoured_until__gt=now).update(honoured_until=now)
    raise_epoch_on_commit()
    return _new_signing_key(settings.JWT_ALGORITHM)


def honoured_keys(now: datetime | None = None):
    """The keys whose tokens are accepted: the one that signs, and recent ones."""
    moment = now or timezone.now()
    return SigningKey.objects.filter(Q(signs=True) | Q(honoured_until__gt=moment))


def published_keys() -> dict[str, list[dict[str, Any]]]:
    """The JWKS: the public keys that verify our tokens."""
    current_signing_key()  # a registry that never issued a token has one too
    return {"keys": [key.public_key for key in honoured_keys().order_by("-pk")]}


def _usable_signing_key() -> SigningKey | None:
    """The key that signs, unless it cannot be opened or is of another kind.

    It cannot where SECRET_KEY was changed without its fall-back.
    """
    signers = SigningKey.objects.filter(signs=True, algorithm=settings.JWT_ALGORITHM)
    key = signers.first()
    try:
        return key if key and _opened(key) else None
    except CannotOpen:
        logger.error("signing_key_cannot_be_opened")
        return None


def _new_signing_key(algorithm: str) -> SigningKey:
    private, public_jwk = MAKERS[algorithm]()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    key = SigningKey(algorithm=algorithm, private_key=seal(pem, purpose=PURPOSE))
    meaning = {"kid": key.pk, "use": "sig", "alg": algorithm}
    key.public_key = {**public_jwk, **meaning}
    key.save(force_insert=True)
    return key


def _new_rsa():
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return private, json.loads(RSAAlgorithm.to_jwk(private.public_key()))


def _new_ed25519():
    private = ed25519.Ed25519PrivateKey.generate()
    return private, json.loads(OKPAlgorithm.to_jwk(private.public_key()))


MAKERS = {"RS256": _new_rsa, "EdDSA": _new_ed25519}


def _opened(key: SigningKey):
    return _opened_once(key.pk, bytes(key.private_key), settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _opened_once(kid: str, sealed: bytes, secret_key: str):
    # SECRET_KEY is an argument so that another one does not meet this one's key.
    pem = open_sealed(sealed, purpose=PURPOSE)
    return serialization.load_pem_private_key(pem, password=None)
