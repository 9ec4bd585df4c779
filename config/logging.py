"""Logs: one JSON object a line, or a readable form where DEBUG is on.

Loggers are the standard ones; what is bound with structlog's contextvars
(request_id, door, client, task_id) is a field of every line said meanwhile.
Names, grades and secrets of people are in none of them.
"""

import logging
import re
import sys
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor

# What PostgreSQL says after this word holds the values of the row at fault.
DETAIL = re.compile(r"^DETAIL:.*$", re.MULTILINE)


def leave_out_values(logger: Any, method: str, event: EventDict) -> EventDict:
    event.pop("request", None)  # Django's: its query may hold a name
    for name in ("event", "exception"):
        if isinstance(event.get(name), str):
            event[name] = DETAIL.sub("DETAIL: (left out)", event[name])
    return event


def to_json(event: EventDict, **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    leave_out_values,
]


def line_formatter(*, is_readable: bool) -> logging.Formatter:
    """Return the formatter of a line: JSON, or for a person to read."""
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if is_readable
        else structlog.processors.JSONRenderer(serializer=to_json)
    )
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED, processors=[remove_meta, renderer]
    )


def logging_settings(*, level: str, is_readable: bool) -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error, in one form."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": line_formatter, "is_readable": is_readable}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own handlers would say everything twice; its 4xx are told
            # by the line of the request.
            "django": {"handlers": [], "level": level},
            "django.request": {"level": "ERROR"},
            # Anyone may send a wrong host, all day long.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "propagate": True},
        },
    }
