"""What a reverse proxy says about a request counts only where it is trusted."""

import ipaddress
from collections.abc import Sequence

from django.conf import settings

FORWARDED = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxyMiddleware:
    """Makes REMOTE_ADDR, the scheme and the host those that the client used.

    Behind it nothing reads an X-Forwarded header: those of TRUSTED_PROXIES have
    been applied, anyone else's are gone.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.trusted = networks(settings.TRUSTED_PROXIES)

    def __call__(self, request):
        meta = request.META
        said = {name: meta.pop(name) for name in FORWARDED if name in meta}
        if said and is_in(meta["REMOTE_ADDR"], self.trusted):
            self.believe(meta, said)
        else:
            request.was_forwarded = bool(said)
        return self.get_response(request)

    def believe(self, meta, said):
        chain = said.get("HTTP_X_FORWARDED_FOR", "").split(",")
        meta["REMOTE_ADDR"] = client_address(chain, self.trusted) or meta["REMOTE_ADDR"]
        if said.get("HTTP_X_FORWARDED_PROTO") in ("http", "https"):
            meta["wsgi.url_scheme"] = said["HTTP_X_FORWARDED_PROTO"]
        if "HTTP_X_FORWARDED_HOST" in said:
            meta["HTTP_HOST"] = said["HTTP_X_FORWARDED_HOST"]


def address_of(request) -> str:
    """Return where the request came from, as far as it can be trusted."""
    return request.META.get("REMOTE_ADDR", "")


def networks(words: Sequence[str]) -> list[Network]:
    """Return the networks of addresses and CIDR blocks. Raises ValueError."""
    return [ipaddress.ip_network(word, strict=False) for word in words]


def client_address(chain: Sequence[str], trusted: Sequence[Network]) -> str | None:
    """Return the nearest address that is no proxy of ours, reading backwards.

    Further to the left stands only what the client itself may have written.
    """
    nearest = None
    for word in reversed(chain):
        address = word.strip()
        if not is_address(address):
            break
        nearest = address
        if not is_in(address, trusted):
            break
    return nearest


def is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


def is_in(address: str, trusted: Sequence[Network]) -> bool:
    if not trusted or not is_address(address):
        return False
    found = ipaddress.ip_address(address)
    return any(found in network for network in trusted)
