"""Who has seen whose record, as staff see it."""

import re

from django.contrib import admin

from access.identities import profile_id_of
from access.models import Disclosure
from config.admin.models import FactAdmin
from config.admin.site import release

ID = re.compile(r"[A-Za-z0-9._~-]{1,64}", re.ASCII)  # of a profile, or a netid


@admin.register(Disclosure)
class DisclosureAdmin(FactAdmin):
    """Who has seen whose record; looking is in the log as well.

    Its rows name people under privacy hold, so it is for who may know of them.
    """

    list_display = ["at", "who", "door", "what", "purpose", "people", "request_id"]
    search_fields = ["pk"]
    search_help_text = "The student's profile id or netid."
    ordering = ["-at"]
    fields = [
        *("at", "client_id", "sub", "staff", "door", "what"),
        *("purpose", "request_id", "profile_ids"),
    ]

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) and request.staff.sees_held

    def get_search_results(self, request, queryset, search_term):
        """Rows of one student. An id that was deleted since is still found."""
        words = search_term.strip()
        if not words:
            return queryset, False
        if not ID.fullmatch(words):  # nobody could have it, and the log could not
            return queryset.none(), False
        profile_id = profile_id_of(words)
        release(request, [profile_id])
        return queryset.of_profile(profile_id), False

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        release(request, found.profile_ids)
        return found

    @admin.display(description="who")
    def who(self, disclosure):
        return disclosure.staff or f"{disclosure.client_id} {disclosure.sub}"

    @admin.display(description="people")
    def people(self, disclosure):
        return len(disclosure.profile_ids)
