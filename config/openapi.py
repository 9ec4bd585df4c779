"""The OpenAPI document of this registry, and the page that shows it."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator

ALLOWED = {"Allow": "GET, HEAD, OPTIONS"}
COMMITTED = settings.BASE_DIR / "docs" / "openapi.json"


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of every endpoint."""
    return SchemaGenerator().get_schema(request=None, public=True)


@lru_cache(maxsize=1)
def document_text() -> bytes:
    """Return the document as it is served and committed: indented, stable JSON."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(document(), option=options) + b"\n"


def only_read(view: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Answer what asks for anything else as every interface does."""

    @csrf_exempt  # there is nothing to forge, and a refusal would be a page
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD"):
            return view(request)
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers=ALLOWED)
        said = {"message": "Method Not Allowed"}
        return JsonResponse(said, status=405, headers=ALLOWED)

    return answered


@only_read
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(document_text(), content_type="application/json")


@only_read
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/swagger.html")


urlpatterns = [
    path("openapi.json", openapi),
    path("docs", docs),
    path("docs/", docs),
]
