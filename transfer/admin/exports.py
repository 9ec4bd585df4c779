"""Exporting records: choose, and fetch the file that a job makes."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect

from access.models import Disclosure
from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import DOOR
from jobs.models import Job
from jobs.operations import start_job
from students.models import Profile
from transfer.admin.forms import ExportForm
from transfer.admin.reach import exportable, may_export_any
from transfer.jobs import EXPORT_RECORDS, exporting_by
from transfer.keeping import parts
from transfer.models import ExportFile
from transfer.staging import Tables
from transfer.writing import FORMATS

LATELY = 20  # files of one's own in the list
SECONDS_BETWEEN_LOOKS = "2"
CLOCKS_DIFFER = timedelta(minutes=1)  # the database's, which dates the log, and ours


@screen("export/", name="export", allowed=may_export_any, label="Export", place=31)
def exports(request: DeskRequest) -> HttpResponse:
    """What one has exported lately; what is chosen begins an export."""
    asked = request.POST if request.method == "POST" else None
    form = ExportForm(asked, staff=request.staff)
    if form.is_bound and form.is_valid():
        return redirect("admin:export_file", _started(request, form).pk)
    return page(
        request,
        "admin/transfer/exports.html",
        title="Export",
        form=form,
        exports=_own(request).order_by("-created_at")[:LATELY],
    )


def _own(request: DeskRequest):
    """Files of who is signed in, with nothing that they may not see any more."""
    kinds = [kind.name for kind in exportable(request.staff)]
    own = ExportFile.objects.of(request.staff.actor).filter(kind__in=kinds)
    if request.staff.sees_held:
        return own
    return own.filter(~_has_held(request.user), with_held=False)


def _has_held(user: User) -> Exists:
    """Whether somebody in a file of theirs was put under hold since it was made."""
    logged = Disclosure.objects.filter(
        staff=user.get_username(),
        at__gte=OuterRef("created_at") - CLOCKS_DIFFER,
        at__lte=OuterRef("made_at") + CLOCKS_DIFFER,
        what__endswith=Concat(Value(" "), OuterRef("kind")),
    )
    held = ArraySubquery(Profile.objects.held().values("pk"))
    return Exists(logged.filter(profile_ids__overlap=held))


def _started(request: DeskRequest, form: ExportForm) -> ExportFile:
    chosen = form.cleaned_data
    asked = ExportFile(
        kind=chosen["kind"],
        format=chosen["format"],
        filters=chosen["filters"],
        with_held=chosen.get("with_held", False),
        actor=request.staff.actor,
    )
    asked.job_id = start_job(
        EXPORT_RECORDS,
        exporting_by(asked),
        actor=request.staff.actor,
        door=DOOR,
        request_id=request.request_id,
    ).pk
    asked.save(force_insert=True)
    return asked


@screen("export/<str:export_id>/", name="export_file", allowed=may_export_any)
def export_file(request: DeskRequest, export_id: str) -> HttpResponse:
    """How far an export is, and where its file is fetched."""
    asked = get_object_or_404(_own(request), pk=export_id)
    job = Job.objects.filter(pk=asked.job_id).first()
    answer = page(
        request,
        "admin/transfer/export.html",
        title=f"Export of {asked.kind.replace('_', ' ')}",
        asked=asked,
        job=job,
    )
    if job and not job.has_ended:
        answer.headers["Refresh"] = SECONDS_BETWEEN_LOOKS
    return answer


@screen("export/<str:export_id>/file/", name="exported_file", allowed=may_export_any)
def exported_file(request: DeskRequest, export_id: str) -> StreamingHttpResponse:
    """The file, part by part."""
    asked = get_object_or_404(_own(request), pk=export_id)
    if not asked.is_kept:
        raise Http404
    content = parts(Tables(asked.pk).file)
    first = next(content)  # raises what must still be answered with a page
    answer = StreamingHttpResponse(
        _joined(first, content), content_type=FORMATS[asked.format].content_type
    )
    answer.headers["Content-Length"] = str(asked.size)
    answer.headers["Content-Disposition"] = f'attachment; filename="{asked.name}"'
    return answer


def _joined(first: bytes, rest):
    yield first
    yield from rest
