"""Jobs as staff see them."""

from django.contrib import admin, messages
from django.template.defaultfilters import pluralize

from config.admin.models import Narrowed
from config.admin.paging import BoundedPaginator
from config.admin.requests import DeskRequest
from jobs.errors import HasEnded, NotAllowed
from jobs.models import Job
from jobs.operations import cancel_job, run_again
from jobs.registry import known_kinds
from jobs.rights import may_ask_for

SECONDS_BETWEEN_LOOKS = "2"


class KindFilter(admin.SimpleListFilter):
    """By what the workers know; asking the jobs would read all of them."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return [(kind, kind) for kind in sorted(known_kinds())]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(Narrowed, admin.ModelAdmin):
    """Jobs are records of fact: they can be watched, stopped and begun again."""

    list_display = ["accepted_at", "kind", "who", "state", "progress", "error"]
    list_filter = ["state", KindFilter]
    date_hierarchy = "accepted_at"
    ordering = ["-accepted_at"]
    paginator = BoundedPaginator
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ["cancel", "begin_again"]
    fields: tuple[str, ...] = (
        *("kind", "who", "door", "reason", "state", "stage", "progress", "attempts"),
        *("accepted_at", "started_at", "finished_at", "error", "result", "arguments"),
    )
    readonly_fields = fields
    TELL_OF_PEOPLE = ("result", "arguments")

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def get_fields(self, request, obj=None):
        """What it came upon is for who could have asked for it."""
        if obj and may_ask_for(request.user, obj):
            return self.fields
        return [name for name in self.fields if name not in self.TELL_OF_PEOPLE]

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        return found and _told(found, request)

    def get_changelist_instance(self, request):
        found = super().get_changelist_instance(request)
        for job in found.result_list:
            _told(job, request)
        return found

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        response = super().changeform_view(request, object_id, form_url, extra_context)
        if Job.objects.unfinished().filter(pk=object_id).exists():
            response.headers["Refresh"] = SECONDS_BETWEEN_LOOKS
        return response

    @admin.display(description="asked by")
    def who(self, job):
        return job.actor.get("staff") or job.actor.get("command") or "a client"

    @admin.display(description="progress")
    def progress(self, job):
        if job.percent is None:
            return f"{job.done:,}" if job.done and job.tells_numbers else ""
        numbers = f" ({job.done:,} of {job.total:,})" if job.tells_numbers else ""
        return f"{job.percent} %{numbers}"

    @admin.action(description="Cancel", permissions=["change"])
    def cancel(self, request, jobs):
        for job in jobs:
            try:
                cancel_job(job.pk)
            except HasEnded:
                self.message_user(request, f"{job} has ended.", messages.WARNING)

    @admin.action(description="Begin again what failed", permissions=["change"])
    def begin_again(self, request, jobs):
        begun = 0
        for job in jobs:
            try:
                begun += run_again(job.pk, by=request.user)
            except NotAllowed as refusal:
                self.message_user(request, f"{job}: {refusal}", messages.WARNING)
        self.message_user(request, f"{begun} job{pluralize(begun)} begun again.")


def _told(job: Job, request: DeskRequest) -> Job:
    """The job, with whether its numbers are for who is signed in."""
    job.tells_numbers = may_ask_for(request.user, job)
    return job
