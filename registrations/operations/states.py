"""What staff, and course delivery, do to the state of registrations.

Give `versions`, by the id of a registration, where what was seen is to be what is
changed: one that is at another version is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from config.unset import UNSET, Unset
from registrations.changes import Change, Result, Target, Writer, seen_version
from registrations.operations.changing import apply_change, apply_changes
from registrations.rows import Row, State, Status


@dataclass(frozen=True)
class Act:
    """What is done to the state of several registrations at once.

    Called, it returns what came of each; one that is in no status for it is refused.
    """

    only_from: Status
    becomes: State | Unset = UNSET
    completes: bool = False

    def __call__(
        self,
        *,
        registration_ids: Iterable[str],
        writer: Writer,
        versions: Mapping[str, int] | None = None,
    ) -> list[Result]:
        changes = [
            Change(
                target=Target(registration_id=id),
                registration_state=self.becomes,
                completes=self.completes,
                only_from=frozenset({self.only_from}),
                expected_versions=seen_version(versions, id),
            )
            for id in registration_ids
        ]
        return apply_changes(changes, writer=writer)


# Registers those who are so only on a condition.
approve = Act(only_from=Status.CONDITIONAL, becomes=State.REGISTERED)
# Turns down those who are registered only on a condition.
reject = Act(only_from=Status.CONDITIONAL, becomes=State.REJECTED)
# Ejects those who are active: they end here, without a grade.
withdraw = Act(only_from=Status.ACTIVE, becomes=State.REJECTED)
# Registers those again who were rejected or ejected.
reinstate = Act(only_from=Status.EJECTED, becomes=State.REGISTERED)
# Sets the outcome of active ones by the passing grade and their final grade.
complete = Act(only_from=Status.ACTIVE, completes=True)


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
