"""Who is registered on what, and with which grades, as staff see it."""

from django.contrib import admin

from access.identities import hidden_among
from config.admin.models import FactAdmin, FactInline, RecordAdmin
from config.admin.versions import FixedForm
from config.history import events_of
from config.trail import Trail
from registrations.admin.actions import ACTIONS, may_change, registration_actions
from registrations.models import Grade, GradeState, Registration


class GradeStateForm(FixedForm):
    fixed = {"outcome": ("registrations", "registrations are in this state")}


@admin.register(GradeState)
class GradeStateAdmin(RecordAdmin):
    form = GradeStateForm
    list_display = ["name", "label", "outcome", "is_default"]

    def get_readonly_fields(self, request, obj=None):
        return ["name"] if obj else []


class GradeInline(FactInline):
    model = Grade
    fields = ["column", "value", "published", "comment", "resit_value", "updated_at"]
    ordering = ["column__position", "column_id"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("column")

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or request.staff.grades_own


@admin.register(Registration)
class RegistrationAdmin(FactAdmin):
    """Whoever may grade only what they teach sees those registrations and no other."""

    person = "profile_id"
    list_display = [
        "id",
        "profile",
        "unit",
        "intake",
        "attempt",
        "state",
        "grade_state",
        "created_at",
    ]
    list_select_related = ["profile", "unit", "intake", "grade_state"]
    search_fields = ["pk"]
    search_help_text = "The id, or how the netid or the name of the student begins."
    inlines = [GradeInline]
    ordering = ["-created_at", "-id"]

    def get_fields(self, request, obj=None):
        names = (field.name for field in Registration._meta.concrete_fields)
        return ["grader" if name == "grader_id" else name for name in names]

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        found.is_grader_hidden = bool(hidden_among([found.grader_id], request.staff))
        return found

    @admin.display(description="graded by")
    def grader(self, registration):
        return None if registration.is_grader_hidden else registration.grader_id

    def search(self, rows, words):
        return rows.matching(words)

    def within_reach(self, rows, staff):
        return rows.within_reach_of(staff)

    def changelist_view(self, request, extra_context=None):
        """An action that was chosen is shown, and done, on a page of its own."""
        if request.POST.get("action") in ACTIONS:
            return registration_actions(request)
        return super().changelist_view(request, extra_context)

    def get_actions(self, request):
        if not may_change(request.staff):
            return {}
        return {
            name: (registration_actions, name, label)
            for name, (label, _) in ACTIONS.items()
        }

    def trails(self, row):
        """The registration's own history, and that of its grades."""
        columns = {column.pk: column for column in row.unit.grade_columns.all()}
        grades = Trail(
            events_of(Grade).filter(registration=row.pk),
            along=("registration_id", "column_id"),
            name=lambda event: str(columns.get(event.column_id, "grade")),
        )
        return [*super().trails(row), grades]

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or request.staff.grades_own
