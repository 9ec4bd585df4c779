"""Answers of the desk's own screens."""

from typing import Any

from django.contrib import admin
from django.template.response import TemplateResponse

from config.admin.requests import DeskRequest


def page(
    request: DeskRequest, template: str, *, title: str, status: int = 200, **shown: Any
) -> TemplateResponse:
    """A page of the desk: the template within the frame that all pages have."""
    context = {**admin.site.each_context(request), "title": title, **shown}
    return TemplateResponse(request, template, context, status=status)
