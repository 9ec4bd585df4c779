"""An import from its file to the record: receive, check, apply.

A command has its file at hand. In the admin a file is taken in by a web process,
kept in the database, and looked at and checked by jobs, as often as somebody
says anew what its columns mean.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone

from access.disclosure import disclose
from config.errors import DomainError
from offerings.errors import ReasonRequired
from transfer import mapping as mappings
from transfer.applying import (
    MOVED,
    apply_plan,
    fingerprint,
    hold,
    rows_of_record,
    told_as_moved,
    wait_for_turn,
)
from transfer.errors import (
    BadFile,
    FileLost,
    NotReady,
    RowsAreWrong,
    TooManyChanges,
    UnknownKind,
)
from transfer.files import Sheet, open_sheet
from transfer.keeping import keep
from transfer.kind import Kind
from transfer.kinds import KINDS
from transfer.models import KEPT, ExportFile, Import
from transfer.people import people_of_plan
from transfer.plans import Counts, asks_for_reason, counts_of, make_plan
from transfer.staging import MOST_ROWS, Tables, drop, stage, staged_ids

SAMPLE_ROWS = 3
LONGEST_SAMPLE = 60  # characters of a cell
LONGEST_FILE_NAME = 255
CHECKED_SINCE = "The file was checked anew since this page was shown: look again."

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
        file_name=_storable(file_name),
        header=header,
        mapping=mappings.guess(kind, header),
        actor=actor,
        **more,
    )


@transaction.atomic
def take_in(
    kind: Kind, file: BinaryIO, *, file_name: str, actor: dict[str, str]
) -> Import:
    """Begin an import of a file that has come to this host and must not stay there.

    Nothing has read it yet: that is for `look`.
    """
    file.seek(0)  # whoever begins a transaction again begins the file again
    it = Import.objects.create(
        kind=kind.name, file_name=_storable(file_name), actor=actor
    )
    keep(Tables(it.pk).file, file)
    return it


def _storable(file_name: str) -> str:
    """The name without what a file system allows and the database does not."""
    return file_name.encode(errors="replace").decode()[-LONGEST_FILE_NAME:]


def held(import_id: str) -> Import:
    """Return an import that is open, locked until the transaction ends.

    Raises FileLost and NotReady.
    """
    it = Import.objects.select_for_update().filter(pk=import_id).first()
    if it is None:
        raise FileLost("The import is not there any more.")
    if not it.is_open:
        raise NotReady(f"The import is {it.get_state_display().lower()}.")
    return it


def look(it: Import, file: BinaryIO) -> None:
    """Read the first rows of a file that was taken in, and guess its columns.

    Raises BadFile.
    """
    with open_sheet(file) as sheet:
        it.header, it.sample = sheet.header, [*_sample(sheet)]
    it.mapping = mappings.guess(kind_named(it.kind), it.header)
    it.save()


def _sample(sheet: Sheet) -> Iterator[list[str]]:
    first = next(sheet.batches, None)
    for row in islice(first.rows if first else [], SAMPLE_ROWS):
        yield ["".join(filter(str.isprintable, cell[:LONGEST_SAMPLE])) for cell in row]


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

    Raises RowsAreWrong, TooManyChanges, RecordMoved, ReasonRequired or NotReady.
    """
    it = Import.objects.select_for_update().get(pk=it.pk)
    kind, tables = kind_named(it.kind), Tables(it.pk)
    check_ready(it)
    check_reason(it, reason)
    counts = Counts(it.new, it.changed, it.same, it.error)
    if counts.new or counts.changed:
        _write(it, kind, tables, counts, advance)
        _disclose(it, kind, tables)
    it.reason, it.applied_at = reason, timezone.now()
    _end(it, State.APPLIED)
    return it


def _write(
    it: Import, kind: Kind, tables: Tables, counts: Counts, advance: Advance
) -> None:
    with told_as_moved():
        wait_for_turn(advance)
        hold(kind, tables)
        _check_unmoved(it, kind, tables, counts)
        apply_plan(kind, tables, counts, advance)
        if it.fingerprint != fingerprint(kind):  # it changed during the writing
            raise MOVED


def refuse(it: Import, error: DomainError) -> None:
    """Keep why an import was not done, and nothing else of it."""
    _end(it, State.REFUSED, error.message)


def _end(it: Import, state: str, message: str = "") -> None:
    drop(Tables(it.pk))
    it.state, it.message, it.sample = state, message, []
    it.save()


def forget(it: Import) -> None:
    """Leave nothing of an import that only was to be looked at."""
    drop(Tables(it.pk))
    it.delete()


def expire_old() -> int:
    """Drop what was not applied within a day; return how many imports."""
    old = Import.objects.open().begun_before(timezone.now() - KEPT)
    count = sum(_expire(import_id) for import_id in old.values_list("pk", flat=True))
    _drop_orphans()
    return count


@transaction.atomic
def _expire(import_id: str) -> bool:
    """Drop an import unless somebody works at it just now."""
    old = Import.objects.open().select_for_update(skip_locked=True)
    it = old.filter(pk=import_id).first()
    if it:
        _end(it, State.EXPIRED)
    return it is not None


def _drop_orphans() -> None:
    """Drop tables that nothing needs: exported files, and what a crash left."""
    staged = staged_ids()
    imports = Import.objects.open().filter(pk__in=staged)
    files = ExportFile.objects.kept().filter(pk__in=staged)
    needed = {
        *imports.values_list("pk", flat=True),
        *files.values_list("pk", flat=True),
    }
    for owner_id in staged - needed:
        drop(Tables(owner_id))


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


def check_reason(it: Import, reason: str) -> None:
    """Raise ReasonRequired where what was planned is only done with a reason."""
    if not reason.strip() and asks_for_reason(kind_named(it.kind), Tables(it.pk)):
        raise ReasonRequired


def check_shown(it: Import, checked_at: datetime | None) -> None:
    """Raise NotReady unless the plan is the one that was made at that moment."""
    if checked_at != it.checked_at:
        raise NotReady(CHECKED_SINCE)


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
