from datetime import timedelta

from config.chores import chore
from transfer.importing import expire_old


@chore(every=timedelta(hours=1))
def drop_old_imports():
    """Drop what was checked and not applied within a day."""
    expire_old()
