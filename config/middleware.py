"""What happens around every request, whichever door it comes by."""

import re

import structlog

from config.ids import new_id

SANE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
HEADER = "X-Request-Id"


class RequestIdMiddleware:
    """Gives each request an id: the client's where it is sane, else a new one.

    It is in the logs, in the history of what the request wrote and in the
    answer, unless the answer carries the key of a found set there.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        inbound = request.headers.get(HEADER, "")
        request.request_id = inbound if SANE.fullmatch(inbound) else new_id()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)
        response = self.get_response(request)
        response.headers.setdefault(HEADER, request.request_id)
        return response


# Nothing from elsewhere, nothing inline, nobody's frame. Images may be `data:`,
# as the documentation page draws its arrows.
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    # Answers are people's records: for who asked, and to be asked for again.
    "Cache-Control": "private, no-cache",
}


class SecurityHeadersMiddleware:
    """Tells browsers and caches what they must not do; a view may say otherwise."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response
