"""What was imported and exported, as records of fact."""

from django.contrib import admin

from config.admin.models import FactAdmin
from transfer.models import ExportFile, Import


class TransferAdmin(FactAdmin):
    ordering = ["-created_at"]

    @admin.display(description="by")
    def who(self, row):
        return row.actor.get("staff") or row.actor.get("os_user", "")


@admin.register(Import)
class ImportAdmin(TransferAdmin):
    """What it found in the record is for who may know of everyone there."""

    FOUND = ("message", "new", "changed", "same", "error")
    list_display = [
        *("created_at", "who", "kind", "file_name", "state", "new", "changed"),
        "reason",
    ]
    list_filter = ["state"]
    fields = [
        *("kind", "file_name", "who", "created_at", "checked_at", "applied_at"),
        *("state", "message", "reason", "mapping", "most_percent", "is_late"),
        *("new", "changed", "same", "error"),
    ]
    readonly_fields = ["who"]

    def get_list_display(self, request):
        return self._told(request, self.list_display)

    def get_fields(self, request, obj=None):
        return self._told(request, self.fields)

    def _told(self, request, names):
        hidden = () if request.staff.sees_held else self.FOUND
        return [name for name in names if name not in hidden]


@admin.register(ExportFile)
class ExportFileAdmin(TransferAdmin):
    """Without its number of rows, which might tell of people under hold."""

    list_display = ["created_at", "who", "kind", "format", "with_held", "made_at"]
    fields = [
        *("kind", "format", "filters", "with_held", "who", "created_at", "made_at"),
    ]
    readonly_fields = ["who"]
