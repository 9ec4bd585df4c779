"""Changing registrations and their grades: one operation behind every door."""

from collections.abc import Callable, Iterable, Sequence

from django.db import IntegrityError, transaction

from config.errors import DomainError
from config.history import remarked
from registrations import record
from registrations.changes import Change, Result, Writer
from registrations.drafts import Draft
from registrations.errors import ChangedMeanwhile, NotAttempted
from registrations.record import MadeMeanwhile, Openings
from registrations.rows import Row

ATTEMPTS = 5  # at making what somebody else makes at the same moment


def apply_change(change: Change, *, writer: Writer) -> Row:
    """Apply one change; return the registration, or raise the refusal."""
    return only(apply_changes([change], writer=writer))


@transaction.atomic(savepoint=False)
def apply_changes(
    changes: Sequence[Change | DomainError],
    *,
    writer: Writer,
    all_or_nothing: bool = False,
    send_notifications: bool = False,
) -> list[Result]:
    """Apply changes in their order; return what came of each, in that order.

    They are independent: one that is refused changes nothing and stops no
    other, unless `all_or_nothing`, where any refusal leaves all undone. Several
    of one registration each build on the one before. A change that could not
    even be read is given as its error, to keep its place.

    The number of statements is the same for one change and for a thousand.
    """
    if send_notifications:
        remarked(send_notifications=True)
    try:
        return _apply_together(changes, writer, all_or_nothing)
    except IntegrityError:
        return _apply_one_by_one(changes, writer, all_or_nothing)


def until_made(attempt: Callable[[], list[Result]]) -> list[Result]:
    """Attempt it again where somebody else made a registration first: by then
    that one is there to be found.

    The savepoint of an attempt that went well is left to the COMMIT: releasing it
    would be a statement more.
    """
    for _ in range(ATTEMPTS):
        record.begin_attempt()
        try:
            return attempt()
        except MadeMeanwhile:
            record.undo_attempt()
        except IntegrityError:
            record.undo_attempt()
            raise
    raise IntegrityError("Registrations are made as fast as they are looked for.")


def _apply_together(
    changes: Sequence[Change | DomainError], writer: Writer, all_or_nothing: bool
) -> list[Result]:
    return until_made(lambda: _attempt(changes, writer, all_or_nothing))


def _attempt(
    changes: Sequence[Change | DomainError], writer: Writer, all_or_nothing: bool
) -> list[Result]:
    draft = _draft([change for change in changes if isinstance(change, Change)], writer)
    results = [_result(draft, change) for change in changes]
    if all_or_nothing and _has_refusals(results):
        return _none_of(results)
    _store(draft)
    return results


def _draft(changes: Sequence[Change], writer: Writer) -> Draft:
    targets = [change.target for change in changes]
    creating = [target for target in targets if target.creates]
    openings = record.read_openings(creating) if creating else Openings()
    return Draft(record.read_locked(targets, writer), openings, writer)


def _result(draft: Draft, change: Change | DomainError) -> Result:
    if isinstance(change, DomainError):
        return Result(error=change)
    try:
        row = draft.apply(change)
        return Result(registration=row, unit=draft.units[row.unit_id])
    except DomainError as error:
        return Result(error=error)


def _store(draft: Draft) -> None:
    rows = draft.touched
    if rows:
        new = {row.id for row in rows if row.id not in draft.stored}
        record.write(rows, draft.touched_grades(), new=new)


def _apply_one_by_one(
    changes: Sequence[Change | DomainError], writer: Writer, all_or_nothing: bool
) -> list[Result]:
    """Find out which change it was that a constraint refused."""
    with transaction.atomic():
        results = [_apply_alone(change, writer) for change in changes]
        if all_or_nothing and _has_refusals(results):
            transaction.set_rollback(True)
            return _none_of(results)
    return results


def _apply_alone(change: Change | DomainError, writer: Writer) -> Result:
    try:
        return _apply_together([change], writer, all_or_nothing=False)[0]
    except IntegrityError:
        return Result(error=ChangedMeanwhile())


def _has_refusals(results: Iterable[Result]) -> bool:
    return any(result.error for result in results)


def _none_of(results: Iterable[Result]) -> list[Result]:
    return [
        result if result.error else Result(error=NotAttempted()) for result in results
    ]


def only(results: Sequence[Result]) -> Row:
    """Return the one registration, or raise its refusal."""
    (result,) = results
    if result.error:
        raise result.error
    assert result.registration is not None
    return result.registration
