from functools import cached_property

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.core.paginator import Paginator

from config.errors import DomainError
from tasks import interventions
from tasks.models import Intervention, Lane, Task

MOST_COUNTED = 10_000


class ShortPaginator(Paginator):
    """Counts no further than anyone will leaf."""

    @cached_property
    def count(self) -> int:
        return self.object_list[:MOST_COUNTED].count()


class ReasonForm(ActionForm):
    """Every action is kept with its reason."""

    reason = forms.CharField(
        max_length=interventions.LONGEST_REASON, required=False, label="Reason"
    )


class FactAdmin(admin.ModelAdmin):
    """Records of fact: they can be seen, and acted on, but not written."""

    action_form = ReasonForm
    paginator = ShortPaginator
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_readonly_fields(self, request, obj=None):
        return [field.name for field in self.model._meta.fields]

    def intervene(self, request, rows, operation, of):
        """Do one operation to each row; say of each that refuses why it does."""
        done = 0
        for row in rows:
            try:
                operation(
                    **{of: row.pk},
                    actor={"staff": request.user.get_username()},
                    reason=request.POST.get("reason", ""),
                )
                done += 1
            except DomainError as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.WARNING)
        self.message_user(request, f"Done: {done}.")


@admin.register(Task)
class TaskAdmin(FactAdmin):
    list_display = [
        *("id", "resource", "action", "resource_id", "number", "state", "code"),
        *("attempts", "crashes", "accepted_at", "finished_at"),
    ]
    list_filter = ["state", "resource"]
    search_fields = ["=id", "=resource_id"]
    ordering = ["-pk"]
    actions = ["retry"]

    @admin.action(description="Accept again as new tasks", permissions=["change"])
    def retry(self, request, tasks):
        self.intervene(request, tasks, interventions.retry_task, of="task_id")


@admin.register(Lane)
class LaneAdmin(FactAdmin):
    list_display = ["key", "waiting", "is_held", "ready_at", "hinted_at", "fence"]
    list_filter = ["is_held", ("ready_at", admin.EmptyFieldListFilter)]
    search_fields = ["key__startswith"]
    ordering = ["pk"]
    actions = ["hold", "resume", "hint_again", "end_head"]

    @admin.action(description="Hold: begin no further task", permissions=["change"])
    def hold(self, request, lanes):
        self.intervene(request, lanes, interventions.hold_lane, of="lane")

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request, lanes):
        self.intervene(request, lanes, interventions.resume_lane, of="lane")

    @admin.action(description="Tell the workers again", permissions=["change"])
    def hint_again(self, request, lanes):
        self.intervene(request, lanes, interventions.hint_again, of="lane")

    @admin.action(description="End the first task in error", permissions=["change"])
    def end_head(self, request, lanes):
        self.intervene(request, lanes, interventions.end_head, of="lane")


@admin.register(Intervention)
class InterventionAdmin(FactAdmin):
    """Who did what to lanes and tasks, and why."""

    list_display = ["at", "operation", "lane_id", "task_id", "who", "reason"]
    search_fields = ["=lane_id", "=task_id"]
    ordering = ["-at"]
    actions = None

    def has_change_permission(self, request, obj=None):
        return False

    @admin.display(description="by")
    def who(self, intervention):
        return intervention.actor.get("staff") or intervention.actor.get("command")
