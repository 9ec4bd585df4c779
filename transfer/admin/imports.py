"""Importing a file: hand it over, say what its columns are, look, say why.

A job does each of the three, and the page of the import waits for it.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import ProgrammingError
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_datetime

from config.admin.pages import page
from config.admin.requests import DeskRequest
from config.admin.screens import screen
from config.admin.site import DOOR, release
from config.formulas import escape
from jobs.errors import HasEnded
from jobs.models import Job
from jobs.operations import cancel_job, start_job
from transfer import importing
from transfer.admin.forms import TOO_LARGE, ColumnsForm, UploadForm
from transfer.admin.previews import Preview
from transfer.admin.reach import may_grade_late, may_import, may_import_any
from transfer.errors import NotReady
from transfer.jobs import APPLY_IMPORT, CHECK_IMPORT, LOOK_AT_FILE, importing_by
from transfer.kinds import KINDS
from transfer.models import Import
from transfer.plans import errors_of
from transfer.staging import Tables

LATELY = 20  # imports of one's own in the list
LONGEST_REASON = 500
SECONDS_BETWEEN_LOOKS = "2"
AT_WORK = "A job is at work at this import: wait for its end, or stop it."
OVER = "The import has ended meanwhile: look again."


@screen("import/", name="import", allowed=may_import_any, label="Import", place=30)
def imports(request: DeskRequest) -> HttpResponse:
    """What one has imported lately; a file that is handed over begins an import."""
    form = UploadForm(*_sent(request), staff=request.staff)
    if getattr(request, "upload_is_too_large", False):
        form.add_error("file", TOO_LARGE)
    elif form.is_bound and form.is_valid():
        return redirect("admin:import_file", _taken_in(request, form).pk)
    return page(
        request,
        "admin/transfer/imports.html",
        title="Import",
        form=form,
        imports=_own(request).order_by("-created_at")[:LATELY],
    )


def _sent(request: DeskRequest) -> tuple:
    is_sent = request.method == "POST"
    return (request.POST, request.FILES) if is_sent else ()


def _taken_in(request: DeskRequest, form: UploadForm) -> Import:
    file = form.cleaned_data["file"]
    it = importing.take_in(
        KINDS[form.cleaned_data["kind"]],
        file,
        file_name=file.name,
        actor=request.staff.actor,
    )
    _start(request, it, LOOK_AT_FILE)
    return it


def _own(request: DeskRequest):
    """Imports of who is signed in, of kinds that they may import."""
    kinds = [kind.name for kind in KINDS.values() if may_import(request.staff, kind)]
    return Import.objects.of(request.staff.actor).filter(kind__in=kinds)


@screen("import/<str:import_id>/", name="import_file", allowed=may_import_any)
def import_file(request: DeskRequest, import_id: str) -> HttpResponse:
    """One import: what waits for whom, and what came of it."""
    it = get_object_or_404(_own(request), pk=import_id)
    if request.method == "POST":
        return _act(request, it)
    job = Job.objects.filter(pk=it.job_id).first()
    if job and not job.has_ended:
        return _waiting(request, it, job)
    if not it.is_open:
        return page(
            request, "admin/transfer/ended.html", title=_title(it), it=it, job=job
        )
    if it.state == Import.State.CHECKED and "columns" not in request.GET:
        return _preview(request, it, job)
    return _columns(request, it, job, ColumnsForm(it=it, staff=request.staff))


def _title(it: Import) -> str:
    return f"Import of {KINDS[it.kind].title}"


def _waiting(request: DeskRequest, it: Import, job: Job) -> HttpResponse:
    answer = page(
        request, "admin/transfer/waiting.html", title=_title(it), it=it, job=job
    )
    answer.headers["Refresh"] = SECONDS_BETWEEN_LOOKS
    return answer


def _columns(
    request: DeskRequest, it: Import, job: Job | None, form: ColumnsForm
) -> HttpResponse:
    return page(
        request,
        "admin/transfer/columns.html",
        title=_title(it),
        it=it,
        job=job,
        form=form,
        kind=KINDS[it.kind],
    )


def _preview(request: DeskRequest, it: Import, job: Job | None) -> HttpResponse:
    asked = request.GET
    try:
        preview = Preview(it, asked.get("show", ""), asked.get("after", ""))
    except ProgrammingError as error:  # its tables have been dropped just now
        raise NotReady(OVER) from error
    release(request, preview.people)
    return page(
        request,
        "admin/transfer/preview.html",
        title=_title(it),
        it=it,
        job=job,
        preview=preview,
        reason=request.POST.get("reason", ""),
    )


# --- What is asked for ----------------------------------------------------------


def _act(request: DeskRequest, it: Import) -> HttpResponse:
    """Do what a button of the page says; see ACTIONS."""
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise Http404
    return action(request, it)


def _check(request: DeskRequest, it: Import) -> HttpResponse:
    it = _free(it)
    form = ColumnsForm(request.POST, it=it, staff=request.staff)
    if not form.is_valid():
        return _columns(request, it, None, form)
    it.mapping, it.is_late = form.mapping, form.allows_late
    it.most_percent = form.cleaned_data["most_percent"]
    it.save(update_fields=["mapping", "is_late", "most_percent"])
    return _start(request, it, CHECK_IMPORT)


def _check_again(request: DeskRequest, it: Import) -> HttpResponse:
    return _start(request, _free(it), CHECK_IMPORT)


def _apply(request: DeskRequest, it: Import) -> HttpResponse:
    it = _free(it)
    if it.is_late and not may_grade_late(request.staff, KINDS[it.kind]):
        raise NotReady("You may not change grades of closed terms: check it again.")
    importing.check_ready(it)
    seen = _moment(request.POST.get("checked_at", ""))
    importing.check_shown(it, seen)
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        messages.error(request, "Say why it is imported.")
        return _preview(request, it, None)
    return _start(request, it, APPLY_IMPORT, reason, checked_at=str(it.checked_at))


def _discard(request: DeskRequest, it: Import) -> HttpResponse:
    importing.refuse(_free(it), NotReady("It was discarded."))
    return redirect("admin:import_file", it.pk)


def _stop(request: DeskRequest, it: Import) -> HttpResponse:
    try:
        cancel_job(it.job_id)
    except (HasEnded, Job.DoesNotExist):
        messages.warning(request, "It had ended already.")
    return redirect("admin:import_file", it.pk)


ACTIONS = {
    "check": _check,
    "again": _check_again,
    "apply": _apply,
    "discard": _discard,
    "stop": _stop,
}


def _free(it: Import) -> Import:
    """The import, locked, while no job is at work at it."""
    if Job.objects.unfinished().filter(pk=it.job_id).exists():
        raise NotReady(AT_WORK)
    return importing.held(it.pk)


def _start(
    request: DeskRequest, it: Import, kind: str, reason: str = "", **more: str
) -> HttpResponse:
    job = start_job(
        kind,
        importing_by(it, **more),
        actor=request.staff.actor,
        door=DOOR,
        reason=reason,
        request_id=request.request_id,
    )
    Import.objects.filter(pk=it.pk).update(job_id=job.pk)
    return redirect("admin:import_file", it.pk)


def _moment(text: str) -> datetime | None:
    try:
        return parse_datetime(text)
    except ValueError:
        return None


# --- Every fault as a file ------------------------------------------------------


@screen("import/<str:import_id>/errors/", name="import_errors", allowed=may_import_any)
def import_errors(request: DeskRequest, import_id: str) -> StreamingHttpResponse:
    """Every fault of every row, as CSV."""
    it = get_object_or_404(_own(request), pk=import_id, state=Import.State.CHECKED)
    answer = StreamingHttpResponse(_lines(it), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="import-errors.csv"'
    return answer


def _lines(it: Import) -> Iterator[str]:
    yield _line("row", "error")
    for row, sentence in errors_of(Tables(it.pk)):
        yield _line(row, escape(sentence))


def _line(*cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
