"""The codes of a second factor: six digits by the clock, and recovery codes."""

import base64
import os
import re
import time
from urllib.parse import quote, urlencode

from django_otp.oath import TOTP

SECOND_FACTOR = "matricula second factor"  # what its secret is sealed for
ISSUER = "Matricula"
KEY_LENGTH = 20  # bytes
RECOVERY_CODES = 8
SIX_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)


def new_key() -> bytes:
    return os.urandom(KEY_LENGTH)


def new_recovery_code() -> str:
    """Sixteen letters and digits: 80 bits, so that a digest tells nothing."""
    return base64.b32encode(os.urandom(10)).decode().lower()


def spelled(key: bytes) -> str:
    """The key as a person types it into an authenticator."""
    return base64.b32encode(key).decode()


def enrolment_url(key: bytes, username: str) -> str:
    """The `otpauth:` address that an authenticator on this device opens."""
    query = urlencode({"secret": spelled(key), "issuer": ISSUER})
    return f"otpauth://totp/{quote(f'{ISSUER}:{username}')}?{query}"


def code_generator(key: bytes) -> TOTP:
    generator = TOTP(key)
    generator.time = time.time()
    return generator


def is_right_code(generator: TOTP, code: str, *, after: int = -1) -> bool:
    """Whether it is the code of now, or of half a minute off, but of no step before.

    A step is a half minute; `after` is the last whose code was accepted.
    """
    if not SIX_DIGITS.fullmatch(code):
        return False
    return generator.verify(int(code), tolerance=1, min_t=after + 1)
