"""Jobs that staff start: looking at a file, checking and applying it, exporting.

The web process reads no file: it only hands over its bytes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

from django.db import transaction
from django.utils import timezone

from jobs.models import Job
from jobs.progress import Progress
from jobs.registry import job
from transfer import importing
from transfer.errors import BadFile, FileLost
from transfer.exporting import Recipient, export
from transfer.keeping import keep, opened
from transfer.kinds import KINDS
from transfer.models import ExportFile, Import
from transfer.rights import to_export, to_import
from transfer.staging import Tables

LOOK_AT_FILE = "look_at_file"
CHECK_IMPORT = "check_import"
APPLY_IMPORT = "apply_import"
EXPORT_RECORDS = "export_records"


def importing_by(it: Import, **more: str) -> dict[str, Any]:
    """The arguments of a job that works at an import."""
    return {"import": it.pk, "kind": it.kind, "is_late": it.is_late, **more}


def exporting_by(asked: ExportFile) -> dict[str, Any]:
    """The arguments of a job that makes a file."""
    return {"export": asked.pk, "kind": asked.kind, "with_held": asked.with_held}


def _needs_of_import(job: Job) -> list[str]:
    asked = job.arguments
    return to_import(KINDS[asked["kind"]], is_late=asked["is_late"])


def _needs_of_export(job: Job) -> list[str]:
    asked = job.arguments
    return to_export(KINDS[asked["kind"]], with_held=asked["with_held"])


@job(LOOK_AT_FILE, needs=_needs_of_import)
def look_at_file(job: Job, progress: Progress) -> None:
    """Read the first rows of a file that was taken in."""
    it = importing.held(job.arguments["import"])
    with _refused_where_bad(it), opened(Tables(it.pk).file) as file:
        importing.look(it, file)


@job(CHECK_IMPORT, needs=_needs_of_import)
def check_import(job: Job, progress: Progress) -> None:
    """Work out what an import would do, by the columns that were chosen."""
    it = importing.held(job.arguments["import"])
    progress.begin("reading")
    with _refused_where_bad(it), opened(Tables(it.pk).file) as file:
        importing.check(it, file, progress)


@contextmanager
def _refused_where_bad(it: Import) -> Iterator[None]:
    """A file that cannot be read, or is lost, ends its import with the sentence."""
    try:
        with transaction.atomic():
            yield
    except (BadFile, FileLost) as error:
        importing.refuse(it, error)


@job(APPLY_IMPORT, needs=_needs_of_import)
def apply_import(job: Job, progress: Progress) -> dict[str, Any]:
    """Do what was previewed, unless the record has moved since."""
    it = importing.held(job.arguments["import"])
    importing.check_shown(it, datetime.fromisoformat(job.arguments["checked_at"]))
    progress.begin("writing")
    importing.apply(it, reason=job.reason, advance=progress)
    return {"import": it.pk}


@job(EXPORT_RECORDS, needs=_needs_of_export)
def export_records(job: Job, progress: Progress) -> dict[str, Any]:
    """Make the file that was asked for, and keep it for a day."""
    asked = _asked(job.arguments["export"])
    recipient = Recipient(
        job.actor["staff"], job.door, sees_held=asked.with_held, request=job.request_id
    )
    progress.begin("reading")
    with TemporaryFile() as file:
        asked.rows = export(
            importing.kind_named(asked.kind),
            asked.format,
            file,
            recipient,
            filters=asked.filters,
            advance=progress,
        )
        file.seek(0)
        asked.size = keep(Tables(asked.pk).file, file)
    asked.made_at = timezone.now()
    asked.save(update_fields=["rows", "size", "made_at"])
    return {"export": asked.pk}


def _asked(export_id: str) -> ExportFile:
    asked = ExportFile.objects.select_for_update().filter(pk=export_id).first()
    if asked is None:
        raise FileLost("What was asked for is not there any more: ask again.")
    return asked
