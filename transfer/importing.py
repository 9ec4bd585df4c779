"""An import from its file to the record: receive, check, apply."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from access.disclosure import disclose
from config.errors import DomainError
from transfer import mapping as mappings
from transfer.applying import (
    MOVED,
    apply_plan,
    fingerprint,
    hold,
    rows_of_record,
)
from transfer.errors import BadFile, NotReady, RowsAreWrong, TooManyChanges, UnknownKind
from transfer.files import open_sheet
from transfer.kind import Kind
from transfer.kinds import KINDS
from transfer.models import Import
from transfer.people import people_of_plan
from transfer.plans import Counts, counts_of, make_plan
from transfer.staging import MOST_ROWS, Tables, drop, stage, staged_ids

KEPT = timedelta(days=1)  # what was not applied by then is dropped

State = Import.State
Advance = Callable[[int, int], None]  # rows done, and rows in all (0: not known)


def _ignore(done: int, total: int = 0) -> None:
    pass


def kind_named(name: str) -> Kind:
    """Return the kind. Raises UnknownKind."""
    if name not in KINDS:
        raise UnknownKind(f"{name!r} is no kind of record: {', '.join(KINDS)}.")
    return KINDS[name]


def receive(
    kind: Kind, file: BinaryIO, *, file_name: str, actor: dict[str, str], **more: Any
) -> Import:
    """Begin an import: look at the file's first row and guess what it means.

    Raises BadFile.
    """
    with open_sheet(file) as sheet:
        header = sheet.header
    file.seek(0)
    return Import.objects.create(
        kind=kind.name,
        file_name=file_name,
        header=header,
        mapping=mappings.guess(kind, header),
        actor=actor,
        **more,
    )


@transaction.atomic
def check(it: Import, file: BinaryIO, advance: Advance = _ignore) -> Import:
    """Read the file and plan what to do with each row; nothing is changed yet.

    Raises BadFile.
    """
    kind, tables = kind_named(it.kind), Tables(it.pk)
    mappings.check(kind, it.header, it.mapping)
    with open_sheet(file) as sheet:
        stage(kind, sheet, it.mapping, tables.rows, _at_most(advance))
    it.fingerprint = fingerprint(kind)
    make_plan(kind, it.mapping, tables, is_late=it.is_late)
    counts = counts_of(tables)
    it.new, it.changed = counts.new, counts.changed
    it.same, it.error = counts.same, counts.error
    it.record_rows = rows_of_record(kind)
    it.state, it.message, it.checked_at = State.CHECKED, "", timezone.now()
    it.save()
    return it


@transaction.atomic
def apply(it: Import, *, reason: str = "", advance: Advance = _ignore) -> Import:
    """Do what was planned: all of it, or nothing.

    Raises RowsAreWrong, TooManyChanges, RecordMoved or NotReady.
    """
    it = Import.objects.select_for_update().get(pk=it.pk)
    kind, tables = kind_named(it.kind), Tables(it.pk)
    check_ready(it)
    counts = Counts(it.new, it.changed, it.same, it.error)
    if counts.new or counts.changed:
        hold(kind, tables)
        _check_unmoved(it, kind, tables, counts)
        apply_plan(kind, tables, counts, advance)
        _disclose(it, kind, tables)
    drop(tables)
    it.state, it.reason, it.applied_at = State.APPLIED, reason, timezone.now()
    it.save()
    return it


def refuse(it: Import, error: DomainError) -> None:
    """Keep why an import was not done, and nothing else of it."""
    drop(Tables(it.pk))
    Import.objects.filter(pk=it.pk).update(state=State.REFUSED, message=error.message)


def forget(it: Import) -> None:
    """Leave nothing of an import that only was to be looked at."""
    drop(Tables(it.pk))
    it.delete()


def expire_old() -> int:
    """Drop what was not applied within a day; return how many imports."""
    old = Import.objects.open().begun_before(timezone.now() - KEPT)
    count = 0
    for it in old.iterator():
        drop(Tables(it.pk))
        Import.objects.filter(pk=it.pk).update(state=State.EXPIRED)
        count += 1
    _drop_orphans()
    return count


def _drop_orphans() -> None:
    """Drop tables of imports that are over, as a crash may have left them."""
    staged = set(staged_ids())
    live = Import.objects.open().filter(pk__in=staged).values_list("pk", flat=True)
    for import_id in staged.difference(live):
        drop(Tables(import_id))


def _at_most(advance: Advance) -> Callable[[int], None]:
    def count(rows: int) -> None:
        if rows > MOST_ROWS:
            raise BadFile(f"The file has more than {MOST_ROWS:,} rows: split it.")
        advance(rows, 0)

    return count


def check_ready(it: Import) -> None:
    """Raise why what was planned may not be done; see also `apply`."""
    if it.state != State.CHECKED:
        raise NotReady(f"The import is {it.get_state_display().lower()}.")
    if it.error:
        raise RowsAreWrong(
            f"{it.error:,} of {it.rows:,} rows cannot be imported, so none are."
        )
    if it.is_too_much:
        raise TooManyChanges(
            f"It would change {it.changed:,} of {it.record_rows:,} {it.kind} "
            f"({it.percent:.1f} %), and the limit is {it.most_percent} %."
        )


def _check_unmoved(it: Import, kind: Kind, tables: Tables, counts: Counts) -> None:
    # A crash of the database empties unlogged tables.
    if it.fingerprint != fingerprint(kind) or counts_of(tables) != counts:
        raise MOVED


def _disclose(it: Import, kind: Kind, tables: Tables) -> None:
    """Log whose records were written."""
    what = f"import of {it.new + it.changed} {kind.name}"
    for people in people_of_plan(kind, tables):
        disclose(
            door="command" if "command" in it.actor else "admin",
            what=what,
            profile_ids=people,
            staff=it.actor.get("staff") or it.actor["os_user"],
        )
