"""The bodies of the interface as JSON schemas."""

MAYBE_MOMENT = {"type": ["string", "null"], "format": "date-time"}

COURSE_ASSESSMENT = {
    "title": "CourseAssessment",
    "type": "object",
    "required": ["submit_date", "opt_out_date"],
    "additionalProperties": False,
    "properties": {"submit_date": MAYBE_MOMENT, "opt_out_date": MAYBE_MOMENT},
}
ENROLLMENT = {
    "title": "Enrollment",
    "type": "object",
    "required": [
        *("id", "section", "netid", "role", "term", "is_active", "is_in_session")
    ],
    "properties": {
        "id": {"type": "string"},
        "section": {
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": ["string", "null"]}},
        },
        "netid": {"type": ["string", "null"]},
        "role": {"type": "string", "enum": ["student", "instructor"]},
        "term": {
            "type": "object",
            "required": ["id", "sis_term_code", "sis_ptrm_code"],
            "properties": {
                "id": {"type": ["string", "null"]},
                "sis_term_code": {"type": ["string", "null"]},
                "sis_ptrm_code": {"type": "string"},
            },
        },
        "is_active": {"type": "boolean"},
        "is_in_session": {"type": "boolean"},
        "final_grade": {
            "type": ["string", "null"],
            "description": "Only with the scope for sensitive attributes.",
        },
        "course_assessment": {
            "oneOf": [COURSE_ASSESSMENT, {"type": "null"}],
            "description": "Only with the scope for sensitive attributes.",
        },
    },
}
ENROLLMENTS_PAGE = {"type": "array", "items": ENROLLMENT}
PAYLOAD = {
    "title": "EnrollmentPayload",
    "type": "object",
    "required": ["course_assessment"],
    "additionalProperties": False,
    "properties": {"course_assessment": COURSE_ASSESSMENT},
    "example": {
        "course_assessment": {
            "submit_date": "2020-03-05T17:53:46Z",
            "opt_out_date": None,
        }
    },
}
