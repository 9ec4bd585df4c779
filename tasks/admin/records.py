"""Tasks, lanes and what staff did to them, as records of fact."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from config.admin.models import FactAdmin
from config.errors import DomainError
from tasks import interventions, registry
from tasks.admin.doing import MOST_AT_ONCE, retry
from tasks.admin.reach import OPERATE, may_see_payloads, record_of
from tasks.models import Intervention, Lane, Task
from tasks.reach import reached_lanes, reached_tasks
from tasks.requesters import with_requesters


class ReasonForm(ActionForm):
    """Every action is kept with its reason."""

    reason = forms.CharField(
        max_length=interventions.LONGEST_REASON, required=False, label="Reason"
    )


class EngineAdmin(FactAdmin):
    """Records of fact that can be seen and acted on, and not written."""

    action_form = ReasonForm

    def has_operate_permission(self, request):
        return request.user.has_perm(OPERATE)

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


class ResourceFilter(admin.SimpleListFilter):
    """By what the workers know; asking the tasks would read all of them."""

    title = "resource"
    parameter_name = "resource"

    def lookups(self, request, model_admin):
        return [(name, name) for name in sorted(registry.resources())]

    def queryset(self, request, queryset):
        return queryset.filter(resource=self.value()) if self.value() else queryset


@admin.register(Task)
class TaskAdmin(EngineAdmin):
    list_display = [
        *("id", "resource", "action", "resource_id", "number", "state", "code"),
        *("attempts", "crashes", "accepted_at", "finished_at"),
    ]
    list_filter = ["state", ResourceFilter]
    search_fields = ["id"]  # for the box; see search
    search_help_text = "The id of a task, or of what it changes."
    ordering = ["-pk"]
    actions = ["retry", "cancel"]
    person = "about"
    # What it was sent is for who keeps the record; the others see how much it was.
    FIRST = ("lane_link", "number", "state", "code", "message", "record")
    SENT = ("resource", "action", "resource_id", "size")
    REST = [
        *("client_id", "asked_by", "name", "email", "scope", "issued_at", "expires_at"),
        *("request_id", "reason", "retry_of", "attempts", "crashes", "fence"),
        *("accepted_at", "started_at", "finished_at"),
    ]

    def get_fields(self, request, obj=None):
        told = ["payload", "worker_data"] if may_see_payloads(request.staff) else []
        return [*self.FIRST, *self.SENT, *told, *self.REST]

    def get_readonly_fields(self, request, obj=None):
        return self.get_fields(request, obj)

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        found.record_address = record_of(found, request.staff)
        with_requesters([found], request.staff)
        return found

    def within_reach(self, rows, staff):
        return reached_tasks(staff, rows)

    def search(self, rows, words):
        return rows.filter(pk=words) | rows.filter(resource_id=words)

    @admin.action(description="Accept again as new tasks", permissions=["operate"])
    def retry(self, request, tasks):
        retry(request, tasks.values_list("pk", flat=True)[:MOST_AT_ONCE])

    @admin.action(description="Cancel: let no worker begin it", permissions=["operate"])
    def cancel(self, request, tasks):
        self.intervene(request, tasks, interventions.cancel_task, of="task_id")

    @admin.display(description="lane")
    def lane_link(self, task):
        address = f"{reverse('admin:task_lane')}?{urlencode({'key': task.lane_id})}"
        return format_html('<a href="{}">{}</a>', address, task.lane_id)

    @admin.display(description="sub")
    def asked_by(self, task):
        return task.asked_by

    @admin.display(description="about")
    def record(self, task):
        if not task.record_address:
            return task.about or "-"
        return format_html('<a href="{}">{}</a>', task.record_address, task.about)

    @admin.display(description="size of what was sent")
    def size(self, task):
        sent = len(task.payload.encode())
        return filesizeformat(sent) if sent else "no longer kept"


@admin.register(Lane)
class LaneAdmin(EngineAdmin):
    list_display = ["key", "waiting", "is_held", "ready_at", "hinted_at", "fence"]
    list_filter = ["is_held", ("ready_at", admin.EmptyFieldListFilter)]
    search_fields = ["key"]
    search_help_text = "A lane, such as students:f0027k4, or its beginning."
    actions = ["hold", "resume", "hint_again", "end_head"]

    def within_reach(self, rows, staff):
        return reached_lanes(rows, staff)

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
        return reached_lanes(rows, staff, lane="lane_id")

    @admin.display(description="by")
    def who(self, intervention):
        return intervention.who
