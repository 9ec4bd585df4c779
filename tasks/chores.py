from datetime import timedelta

from config.chores import chore
from tasks.audit import audit_lanes


@chore(every=timedelta(minutes=10))
def audit() -> None:
    """Look whether what must hold of lanes holds."""
    audit_lanes()
