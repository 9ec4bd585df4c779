"""The table of contents: one include per interface."""

from django.contrib import admin
from django.urls import include, path, re_path

from config.rest.views import unknown_url

handler400 = "config.rest.views.bad_request"
handler404 = "config.rest.views.unknown_url"
handler500 = "config.rest.views.server_error"

urlpatterns = [
    # Those that are called most come first: the patterns are tried in turn.
    path("", include("registrations.api.profile_registrations.urls")),
    path("", include("enrollments.api.urls")),
    path("", include("students.api.urls")),
    path("", include("tasks.api.urls")),
    path("", include("registrations.api.offering_registrations.urls")),
    path("", include("offerings.api.urls")),
    path("", include("access.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("config.openapi")),
    re_path("", unknown_url),  # in the shape of the interface it lies under
]
