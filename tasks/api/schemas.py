"""The views of a task as JSON schemas."""

from typing import Any

TEXT = {"type": "string"}
MAYBE_TEXT = {"type": ["string", "null"]}
ID = {**MAYBE_TEXT, "description": "Null where nothing was accepted: a dry run."}
MAYBE_MOMENT = {"type": ["string", "null"], "format": "date-time"}
STATUS = {"type": "string", "enum": ["accepted", "complete", "error"]}


def _object(title: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "required": [*properties],
        "properties": properties,
    }


SHORT_TASK = _object(
    "ShortTask",
    {"status": STATUS, "path": MAYBE_TEXT, "message": MAYBE_TEXT, "id": ID},
)
REQUESTER = _object(
    "Requester",
    {
        "sub": TEXT,
        "name": TEXT,
        "email": TEXT,
        "scope": {"type": "string", "description": "Comma-joined."},
        "exp": MAYBE_TEXT,
        "iat": MAYBE_TEXT,
    },
)
FULL_TASK = _object(
    "FullTask",
    {
        "resource": TEXT,
        "action": TEXT,
        "resource_id": TEXT,
        "payload": {"description": "As it was sent; null once it is not kept."},
        "requester": REQUESTER,
        "status": STATUS,
        "request_date": {"type": "string", "format": "date-time"},
        "completed_date": MAYBE_MOMENT,
        "path": MAYBE_TEXT,
        "worker_data": {"description": "Null, or what the worker wants to tell."},
        "message": MAYBE_TEXT,
        "id": ID,
    },
)
TASK = {"title": "Task", "anyOf": [SHORT_TASK, FULL_TASK]}
TASKS_PAGE = {"type": "array", "items": TASK}
ACCEPTED = _object("Accepted", {"status": {"type": "string", "enum": ["accepted"]}})
