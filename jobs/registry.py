"""What each kind of job does, by its name.

A stored name is looked up here and never imported: a kind that this release
does not know is left for one that does.
"""

from collections.abc import Callable
from typing import Any

from jobs.models import Job
from jobs.progress import Progress

Work = Callable[[Job, Progress], dict[str, Any] | None]

_works: dict[str, Work] = {}


def job(kind: str) -> Callable[[Work], Work]:
    """Register the decorated `f(job, progress)` as what a job of that kind does.

    It runs in one transaction, with the history context of who asked, and may be
    run again from the start as long as that transaction has not committed.
    It calls `progress(done, total)` as it goes and returns the job's result,
    anything that is a JSON object. A DomainError that it raises ends the job as
    failed, with that sentence.
    """

    def register(work: Work) -> Work:
        if kind in _works:
            raise ValueError(f"two works for jobs of kind {kind}")
        _works[kind] = work
        return work

    return register


def find(kind: str) -> Work | None:
    return _works.get(kind)


def known_kinds() -> list[str]:
    return [*_works]
