"""Who asked for tasks, as far as they exist for who looks."""

from collections.abc import Iterable

from access.identities import Viewer, hidden_among
from tasks.models import Task


def with_requesters(tasks: Iterable[Task], viewer: Viewer) -> list[Task]:
    """The tasks, each with `asked_by`: whom the client acted as, or who is staff.

    Where that person does not exist for the viewer, it is the client itself.
    """
    named = [*tasks]
    hidden = hidden_among((task.sub for task in named if task.client_id), viewer)
    for task in named:
        is_hidden = task.client_id and task.sub in hidden
        task.asked_by = task.client_id if is_hidden else task.sub
    return named
