"""The institution's own identity providers, as TRUSTED_ISSUERS names them."""

import json
import logging
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings

logger = logging.getLogger(__name__)

FRESH = 300  # seconds for which a fetched key set is used without asking again
COOLDOWN = 30  # seconds between two fetches, however many unknown kids come
TIMEOUT = 3  # seconds that one fetch may take
PATIENCE = 1  # seconds that a request waits for a fetch of another
LARGEST = 256 * 1024  # bytes of a key set
KEY_TYPES = {"RSA", "EC", "OKP"}  # never a shared secret
ALGORITHMS = {
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
}
CLAIMS = {"scope": "scope", "role": "role", "sub": "sub"}


@dataclass(frozen=True)
class Issuer:
    """An outside issuer: where its keys are, and what its tokens may give."""

    issuer: str
    jwks_url: str
    audience: str
    algorithms: tuple[str, ...] = ("RS256",)
    claims: dict[str, str] = field(default_factory=dict)  # ours -> its name for it
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()

    @classmethod
    def from_setting(cls, entry: dict[str, Any]) -> "Issuer":
        return cls(
            issuer=entry["issuer"],
            jwks_url=entry["jwks_url"],
            audience=entry["audience"],
            algorithms=tuple(entry.get("algorithms", ["RS256"])),
            claims={**CLAIMS, **entry.get("claims", {})},
            scopes=frozenset(entry.get("scopes", [])),
            roles=frozenset(entry.get("roles", [])),
        )

    def given_role(self, role: object) -> str:
        """That role, if it is one that this issuer may give; else none."""
        return role if isinstance(role, str) and role in self.roles else ""


def find_issuer(issuer: object) -> Issuer | None:
    """The trusted issuer of that name, whatever a token says there."""
    return _trusted(json.dumps(settings.TRUSTED_ISSUERS)).get(str(issuer))


@lru_cache(maxsize=4)
def _trusted(entries: str) -> dict[str, Issuer]:
    issuers = [Issuer.from_setting(entry) for entry in json.loads(entries)]
    return {issuer.issuer: issuer for issuer in issuers}


class KeySet:
    """The public keys of one issuer, fetched when first needed.

    They are fetched again when they are old or a token names a key that is not
    among them, but never more often than the cool-down allows; while the issuer
    is away, the copy that is there goes on being used.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, dict[str, Any]] = {}
        self.fetched_at = self.tried_at = float("-inf")
        self.lock = threading.Lock()

    def find(self, kid: str | None) -> dict[str, Any] | None:
        """The key of that id; the only one there is where the token names none."""
        is_old = time.monotonic() - self.fetched_at > FRESH
        if is_old or self._known(kid) is None:
            self._refresh(wait=self._known(kid) is None)
        return self._known(kid)

    def _known(self, kid: str | None) -> dict[str, Any] | None:
        if kid is None and len(self.keys) == 1:
            return next(iter(self.keys.values()))
        return self.keys.get(kid or "")

    def _refresh(self, *, wait: bool) -> None:
        """Fetch, unless somebody just did; who has a copy need not `wait`."""
        if not self.lock.acquire(timeout=PATIENCE if wait else 0):
            return
        try:
            if time.monotonic() - self.tried_at > COOLDOWN:
                self.tried_at = time.monotonic()
                self.keys = fetch_keys(self.url)
                self.fetched_at = time.monotonic()
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            logger.warning("jwks_not_fetched", extra={"url": self.url, "why": error})
        finally:
            self.lock.release()


@lru_cache(maxsize=64)
def key_set(url: str) -> KeySet:
    """The one key set of this process for that address."""
    return KeySet(url)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """The keys are where the setting says, or nowhere."""

    def redirect_request(self, *arguments):
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def fetch_keys(url: str) -> dict[str, dict[str, Any]]:
    """Fetch a JWKS and return its signature keys by id."""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with _opener.open(request, timeout=TIMEOUT) as response:
        text = response.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError("the key set is too large")
    keys = json.loads(text)["keys"]
    return {str(key.get("kid", "")): key for key in keys if is_for_signatures(key)}


def is_for_signatures(key: Any) -> bool:
    if not isinstance(key, dict):
        raise TypeError("a key must be an object")
    return key.get("kty") in KEY_TYPES and key.get("use", "sig") == "sig"


def verification_key(issuer: Issuer, header: dict[str, Any]) -> jwt.PyJWK | None:
    """The key that must have signed a token with this header, or None.

    The algorithm is one that the setting allows and the key is meant for; the
    header only chooses among those.
    """
    algorithm = header.get("alg")
    if algorithm not in issuer.algorithms or algorithm not in ALGORITHMS:
        return None
    key = key_set(issuer.jwks_url).find(header.get("kid"))
    if key is None or key.get("alg", algorithm) != algorithm:
        return None
    return jwt.PyJWK.from_dict(key, algorithm=algorithm)
