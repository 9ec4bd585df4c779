"""What happened to one registration and its grades, newest first."""

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec
from django.db import connection
from msgspec import Struct

from access.identities import Viewer, hidden_among

# The names that the registration's attributes have outside.
ATTRIBUTES = {
    "profile_id": "profile_id",
    "unit_id": "unit_id",
    "context_id": "transcript_subject_id",
    "attempt": "attempt",
    "offering_id": "offering_id",
    "state": "registration_state",
    "grade_state_id": "grade_state_name",
    "awarded": "awarded",
    "notes": "grade_notes",
    "feedback": "grade_feedback",
    "grader_id": "grader_id",
    "began_at": "began_at",
    "last_active_at": "last_active_at",
    "ended_at": "ended_at",
    "ejected_at": "ejected_at",
}
GRADE_ATTRIBUTES = (
    "value",
    "published",
    "comment",
    "resit_value",
    "resit_justification",
)

# What is shown of one that is not there, as far as it is not null.
NO_REGISTRATION = {"notes": "", "feedback": ""}
NO_GRADE = {"published": False}

# The moments first, each with one range of an index, then what was written at
# them beside what stood before.
EVENTS = """
WITH moment AS (
    SELECT at
    FROM (
        (
            SELECT DISTINCT pgh_created_at AS at
            FROM registrations_registrationevent
            WHERE pgh_obj_id = %(id)s AND pgh_created_at < %(before)s
            ORDER BY at DESC LIMIT %(limit)s
        )
        UNION
        (
            SELECT DISTINCT pgh_created_at AS at
            FROM registrations_gradeevent
            WHERE registration_id = %(id)s AND pgh_created_at < %(before)s
            ORDER BY at DESC LIMIT %(limit)s
        )
    ) AS both_tables
    ORDER BY at DESC LIMIT %(limit)s
),
event AS (
    SELECT
        event.pgh_created_at, event.pgh_context_id, event.pgh_id, event.pgh_label,
        '' AS grade, {registration_event} AS after, former.before
    FROM moment
    JOIN registrations_registrationevent AS event
        ON event.pgh_obj_id = %(id)s AND event.pgh_created_at = moment.at
    LEFT JOIN LATERAL (
        SELECT {registration_former} AS before
        FROM registrations_registrationevent AS former
        WHERE former.pgh_obj_id = %(id)s
            AND (former.pgh_created_at, former.pgh_id)
                < (event.pgh_created_at, event.pgh_id)
        ORDER BY former.pgh_created_at DESC, former.pgh_id DESC LIMIT 1
    ) AS former ON true
    UNION ALL
    SELECT
        event.pgh_created_at, event.pgh_context_id, event.pgh_id, event.pgh_label,
        coalesce(grade_column.name, event.column_id) AS grade,
        to_jsonb(event) AS after, former.before
    FROM moment
    JOIN registrations_gradeevent AS event
        ON event.registration_id = %(id)s AND event.pgh_created_at = moment.at
    LEFT JOIN offerings_gradecolumn AS grade_column
        ON grade_column.id = event.column_id
    LEFT JOIN LATERAL (
        SELECT to_jsonb(former) AS before
        FROM registrations_gradeevent AS former
        WHERE former.registration_id = %(id)s
            AND former.column_id = event.column_id
            AND (former.pgh_created_at, former.pgh_id)
                < (event.pgh_created_at, event.pgh_id)
        ORDER BY former.pgh_created_at DESC, former.pgh_id DESC LIMIT 1
    ) AS former ON true
)
SELECT coalesce(
    json_agg(
        json_build_object(
            'at', event.pgh_created_at,
            'label', event.pgh_label,
            'grade', event.grade,
            'before', event.before,
            'after', event.after,
            'context', context.metadata
        )
        ORDER BY event.pgh_created_at DESC, event.pgh_context_id, event.grade,
            event.pgh_id
    ),
    '[]'
)::text
FROM event
LEFT JOIN pghistory_context AS context ON context.id = event.pgh_context_id
""".format(
    registration_event=(
        "to_jsonb(event) || jsonb_build_object("
        "'context_id', coalesce(event.intake_id, event.course_id))"
    ),
    registration_former=(
        "to_jsonb(former) || jsonb_build_object("
        "'context_id', coalesce(former.intake_id, former.course_id))"
    ),
)


class Event(Struct, frozen=True):
    """One row of history, beside the row as it stood before."""

    at: datetime
    label: str
    grade: str  # the name of the column; "" for the registration itself
    before: dict[str, Any] | None
    after: dict[str, Any]
    context: dict[str, Any] | None


class Entry(Struct, frozen=True):
    """What one write did to a registration and its grades, and who did it."""

    at: datetime
    context: dict[str, Any]
    changes: dict[str, tuple[Any, Any]]


EVENTS_DECODER = msgspec.json.Decoder(list[Event])


def entries(
    *, registration_id: str, before: datetime, limit: int, viewer: Viewer
) -> list[Entry]:
    """Return what was written to a registration before a moment, newest first.

    Whoever did it is told as if those who do not exist for the viewer had been
    nobody: by the client that acted for them.
    """
    parameters: dict[str, Any] = {
        "id": registration_id,
        "before": before,
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, parameters)
        events = EVENTS_DECODER.decode(cursor.fetchone()[0])
    hidden = hidden_among(_people_in(events), viewer)
    return [
        _told(_entry([*together]), hidden)
        for _, together in groupby(events, _same_write)
    ]


def _people_in(events: Iterable[Event]) -> Iterator[Any]:
    """Who wrote, and who graded."""
    for event in events:
        yield ((event.context or {}).get("actor") or {}).get("sub")
        for row in (event.before, event.after):
            yield (row or {}).get("grader_id")


def _told(entry: Entry, hidden: Container[str]) -> Entry:
    actor = entry.context.get("actor") or {}
    if actor.get("sub") in hidden:
        actor = {**actor, "sub": actor["client"]}
    was, now = entry.changes.get("grader_id", (None, None))
    graders = (None if was in hidden else was, None if now in hidden else now)
    changes = {**entry.changes, "grader_id": graders}
    if graders[0] == graders[1]:
        del changes["grader_id"]
    return Entry(entry.at, {**entry.context, "actor": actor or None}, changes)


def _same_write(event: Event) -> tuple[datetime, dict[str, Any] | None]:
    return event.at, event.context


def _entry(events: list[Event]) -> Entry:
    changes: dict[str, tuple[Any, Any]] = {}
    for event in events:
        for name, before, after in _changes(event):
            first = changes.get(name, (before,))[0]
            changes[name] = (first, after)
    return Entry(events[0].at, events[0].context or {}, changes)


def _changes(event: Event) -> Iterator[tuple[str, Any, Any]]:
    """Yield what the event made different, by the names that are used outside."""
    nothing = NO_GRADE if event.grade else NO_REGISTRATION
    before, after = event.before or nothing, event.after
    if event.label == "delete":
        before, after = after, nothing
    for column, name in _names(event.grade):
        was, now = before.get(column), after.get(column)
        if was != now:
            yield name, was, now


def _names(grade: str) -> Iterable[tuple[str, str]]:
    if not grade:
        return ATTRIBUTES.items()
    return [(name, f"grades.{grade}.{name}") for name in GRADE_ATTRIBUTES]
