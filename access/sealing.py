"""Secrets that must be read again are stored sealed, never as they are.

The key is derived from SECRET_KEY, one per purpose. SECRET_KEY_FALLBACKS still
open what was sealed with them, so that SECRET_KEY can be changed.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotOpen(Exception):
    """What was sealed was altered, or sealed with a SECRET_KEY that is gone."""


def seal(secret: bytes, *, purpose: str) -> bytes:
    """Encrypt `secret`; only `open_sealed` with the same purpose reads it."""
    return _box(purpose).encrypt(secret)


def open_sealed(sealed: bytes | memoryview, *, purpose: str) -> bytes:
    """Return what was sealed. Raises CannotOpen."""
    try:
        return _box(purpose).decrypt(bytes(sealed))
    except InvalidToken as error:
        raise CannotOpen(purpose) from error


def is_of_now(sealed: bytes | memoryview, *, purpose: str) -> bool:
    """Whether it is sealed with SECRET_KEY itself, and not with a fallback."""
    try:
        Fernet(_derived(settings.SECRET_KEY, purpose)).decrypt(bytes(sealed))
    except InvalidToken:
        return False
    return True


def _box(purpose: str) -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key, purpose)) for key in keys])


@lru_cache(maxsize=32)
def _derived(secret_key: str, purpose: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return base64.urlsafe_b64encode(derive.derive(secret_key.encode()))
