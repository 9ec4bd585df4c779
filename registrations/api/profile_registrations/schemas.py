"""The JSON of this interface, as its OpenAPI document shows it."""

from typing import Any

from registrations.api.profile_registrations.errors import PROFILE_REGISTRATIONS

ID = {"type": "string"}
TEXT = {"type": "string"}
TEXT_OR_NULL = {"type": ["string", "null"]}
STATE = {"type": "string", "enum": ["registered", "conditional", "rejected"]}
SECONDS = {"type": "integer", "description": "Unix seconds."}
VALUE = {
    "type": ["string", "number", "null"],
    "description": "On the column's scale. null clears and unpublishes.",
}


def an_object(title: str | None, properties: dict[str, Any], **more: Any):
    """An object that always has all of its properties."""
    named = {"title": title} if title else {}
    required = [*properties]
    return {
        **named,
        "type": "object",
        "required": required,
        "properties": properties,
        **more,
    }


GRADE = an_object(
    "Grade",
    {
        "id": ID,
        "label": TEXT,
        "name": TEXT,
        "value": TEXT_OR_NULL,
        "published": {"type": "boolean"},
        "comment": TEXT_OR_NULL,
        "resit_value": TEXT_OR_NULL,
        "resit_justification": TEXT_OR_NULL,
    },
)
SHOWN = {
    "id": ID,
    "unit_id": ID,
    "course_id": ID,
    "transcript_subject_id": ID,
    "profile_id": ID,
    "registration_state": STATE,
    "state_name": TEXT_OR_NULL,
    "grade_state_name": TEXT_OR_NULL,
    "awarded": {"type": "boolean"},
    "published": {"type": "boolean"},
    "grade_notes": TEXT,
    "grade_feedback": TEXT,
    "grades": {"type": "array", "items": GRADE},
    "created_at": SECONDS,
    "updated_at": SECONDS,
}
REGISTRATION = an_object("Registration", SHOWN)
COURSE = an_object(None, {"id": ID, "code": TEXT, "name": TEXT})
LIST = {
    "type": "array",
    "items": {
        **an_object("ListedRegistration", SHOWN),
        "properties": {**SHOWN, "course": COURSE},
    },
}
OUTCOMES = {
    "title": "Outcomes",
    "type": "array",
    "description": "What came of each item, in the order of the request.",
    "items": an_object(
        None,
        {
            "status": {"type": "integer"},
            "json": {"oneOf": [REGISTRATION, PROFILE_REGISTRATIONS.schema]},
        },
    ),
}

GRADE_ITEM = {
    "title": "GradeChange",
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": TEXT,
        "value": VALUE,
        "published": {"type": "boolean"},
        "comment": TEXT_OR_NULL,
        "resit_value": VALUE,
        "resit_justification": TEXT_OR_NULL,
    },
}
ASKED: dict[str, Any] = {
    "grade_state_name": TEXT_OR_NULL,
    "grades": {"type": "array", "items": GRADE_ITEM},
    "registration_state": STATE,
    "awarded": {"type": ["boolean", "null"]},
    "grade_notes": TEXT,
    "grade_feedback": TEXT,
}


def a_body(title: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    items = {"type": "array", "maxItems": 1000, "items": item}
    return {
        "title": title,
        "type": "object",
        "additionalProperties": False,
        "required": ["registrations"],
        "properties": {"registrations": items, **more},
    }


PROFILE_BODY = a_body(
    "ProfileRegistrationsChange",
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["unit_id", "context_id"],
        "properties": {"unit_id": ID, "context_id": ID, **ASKED},
    },
)
ROSTER_BODY = a_body(
    "RosterChange",
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {"registration_id": ID, "profile_id": ID, **ASKED},
        "oneOf": [{"required": ["registration_id"]}, {"required": ["profile_id"]}],
    },
    send_notifications={"type": "boolean", "default": False},
)
GRADE_BODY = {
    "title": "OneGrade",
    **an_object(
        None,
        {
            "profile_id": ID,
            "grade_name": TEXT,
            "grade_value": {"type": ["string", "number"]},
        },
        additionalProperties=False,
    ),
}
HISTORY = {
    "type": "array",
    "items": an_object(
        "RegistrationHistoryEntry",
        {
            "at": {"type": "string", "format": "date-time"},
            "actor": {"type": ["object", "null"]},
            "door": TEXT_OR_NULL,
            "request_id": TEXT_OR_NULL,
            "task_id": TEXT_OR_NULL,
            "reason": TEXT_OR_NULL,
            "changes": {
                "type": "object",
                "additionalProperties": {
                    "type": "array",
                    "minItems": 2,
                    "maxItems": 2,
                    "description": "Before and after.",
                },
            },
        },
    ),
}
