from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Exists, OuterRef

from config.admin.models import FactAdmin
from config.errors import DomainError
from tasks import interventions, registry
from tasks.models import Intervention, Lane, Task


class ReasonForm(ActionForm):
    """Every action is kept with its reason."""

    reason = forms.CharField(
        max_length=interventions.LONGEST_REASON, required=False, label="Reason"
    )


def without_held_lanes(rows, staff, lane="pk"):
    """A lane's name says whom it is about: it hides as its tasks do."""
    if staff.sees_held:
        return rows
    tasks = Task.objects.filter(lane=OuterRef(lane))
    return rows.exclude(Exists(registry.about_held_people(tasks)))


class EngineAdmin(FactAdmin):
    """Records of fact that can be seen and acted on, and not written."""

    action_form = ReasonForm

    def has_operate_permission(self, request):
        return request.user.has_perm("tasks.operate")

    def intervene(self, request, rows, operation, of):
        """Do one operation to each row; say of each that refuses why it does."""
        done = 0
        for row in rows:
            try:
                operation(
                    **{of: row.pk},
                    actor=request.staff.actor,
                    reason=request.POST.get("reason", ""),
                )
                done += 1
            except DomainError as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.WARNING)
        self.message_user(request, f"Done: {done}.")


@admin.register(Task)
class TaskAdmin(EngineAdmin):
    list_display = [
        *("id", "resource", "action", "resource_id", "number", "state", "code"),
        *("attempts", "crashes", "accepted_at", "finished_at"),
    ]
    list_filter = ["state", "resource"]
    search_fields = ["id"]  # for the box; see search
    search_help_text = "The id of a task, or of what it changes."
    ordering = ["-pk"]
    actions = ["retry"]
    person = "about"

    def within_reach(self, rows, staff):
        return rows if staff.sees_held else registry.without_held_people(rows)

    def search(self, rows, words):
        return rows.filter(pk=words) | rows.filter(resource_id=words)

    @admin.action(description="Accept again as new tasks", permissions=["operate"])
    def retry(self, request, tasks):
        self.intervene(request, tasks, interventions.retry_task, of="task_id")


@admin.register(Lane)
class LaneAdmin(EngineAdmin):
    list_display = ["key", "waiting", "is_held", "ready_at", "hinted_at", "fence"]
    list_filter = ["is_held", ("ready_at", admin.EmptyFieldListFilter)]
    search_fields = ["key"]
    search_help_text = "A lane, such as students:f0027k4, or its beginning."
    actions = ["hold", "resume", "hint_again", "end_head"]

    def within_reach(self, rows, staff):
        return without_held_lanes(rows, staff)

    def search(self, rows, words):
        return rows.filter(key__startswith=words)

    @admin.action(description="Hold: begin no further task", permissions=["operate"])
    def hold(self, request, lanes):
        self.intervene(request, lanes, interventions.hold_lane, of="lane")

    @admin.action(description="Resume", permissions=["operate"])
    def resume(self, request, lanes):
        self.intervene(request, lanes, interventions.resume_lane, of="lane")

    @admin.action(description="Tell the workers again", permissions=["operate"])
    def hint_again(self, request, lanes):
        self.intervene(request, lanes, interventions.hint_again, of="lane")

    @admin.action(description="End the first task in error", permissions=["operate"])
    def end_head(self, request, lanes):
        self.intervene(request, lanes, interventions.end_head, of="lane")


@admin.register(Intervention)
class InterventionAdmin(FactAdmin):
    """Who did what to lanes and tasks, and why."""

    list_display = ["at", "operation", "lane_id", "task_id", "who", "reason"]
    ordering = ["-at"]

    def within_reach(self, rows, staff):
        return without_held_lanes(rows, staff, lane="lane_id")

    @admin.display(description="by")
    def who(self, intervention):
        return intervention.actor.get("staff") or intervention.actor.get("command")
