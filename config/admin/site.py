"""The admin site: each page in one history context and one transaction."""

import functools
import logging
import random
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import (
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    transaction,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.cache import never_cache

from access.disclosure import NotLogged, disclose
from config.admin.dashboard import dashboard
from config.admin.login import LoginForm, may_enter, must_set_up, second_factor
from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import is_allowed, navigation, screens
from config.admin.staff import Staff
from config.errors import DomainError, NotFound
from config.history import recorded

logger = logging.getLogger(__name__)

DOOR = "admin"
STUDENT_SEARCH = "student_search"  # the screen behind the box in the bar
TRANSIENT = ("40001", "40P01", "55P03")  # serialization, deadlock, lock time-out
ATTEMPTS = 5
READS = ("GET", "HEAD", "OPTIONS")

NOTHING_HERE = "There is nothing here, or nothing that you may see."
NOT_ALLOWED = "Your account may not do this. The registrar gives permissions."
CHANGED_MEANWHILE = "The record changed meanwhile; go back, look again and repeat it."
NO_SUCH_VALUE = "The address or the form holds a value that no record can have."
AWAY = "The registry cannot reach its database; nothing was changed. Try again."


class Site(admin.AdminSite):
    """The admin of Matricula. Every page, ours and Django's, goes by `admin_view`."""

    site_header = "Matricula"
    site_title = "Matricula"
    index_title = "The registrar's desk"
    enable_nav_sidebar = False
    login_form = LoginForm

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and may_enter(request)

    def login(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        if must_set_up(request):
            return redirect("admin:second_factor")
        return super().login(request, extra_context)

    def get_urls(self) -> list:
        factor = path(
            "second-factor/", never_cache(second_factor), name="second_factor"
        )
        records = path("records/", self._served(self.records), name="records")
        ours = [
            path(each.route, self._served(each.view), name=each.name)
            for each in screens()
        ]
        # No record has an address outside; asked for one, Django would fail.
        others = [
            url
            for url in super().get_urls()
            if getattr(url, "name", None) != "view_on_site"
        ]
        return [factor, records, *ours, *others]

    def _served(self, view: Callable) -> Callable:
        def served(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return self.admin_view(view)(request, *args, **kwargs)

        return served

    def index(self, request: Any, extra_context=None) -> HttpResponse:
        return dashboard(request)

    def records(self, request: DeskRequest) -> HttpResponse:
        """Every kind of record that there is, for who may see it."""
        shown = {"app_list": self.get_app_list(request)}
        return page(request, "admin/index.html", title="All records", **shown)

    def each_context(self, request: Any) -> dict[str, Any]:
        context = super().each_context(request)
        if context["has_permission"]:
            context["navigation"] = [*navigation(request)]
            if is_allowed(STUDENT_SEARCH, Staff(request.user)):
                context["search_url"] = reverse(f"admin:{STUDENT_SEARCH}")
        return context

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        return super().admin_view(self._kept(view), cacheable)

    def _kept(self, view: Callable) -> Callable:
        """The view, with its writes recorded and its refusals put into words."""

        @functools.wraps(view)
        def kept(request: DeskRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return _rendered(_done(view, request, *args, **kwargs))
            except Http404:
                return self.refusal(request, 404, NOTHING_HERE)
            except PermissionDenied:
                return self.refusal(request, 403, NOT_ALLOWED)
            except DomainError as refusal:
                status = 404 if isinstance(refusal, NotFound) else 409
                return self.refusal(request, status, refusal.message)
            except IntegrityError as error:
                logger.warning("constraint_refused", extra={"error": str(error)})
                return self.refusal(request, 409, CHANGED_MEANWHILE)
            except DataError:
                return self.refusal(request, 400, NO_SUCH_VALUE)
            except (OperationalError, InterfaceError, NotLogged) as error:
                logger.error("database_away", exc_info=error)
                return HttpResponse(AWAY, status=503, content_type="text/plain")

        return kept

    def refusal(self, request: HttpRequest, status: int, sentence: str) -> HttpResponse:
        """A page that says why nothing was done."""
        context = {
            **self.each_context(request),
            "title": HTTPStatus(status).phrase,
            "sentence": sentence,
        }
        return TemplateResponse(request, "admin/refusal.html", context, status=status)


def release(request: DeskRequest, profile_ids: Iterable[str | None]) -> None:
    """Say whose records this page shows, or this form writes.

    The site writes the row of the disclosure log before the page leaves.
    """
    request.released.update({pk: None for pk in profile_ids if pk})


def _rendered(response: HttpResponse) -> HttpResponse:
    """The page, written out here: a form asks the database for what it shows."""
    return response.render() if isinstance(response, TemplateResponse) else response


def _done(view: Callable, request: DeskRequest, *args: Any, **kwargs: Any):
    request.released = {}
    request.staff = Staff(request.user)
    if request.method in READS:
        response = view(request, *args, **kwargs)
        _disclose(request, is_read=True)
        return response
    with recorded(
        actor=request.staff.actor,
        door=DOOR,
        request_id=request.request_id,
        reason=request.POST.get("reason", "").strip()[:500] or None,
    ):
        for attempt in range(1, ATTEMPTS):
            try:
                return _attempt(view, request, *args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in TRANSIENT:
                    raise
                time.sleep(random.uniform(0, 0.01 * 2**attempt))
        return _attempt(view, request, *args, **kwargs)


@transaction.atomic
def _attempt(view: Callable, request: DeskRequest, *args: Any, **kwargs: Any):
    """Everything that commits together: what was sent in, and the log."""
    request.released.clear()
    response = view(request, *args, **kwargs)
    _disclose(request, is_read=False)
    return response


def _disclose(request: DeskRequest, *, is_read: bool) -> None:
    disclose(
        door=DOOR,
        what=_name_of(request)[:64],
        profile_ids=request.released,
        request_id=request.request_id,
        staff=request.user.get_username(),
        is_read=is_read,
    )


def _name_of(request: DeskRequest) -> str:
    """The name of the page, which says in a word what was shown."""
    found = request.resolver_match
    return found.url_name or "" if found else ""
