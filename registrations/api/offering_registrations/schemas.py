"""The JSON of this interface, as its OpenAPI document shows it."""

from typing import Any

from registrations.api.offering_registrations.filters import STATUSES

ID = {"type": "string"}
MOMENT = {"type": "string", "format": "date-time"}
PERCENTAGE = {"type": "number", "minimum": 0, "maximum": 100}

REGISTRATION: dict[str, Any] = {
    "title": "OfferingRegistration",
    "type": "object",
    "required": ["id", "userId", "status", "createdDate"],
    "properties": {
        "id": ID,
        "userId": ID,
        "offeringId": ID,
        "title": {"type": "string"},
        "status": {"type": "string", "enum": [*map(str, STATUSES)]},
        "grade": PERCENTAGE,
        "graderId": ID,
        "graderComment": {"type": "string"},
        "createdDate": MOMENT,
        "beginDate": MOMENT,
        "lastActiveDate": MOMENT,
        "endDate": MOMENT,
    },
}
LIST = {
    "title": "OfferingRegistrations",
    "type": "object",
    "required": ["results"],
    "properties": {
        "results": {"type": "array", "items": REGISTRATION},
        "next": {"type": "string", "format": "uri"},
        "prev": {"type": "string", "format": "uri"},
        "previous": {"type": "string", "format": "uri"},
    },
}
NEW = {
    "title": "NewOfferingRegistration",
    "type": "object",
    "additionalProperties": False,
    "required": ["userId", "offeringId"],
    "properties": {"userId": ID, "offeringId": ID},
}
CHANGE = {
    "title": "OfferingRegistrationChange",
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        "grade": PERCENTAGE,
        "gradePercentage": PERCENTAGE,
        "graderComment": {"type": ["string", "null"]},
        "status": {"type": "string", "const": "ejected"},
    },
}
