"""The OpenAPI document of this registry, and the page that shows it."""

from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

COMMITTED = settings.BASE_DIR / "docs" / "openapi.json"


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of every endpoint."""
    return SchemaGenerator().get_schema(request=None, public=True)


@lru_cache(maxsize=1)
def document_text() -> bytes:
    """Return the document as it is served and committed: indented, stable JSON."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(document(), option=options) + b"\n"


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return HttpResponse(document_text(), content_type="application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/swagger.html")


urlpatterns = [
    path("openapi.json", openapi),
    path("docs", docs),
    path("docs/", docs),
]
