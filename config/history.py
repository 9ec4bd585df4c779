"""Who changed what: the history of every tracked table and its context.

Rows are recorded by statement triggers, so whatever writes (ORM, bulk SQL,
the admin, a shell) is in the history. `recorded()` says who, by which door
and why; enter it once per request, task or command. What is written outside of
it is put to the user of the database.
"""

import getpass
import json
from collections.abc import Container, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Any

import pghistory
import pgtrigger
from django.db import connection, models
from pghistory import runtime

# The library keeps rows of history from being updated or deleted one by one.
NEVER_EMPTIED = pgtrigger.Trigger(
    name="never_emptied",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func="RAISE EXCEPTION 'The history in % is kept for ever.', TG_TABLE_NAME;",
)


def tracked(*, meta: Mapping[str, Any] = MappingProxyType({}), **options: Any):
    """Decorate a model so that each of its changes is kept for ever.

    An update that changes nothing records nothing.
    """
    return pghistory.track(
        # Made anew each time: a tracker remembers the fields of its first model.
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        # A registry outlives the two thousand million events of the default.
        attrs={"pgh_id": models.BigAutoField(primary_key=True)},
        meta={**meta, "triggers": [NEVER_EMPTIED]},
        **options,
    )


def recorded(
    *,
    actor: dict[str, str],
    door: str,
    request_id: str | None = None,
    task_id: str | None = None,
    reason: str | None = None,
    **more: Any,
) -> AbstractContextManager:
    """Attach who, door and why to every change made inside.

    `actor` is {"client", "sub"} for an external system, {"staff"} for a person
    in the admin, {"command", "os_user"} for a command. `door` names the
    interface ("enrollments"), "admin" or "command". Where nothing is said, the
    database writes {"database_user", "application"} and "database" by itself.
    """
    context = {
        "request_id": request_id,
        "task_id": task_id,
        "reason": reason,
        **more,
    }
    given = {name: value for name, value in context.items() if value is not None}
    return pghistory.context(actor=actor, door=door, **given)


def command_actor(command: str) -> dict[str, str]:
    """Return the actor of a management command: its name and the OS user."""
    try:
        os_user = getpass.getuser()
    except (KeyError, OSError):
        os_user = "unknown"
    return {"command": command, "os_user": os_user}


def events_of(model: Any) -> Any:
    """Every event of a tracked model, as a queryset; None where none are kept."""
    kinds = getattr(model, "pgh_event_models", {})
    return kinds["update"].objects.all() if kinds else None


def last_change(row: Any) -> Any | None:
    """The newest event of a row with its context; None where none is kept."""
    events = events_of(type(row))
    if events is None:
        return None
    of_row = events.filter(pgh_obj_id=row.pk).select_related("pgh_context")
    return of_row.order_by("-pgh_created_at", "-pgh_id").first()


def actor_of(context: Any | None) -> Mapping[str, Any]:
    """Who stands behind a context; see recorded."""
    return context.metadata.get("actor", {}) if context else {}


def who_did(context: Any | None, hidden: Container[str] = ()) -> str:
    """Who stands behind a context, in words for a person.

    `hidden` are those who are not to be named: a client that acts as one of them
    is told by its own id alone.
    """
    actor = actor_of(context)
    if "staff" in actor:
        return actor["staff"]
    if "client" in actor:
        client, sub = actor["client"], actor.get("sub")
        return f"{client if not sub or sub in hidden else sub} (client {client})"
    if "command" in actor:
        return f"{actor['command']} (command, {actor.get('os_user', 'unknown')})"
    if "database_user" in actor:
        return f"{actor['database_user']} (database)"
    return "somebody"


def remarked(**more: Any) -> None:
    """Add to the context that this code runs in; without one it is dropped."""
    pghistory.context(**more)


# For a statement that attaches the context to its changes itself.
ATTACH = """
SELECT set_config('pghistory.context_id', %(history_id)s, true),
       set_config('pghistory.context_metadata', %(history_metadata)s, true)
"""


@contextmanager
def attached_by_hand() -> Iterator[dict[str, str]]:
    """Give the parameters of ATTACH, and leave statements as they are meanwhile.

    What attaches the context to any statement puts another one before it, and two
    cannot be prepared as one.
    """
    wrappers = connection.execute_wrappers
    connection.execute_wrappers = [
        wrapper
        for wrapper in wrappers
        if wrapper is not runtime._inject_history_context
    ]
    try:
        yield _context()
    finally:
        connection.execute_wrappers = wrappers


def _context() -> dict[str, str]:
    """The context that this code runs in; none, as empty texts."""
    context = getattr(runtime._tracker, "value", None)
    if context is None:
        return {"history_id": "", "history_metadata": ""}
    return {
        "history_id": str(context.id),
        "history_metadata": json.dumps(context.metadata),
    }
