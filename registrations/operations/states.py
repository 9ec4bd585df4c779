"""What staff, and course delivery, do to the state of registrations.

Give `versions`, by the id of a registration, where what was seen is to be what is
changed: one that is at another version is refused.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from registrations.changes import Change, Result, Target, Writer, seen_version
from registrations.operations.changing import apply_change, apply_changes
from registrations.rows import Row, State, Status


def approve(
    *,
    registration_ids: Iterable[str],
    writer: Writer,
    versions: Mapping[str, int] | None = None,
) -> list[Result]:
    """Register those who are so only on a condition."""
    return _each(
        registration_ids,
        writer,
        versions,
        registration_state=State.REGISTERED,
        only_from=frozenset({Status.CONDITIONAL}),
    )


def reject(
    *,
    registration_ids: Iterable[str],
    writer: Writer,
    versions: Mapping[str, int] | None = None,
) -> list[Result]:
    """Turn down those who are registered only on a condition."""
    return _each(
        registration_ids,
        writer,
        versions,
        registration_state=State.REJECTED,
        only_from=frozenset({Status.CONDITIONAL}),
    )


def withdraw(
    *,
    registration_ids: Iterable[str],
    writer: Writer,
    versions: Mapping[str, int] | None = None,
) -> list[Result]:
    """Eject those who are active: they end here, without a grade."""
    return _each(
        registration_ids,
        writer,
        versions,
        registration_state=State.REJECTED,
        only_from=frozenset({Status.ACTIVE}),
    )


def reinstate(
    *,
    registration_ids: Iterable[str],
    writer: Writer,
    versions: Mapping[str, int] | None = None,
) -> list[Result]:
    """Register those again who were rejected or ejected."""
    return _each(
        registration_ids,
        writer,
        versions,
        registration_state=State.REGISTERED,
        only_from=frozenset({Status.EJECTED}),
    )


def complete(
    *,
    registration_ids: Iterable[str],
    writer: Writer,
    versions: Mapping[str, int] | None = None,
) -> list[Result]:
    """Set the outcome of active ones by the passing grade and their final grade."""
    return _each(
        registration_ids,
        writer,
        versions,
        completes=True,
        only_from=frozenset({Status.ACTIVE}),
    )


def eject(
    *,
    registration_id: str,
    writer: Writer,
    expected_versions: frozenset[int] | None = None,
) -> Row:
    """End an active registration, without a grade."""
    change = Change(
        target=Target(registration_id=registration_id),
        registration_state=State.REJECTED,
        only_from=frozenset({Status.ACTIVE}),
        expected_versions=expected_versions,
    )
    return apply_change(change, writer=writer)


def _each(
    registration_ids: Iterable[str],
    writer: Writer,
    versions: Mapping[str, int] | None,
    **asked: Any,
) -> list[Result]:
    changes = [
        Change(
            target=Target(registration_id=id),
            expected_versions=seen_version(versions, id),
            **asked,
        )
        for id in registration_ids
    ]
    return apply_changes(changes, writer=writer)
