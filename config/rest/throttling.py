"""What a client's rate limit looks like over HTTP.

The request was counted when its caller was recognised, in the same question to
Redis that tells the access epoch; this module only says what came of it. The
two headers are those of the IETF's draft "RateLimit header fields for HTTP".
"""

from rest_framework.throttling import BaseThrottle

from access.epoch import WINDOW, Rate


class ClientRate(BaseThrottle):
    """Refuses what went past the caller's limit, and says what is left of it."""

    rate: Rate

    def allow_request(self, request, view) -> bool:
        self.rate = request.auth.rate
        request.rate_headers = rate_headers(self.rate)
        return self.rate.is_granted

    def wait(self) -> int:
        return self.rate.reset


def rate_headers(rate: Rate) -> dict[str, str]:
    """The headers that tell a client what is left to it; none without a limit."""
    if rate.limit == 0:
        return {}
    return {
        "RateLimit-Policy": f'"client";q={rate.limit};w={WINDOW}',
        "RateLimit": f'"client";r={rate.remaining};t={rate.reset}',
    }
