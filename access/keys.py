"""What a key is: `sk-`, a prefix that finds its row, and a secret.

Only the SHA-256 of the whole is stored. A secret of 40 random letters and
digits (238 bits) cannot be guessed from it, so no slow hash is needed.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from string import ascii_letters, digits

ALPHABET = ascii_letters + digits
PREFIX_LENGTH = 12
SECRET_LENGTH = 40
SHAPE = re.compile(
    rf"sk-([A-Za-z0-9]{{{PREFIX_LENGTH}}})[A-Za-z0-9]{{{SECRET_LENGTH}}}", re.ASCII
)


@dataclass(frozen=True)
class NewKey:
    """A key on the one occasion on which its secret is known."""

    secret: str  # the whole, as the client sends it
    prefix: str
    digest: bytes

    def __repr__(self) -> str:
        return f"NewKey(sk-{self.prefix})"


def make_key() -> NewKey:
    prefix = _random(PREFIX_LENGTH)
    secret = f"sk-{prefix}{_random(SECRET_LENGTH)}"
    return NewKey(secret, prefix, digest_of(secret))


def prefix_of(text: str) -> str | None:
    """The prefix of what looks like a key, or None where it does not."""
    match = SHAPE.fullmatch(text)
    return match and match[1]


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def is_same(digest: bytes | memoryview, other: bytes) -> bool:
    """Compare in a time that tells nothing."""
    return secrets.compare_digest(bytes(digest), other)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
