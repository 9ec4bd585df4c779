import logging
from datetime import timedelta

from config.chores import chore
from tasks import sweep
from tasks.audit import audit_lanes

logger = logging.getLogger(__name__)


@chore(every=timedelta(minutes=10))
def audit() -> None:
    """Look whether what must hold of lanes holds."""
    audit_lanes()


@chore(every=timedelta(minutes=1))
def recall() -> None:
    """Wake what a clock that was set back would let sleep."""
    if recalled := sweep.recall():
        logger.warning("lanes_recalled", extra={"lanes": recalled})
