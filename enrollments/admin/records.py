"""Who is in which section, as staff see it."""

from django.contrib import admin

from config.admin.models import FactAdmin
from enrollments.models import Enrollment


@admin.register(Enrollment)
class EnrollmentAdmin(FactAdmin):
    """Read here; a change waits its turn behind those that were asked for before."""

    person = "profile_id"
    list_display = [
        "id",
        "profile",
        "offering",
        "role",
        "assessment_submitted_at",
        "assessment_opted_out_at",
    ]
    list_select_related = ["profile", "offering"]
    search_fields = ["pk"]
    search_help_text = "How the id begins, or the netid or the name of the student."

    def search(self, rows, words):
        return rows.matching(words)
