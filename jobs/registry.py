"""What each kind of job does, by its name.

A stored name is looked up here and never imported: a kind that this release
does not know is left for one that does.
"""

from collections.abc import Callable, Iterable
from typing import Any

from jobs.models import Job
from jobs.progress import Progress

Work = Callable[[Job, Progress], dict[str, Any] | None]
Needs = Callable[[Job], Iterable[str]]

_works: dict[str, Work] = {}
_needs: dict[str, Needs] = {}


def job(kind: str, *, needs: Needs) -> Callable[[Work], Work]:
    """Register the decorated `f(job, progress)` as what a job of that kind does.

    `needs` says which permissions it takes to ask for such a job. Whoever asked in
    the admin must hold them still when it runs, and so must whoever has it begun
    again; to anybody else it tells no number of what it came upon.

    It runs in one transaction, with the history context of who asked, and may be
    run again from the start as long as that transaction has not committed.
    It calls `progress(done, total)` as it goes and returns the job's result,
    anything that is a JSON object. A DomainError that it raises ends the job as
    failed, with that sentence.
    """

    def register(work: Work) -> Work:
        if kind in _works:
            raise ValueError(f"two works for jobs of kind {kind}")
        _works[kind], _needs[kind] = work, needs
        return work

    return register


def find(kind: str) -> Work | None:
    return _works.get(kind)


def needs_of(job: Job) -> list[str] | None:
    """The permissions that it takes to ask for it.

    None where this release cannot tell: it does not know the kind, or what it is about.
    """
    try:
        return [*_needs[job.kind](job)]
    except LookupError:
        return None


def nothing(job: Job) -> list[str]:
    """What it takes to ask for a job that is for everybody who may ask for any."""
    return []


def known_kinds() -> list[str]:
    return [*_works]
