"""The bodies of the interface as JSON schemas."""

from students.api.serializers import MOST_DPLANS

TEXT = {"type": "string"}
MAYBE_TEXT = {"type": ["string", "null"]}
DATE = {"type": "string", "format": "date"}
MAYBE_DATE = {"type": ["string", "null"], "format": "date"}


def _object(title: str, properties: dict) -> dict:
    return {
        "title": title,
        "type": "object",
        "required": [*properties],
        "properties": properties,
    }


DPLAN = _object(
    "Dplan",
    {
        "term_code": MAYBE_TEXT,
        "dplan_id": TEXT,
        "dplan_description": TEXT,
        "dplan_source_id": TEXT,
        "dplan_source_description": TEXT,
    },
)
STUDENT = _object(
    "Student",
    {
        "netid": TEXT,
        "id": TEXT,
        "first_name": TEXT,
        "last_name": TEXT,
        "email": TEXT,
        "class_year": {"type": ["integer", "null"]},
        "is_confidential": {"type": "boolean"},
        "dplans": {"type": "array", "items": DPLAN},
    },
)
STUDENTS_PAGE = {"type": "array", "items": STUDENT}
CODES = {
    "type": "array",
    "items": _object(
        "Code", {"id": TEXT, "name": TEXT, "is_active": {"type": "boolean"}}
    ),
}
TERMS = {
    "type": "array",
    "items": _object(
        "AcademicTerm",
        {
            "id": TEXT,
            "name": TEXT,
            "is_active": {"type": "boolean"},
            "start_date": DATE,
            "end_date": DATE,
            "registration_start_date": MAYBE_DATE,
            "registration_end_date": MAYBE_DATE,
        },
    ),
}
PAYLOAD = {
    "title": "StudentPayload",
    "type": "object",
    "required": ["dplans"],
    "additionalProperties": False,
    "properties": {
        "dplans": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_DPLANS,
            "items": {
                "title": "DplanPayload",
                "type": "object",
                "required": ["term_code", "dplan_id", "dplan_source_id"],
                "properties": {
                    "term_code": TEXT,
                    "dplan_id": TEXT,
                    "dplan_source_id": TEXT,
                    "dplan_description": {"description": "Ignored."},
                    "dplan_source_description": {"description": "Ignored."},
                },
            },
        }
    },
    "example": {
        "dplans": [
            {"term_code": "202301", "dplan_id": "R", "dplan_source_id": "PHL"},
        ]
    },
}
