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
