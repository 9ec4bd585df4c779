"""People, and the words that say where they are in a term."""

from django.contrib import admin

from config.admin.models import FactAdmin, FactInline, RecordAdmin
from students.models import Dplan, DplanCode, DplanSource, Profile


class DplanInline(FactInline):
    model = Dplan
    ordering = ["term"]
    fields = ["term", "code", "source", "updated_at"]


@admin.register(Profile)
class ProfileAdmin(RecordAdmin):
    person = "pk"
    list_display = ["__str__", "netid", "email", "class_year", "intake", "is_held"]
    list_select_related = ["intake"]
    autocomplete_fields = ["intake"]
    search_fields = ["netid"]
    search_help_text = "The id, or how the netid or the name begins."
    inlines = [DplanInline]

    def search(self, rows, words):
        return rows.matching(words)

    @admin.display(description="privacy hold", boolean=True)
    def is_held(self, profile):
        return profile.is_confidential


@admin.register(Dplan)
class DplanAdmin(FactAdmin):
    """Read here; a change waits its turn behind those that were asked for before."""

    person = "profile_id"
    list_display = ["profile", "term", "code", "source", "updated_at"]
    list_select_related = ["profile", "term", "code", "source"]
    search_fields = ["pk"]
    search_help_text = "The id, or how the netid or the name of the student begins."

    def search(self, rows, words):
        return rows.filter(profile_id__in=Profile.objects.matching(words).first_ids())


@admin.register(DplanCode, DplanSource)
class WordAdmin(RecordAdmin):
    list_display = ["id", "name", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        return ["id"] if obj else []
