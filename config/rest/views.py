"""The view that every endpoint of every interface stands on.

It keeps the rules that hold for all of them: the order of checks, one
transaction per write, conditional requests, Idempotency-Key, dry runs, the
disclosure log, and errors in the shape of the interface. A leaf view finds,
parses, does and answers.
"""

import logging
import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar

import structlog
from django.db import DatabaseError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from access.authentication import AUTHENTICATION
from access.disclosure import NotLogged, disclose
from access.permissions import HasDeclaredAccess
from config.history import recorded, remarked
from config.rest import conditional, idempotency, preferences
from config.rest.dialects import PLAIN, Dialect, dialect_of
from config.rest.faults import Fault, fault_of
from config.rest.fields import ID
from config.rest.queries import Schema
from config.rest.renderers import JSONRenderer, OnlyJSON, render
from config.rest.requests import Request
from config.rest.schema import InterfaceSchema
from config.rest.throttling import ClientRate

logger = logging.getLogger(__name__)

MEBIBYTE = 1024 * 1024
READS = ("GET", "HEAD")
BODIES = ("POST", "PUT", "PATCH")  # the verbs that carry JSON
# Serialization, deadlock, lock time-out; a plan older than the last migration.
TRANSIENT = ("40001", "40P01", "55P03", "0A000")
ATTEMPTS = 5

Answer = TypeVar("Answer")


class InterfaceView(ViewSetMixin, APIView):
    """Base of all endpoints; declare at the top what differs.

    `required_scopes` (and `required_roles`) say by action who may call: see
    access.permissions. `query` holds by action the query parameters that are
    known, with their schemas (see config.rest.queries); others are ignored and named
    in a `Warning` header. `if_match` holds the actions that honour If-Match; on
    other writes it is 400.
    """

    dialect: Dialect = PLAIN
    query: dict[str, Mapping[str, Schema]] = {}
    if_match: Collection[str] = ()
    max_body = 5 * MEBIBYTE
    takes_body = True
    is_public = False  # needs no credentials
    writes = True  # what it does, but for reading, is to the record

    authentication_classes = AUTHENTICATION
    throttle_classes = [ClientRate]
    permission_classes = [HasDeclaredAccess]
    renderer_classes = [JSONRenderer]
    parser_classes: list = []
    content_negotiation_class = OnlyJSON
    schema = InterfaceSchema()

    request: Request
    expected_versions: frozenset[int] | None = None
    is_dry_run = False

    # --- What a leaf view may override or call --------------------------------

    def find(self, request: Request, **kwargs: str) -> None:
        """Find what the URL names and keep it on self, or raise NotFound."""

    def parse(self, request: Request) -> None:
        """Read the body, before the key of the request is taken."""
        request.data  # noqa: B018 (raises 413, 415 and 400)

    def recover(self, request: Request, error: OperationalError) -> Response:
        """Answer after the database was lost during the commit of a write."""
        raise OutcomeUnknown from error

    def release(self, profile_ids: Iterable[str]) -> None:
        """Say whose records this answer shows, or this request writes."""
        self.released.update(dict.fromkeys(profile_ids))

    @property
    def invalid_status(self) -> int:
        """What answers values that break a rule."""
        return self.dialect.invalid_status

    def tagged(self, response: Response, *, version: int, body: Any = None) -> Response:
        """Put the ETag on; `body` is what GET there would give this caller."""
        shown = response.data if body is None else body
        response["ETag"] = conditional.etag(version, shown)
        return response

    # --- The order of checks --------------------------------------------------

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: str) -> HttpResponse:
        self.args, self.kwargs, self.headers = args, _possible(kwargs), {}
        self.released: dict[str, None] = {}
        # Asking first whether the connection is alive would cost each request a
        # round trip. One that is found dead is replaced, and the request done again.
        connection.health_check_done = True
        self.request = self.initialize_request(request)
        structlog.contextvars.bind_contextvars(door=self.dialect.name)
        try:
            response = self.answer(self.request)
        except Exception as error:  # the one place where errors become answers
            response = self.handle_exception(error)
        return self.finalize_response(self.request, response)

    def answer(self, request: Request) -> Response:
        method = (request.method or "").lower()
        if request.method not in self.allowed_methods:
            raise exceptions.MethodNotAllowed(request.method)
        if method == "options":
            return Response(None, 204, headers={"Allow": ", ".join(self.allowed)})
        self.initial(request)
        handler = getattr(self, method)
        if request.method in READS:
            return self.read(request, handler)
        return self.write(request, handler)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Who (401), how often (429), whether (403)."""
        request.accepted_renderer = self.get_renderers()[0]
        request.accepted_media_type = JSONRenderer.media_type
        if not self.is_public:
            _patiently(partial(self.admit, request))

    def admit(self, request: Request) -> None:
        self.perform_authentication(request)
        if request.auth is None:
            raise exceptions.NotAuthenticated
        structlog.contextvars.bind_contextvars(client=request.caller.client_id)
        self.check_throttles(request)
        self.check_permissions(request)

    # --- Reads ----------------------------------------------------------------

    def read(self, request: Request, handler: Callable[..., Response]) -> Response:
        return _patiently(partial(self.look, request, handler))

    def look(self, request: Request, handler: Callable[..., Response]) -> Response:
        self.released.clear()
        self.find(request, **self.kwargs)
        preferences.check_query(request)
        response = handler(request, **self.kwargs)
        tag = response.headers.get("ETag")
        if tag and conditional.is_unchanged(request, tag):
            return Response(None, 304, headers={"ETag": tag})
        if request.method == "GET":
            self.disclose(is_read=True)
        return response

    # --- Writes ---------------------------------------------------------------

    def write(self, request: Request, handler: Callable[..., Response]) -> Response:
        """Do the write in one transaction; again where that certainly failed."""
        with recorded(
            actor=request.caller.actor,
            door=self.dialect.name,
            request_id=request.request_id,
        ):
            for attempt in range(1, ATTEMPTS):
                try:
                    return self.attempt(request, handler)
                except DatabaseError as error:
                    # What was lost before the commit is not there, so it may be
                    # done again: once, as a database that is away is slow to say so.
                    was_lost = attempt == 1 and _connection_was_lost()
                    if not (was_lost or _is_transient(error)):
                        raise
                    time.sleep(random.uniform(0, 0.01 * 2**attempt))
            return self.attempt(request, handler)

    def attempt(self, request: Request, handler: Callable[..., Response]) -> Response:
        self.released.clear()
        is_done = False
        try:
            with transaction.atomic():
                response = self.transact(request, handler)
                is_done = True
        except OperationalError as error:
            if is_done:
                return self.recover(request, error)
            raise
        return response

    def transact(self, request: Request, handler: Callable[..., Response]) -> Response:
        """Everything that commits together: the write, its answer, the log."""
        self.find(request, **self.kwargs)
        self.read_preferences(request)
        if self.takes_body and request.method in BODIES:
            self.parse(request)
        key = self._idempotency_key(request)
        stored = idempotency.take(request, key) if key else None
        if stored:
            self.release(stored.profile_ids)
            response = stored.response()
        elif self.is_dry_run:
            response = self.rehearse(request, handler)
        else:
            response = handler(request, **self.kwargs)
            if key and response.status_code < 400:
                idempotency.keep(request, key, response, [*self.released])
        self.disclose(is_read=False)
        return response

    def read_preferences(self, request: Request) -> None:
        """What the query and the headers of any write may ask for, or 400."""
        preferences.check_query(request)
        self.is_dry_run = preferences.dry_run_of(request)
        self.expected_versions = self._expected(request)
        reason = preferences.reason_of(request)
        if reason is not None:
            remarked(reason=reason)

    def rehearse(self, request: Request, handler: Callable[..., Response]) -> Response:
        """Do it, check what would be checked at commit, and undo it."""
        with transaction.atomic():
            response = handler(request, **self.kwargs)
            connection.check_constraints()
            transaction.set_rollback(True)
        for name in ("Location", "ETag"):
            response.headers.pop(name, None)
        response["Dry-Run"] = "true"
        return response

    def disclose(self, *, is_read: bool) -> None:
        if not self.released:
            return
        try:
            disclose(
                caller=self.request.caller,
                door=self.dialect.name,
                what=f"{self.dialect.name} {self.action}",
                profile_ids=self.released,
                request_id=self.request.request_id,
                is_read=is_read,
            )
        except NotLogged as error:
            raise NothingShown from error

    # --- Answers --------------------------------------------------------------

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, exceptions.MethodNotAllowed):
            self.headers["Allow"] = ", ".join(self.allowed)
        if isinstance(
            exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed
        ):
            exc.auth_header = "Bearer"  # type: ignore[union-attr]
        fault = fault_of(
            exc, invalid_status=self.invalid_status, statuses=self.dialect.statuses
        )
        return fault_response(fault, self.dialect)

    def finalize_response(self, request, response, *args, **kwargs):
        warning = preferences.warning_of(request, self._known_parameters())
        if warning:
            response.headers.setdefault("Warning", warning)
        for name, value in getattr(request, "rate_headers", {}).items():
            response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any):
        self.action = self.action_map.get(request.method.lower())
        wrapped = Request(request, authenticators=self.get_authenticators())
        wrapped.max_body = self.max_body
        return wrapped

    @property
    def allowed(self) -> list[str]:
        return sorted(self.allowed_methods)

    def _expected(self, request: Request) -> frozenset[int] | None:
        if request.headers.get("If-Match") and self.action not in self.if_match:
            raise exceptions.ParseError("If-Match is not supported here; leave it out.")
        return conditional.expected_versions(request)

    def _idempotency_key(self, request: Request) -> str | None:
        if request.method not in BODIES:
            return None
        key = idempotency.key_of(request)
        if key and self.is_dry_run:
            raise exceptions.ParseError("A dry run takes no Idempotency-Key.")
        return key

    def _known_parameters(self) -> set[str]:
        is_write = self.request.method not in READS
        return {*self.query.get(self.action, ()), *(["dry_run"] if is_write else [])}


class OutcomeUnknown(exceptions.APIException):
    """The database was lost while the write was being committed."""

    status_code = 503
    default_code = "outcome_unknown"
    default_detail = (
        "The registry lost its database while it stored this change, and cannot "
        "tell whether it did. Send it again with the same Idempotency-Key."
    )
    wait = 1


class NothingShown(exceptions.APIException):
    """What cannot be logged as disclosed is not shown."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "The disclosure cannot be logged, so nothing is shown. Try again."
    wait = 1


def fault_response(fault: Fault, dialect: Dialect) -> Response:
    """Return an error in the shape of an interface."""
    return Response(dialect.body(fault), fault.status, headers=fault.headers)


@csrf_exempt  # there is nothing to forge, and a refusal would be a page
def unknown_url(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """404 in the shape of the interface under whose prefix the URL lies."""
    return _plain_fault(request, Fault(404, "not_found", "There is nothing here."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _plain_fault(request, fault_of(exception))


def server_error(request: HttpRequest) -> HttpResponse:
    return _plain_fault(request, Fault(500, "error", "Something went wrong; logged."))


def _plain_fault(request: HttpRequest, fault: Fault) -> HttpResponse:
    body = dialect_of(request.path).body(fault)
    return HttpResponse(
        render(body), status=fault.status, content_type=JSONRenderer.media_type
    )


def _patiently(work: Callable[[], Answer]) -> Answer:
    """Do what writes nothing, and once more where that may help."""
    try:
        return work()
    except DatabaseError as error:
        if not (_connection_was_lost() or _is_transient(error)):
            raise
    return work()


def _is_transient(error: DatabaseError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in TRANSIENT


def _connection_was_lost() -> bool:
    """Whether the connection is gone; then the next statement makes another."""
    raw = connection.connection
    if raw is not None and not raw.closed:
        return False
    connection.close()
    return True


def _possible(kwargs: dict[str, str]) -> dict[str, str]:
    """Ids that could not exist become "", which nothing has."""
    return {
        name: value if ID.fullmatch(value) else "" for name, value in kwargs.items()
    }
