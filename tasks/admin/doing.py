"""Doing something to tasks and lanes from a page, and saying what came of it."""

from collections.abc import Callable, Iterable, Sequence

from django.contrib import messages
from django.template.defaultfilters import pluralize

from config.admin.requests import DeskRequest
from config.errors import DomainError
from tasks.interventions import Retried, retry_failed

MOST_AT_ONCE = 200  # tasks; each keeps its lane from accepting until all are done
MOST_TOLD = 5  # refusals, in words
NO_REASON = "Say why: it is kept with who did it."


def retry(request: DeskRequest, task_ids: Iterable[str]) -> None:
    """Have failed tasks tried again; say of how many that was so, and why not."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, NO_REASON)
        return
    actor = request.staff.actor
    _tell(request, retry_failed(task_ids=[*task_ids], actor=actor, reason=reason))


def _tell(request: DeskRequest, results: Sequence[Retried]) -> None:
    refused = [result for result in results if result.error]
    count = sum(result.error is None for result in results)
    if count:
        messages.success(request, f"{count} task{pluralize(count)} accepted again.")
    for result in refused[:MOST_TOLD]:
        messages.warning(request, f"{result.task_id}: {result.error}")
    if len(refused) > MOST_TOLD:
        messages.warning(request, f"And {len(refused) - MOST_TOLD} more were refused.")


def intervene(
    request: DeskRequest, operation: Callable[..., object], done: str, **what: str
) -> None:
    """Do one thing to a lane or a task, and say so, or why not."""
    reason = request.POST.get("reason", "")
    try:
        operation(**what, actor=request.staff.actor, reason=reason)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
