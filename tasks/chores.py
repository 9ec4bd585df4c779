from datetime import timedelta

from config.chores import chore
from tasks import retention
from tasks.audit import audit_lanes

MOST_BATCHES = 100  # of a thousand; the rest is for the next time


@chore(every=timedelta(minutes=10))
def prune() -> None:
    """Remove what is no longer kept."""
    retention.empty_old_payloads(
        before=retention.payloads_kept_since(), most_batches=MOST_BATCHES
    )
    retention.remove_old_tasks(
        before=retention.tasks_kept_since(), most_batches=MOST_BATCHES
    )


@chore(every=timedelta(minutes=10))
def audit() -> None:
    """Look whether what must hold of lanes holds."""
    audit_lanes()
