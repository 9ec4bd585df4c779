"""What was imported, and what came of it; and what was exported in the admin."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.columns import code_field, id_field

KEPT = timedelta(days=1)  # an import that nobody applies, and an exported file


class ImportQuerySet(models.QuerySet):
    def open(self):
        """Imports that may still be applied. See also Import.is_open."""
        return self.filter(state__in=Import.OPEN)

    def begun_before(self, moment):
        return self.filter(created_at__lt=moment)

    def of(self, actor):
        """What one person brought in."""
        return self.filter(actor=actor)


class Import(models.Model):
    """One file for one kind of record: what it would do, and what it did."""

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        CHECKED = "checked", "Checked"
        APPLIED = "applied", "Applied"
        REFUSED = "refused", "Refused"
        EXPIRED = "expired", "Too old"

    OPEN = (State.RECEIVED, State.CHECKED)

    id = id_field()
    kind = code_field(editable=False)
    file_name = models.CharField(max_length=255, editable=False)
    header = models.JSONField(default=list, editable=False)  # empty: not read yet
    sample = models.JSONField(default=list, editable=False)  # its first rows, for now
    mapping = models.JSONField(default=dict, editable=False)
    is_late = models.BooleanField(default=False, editable=False)
    most_percent = models.PositiveSmallIntegerField(default=20, editable=False)
    state = models.CharField(
        max_length=16, choices=State.choices, default=State.RECEIVED, editable=False
    )
    message = models.TextField(blank=True, editable=False)
    new = models.BigIntegerField(default=0, editable=False)
    changed = models.BigIntegerField(default=0, editable=False)
    same = models.BigIntegerField(default=0, editable=False)
    error = models.BigIntegerField(default=0, editable=False)
    record_rows = models.BigIntegerField(default=0, editable=False)
    fingerprint = models.TextField(blank=True, editable=False)
    actor = models.JSONField(editable=False)  # as the history names it
    reason = models.CharField(max_length=500, blank=True, editable=False)
    job_id = code_field(blank=True, editable=False)  # what last worked at it
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    checked_at = models.DateTimeField(null=True, editable=False)
    applied_at = models.DateTimeField(null=True, editable=False)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="import_created", fields=["-created_at"]),
            models.Index(
                name="import_open",
                fields=["created_at"],
                condition=Q(state__in=["received", "checked"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.kind})"

    @property
    def is_open(self) -> bool:
        """Whether it may still be applied. See also ImportQuerySet.open."""
        return self.state in self.OPEN

    @property
    def rows(self) -> int:
        return self.new + self.changed + self.same + self.error

    @property
    def percent(self) -> float:
        """How much of the record it would change, of what there is of its kind."""
        return self.changed * 100 / self.record_rows if self.record_rows else 0.0

    @property
    def is_too_much(self) -> bool:
        return self.percent > self.most_percent


class ExportFileQuerySet(models.QuerySet):
    def kept(self):
        """Files that can still be fetched. See also ExportFile.is_kept."""
        return self.filter(made_at__gt=timezone.now() - KEPT)

    def of(self, actor):
        """What one person asked for."""
        return self.filter(actor=actor)


class ExportFile(models.Model):
    """A file of rows of one kind, made for one member of staff and kept for a day."""

    id = id_field()
    kind = code_field(editable=False)
    format = code_field(editable=False)
    filters = models.JSONField(default=dict, editable=False)  # ids by name
    with_held = models.BooleanField(default=False, editable=False)
    actor = models.JSONField(editable=False)  # as the history names it
    job_id = code_field(blank=True, editable=False)
    rows = models.BigIntegerField(default=0, editable=False)
    size = models.BigIntegerField(default=0, editable=False)  # bytes
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    made_at = models.DateTimeField(null=True, editable=False)

    objects = ExportFileQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(name="exportfile_created", fields=["-created_at"]),
            models.Index(name="exportfile_made", fields=["made_at"]),  # what is kept
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name that the file is fetched under."""
        return f"{self.kind}-{self.created_at:%Y-%m-%d}.{self.format}"

    @property
    def is_kept(self) -> bool:
        """Whether it can still be fetched. See also ExportFileQuerySet.kept."""
        return self.made_at is not None and self.made_at > timezone.now() - KEPT
