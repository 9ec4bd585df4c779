"""The JSON of this interface, as its OpenAPI document shows it."""

from typing import Any

ID = {"type": "string"}
MOMENT = {"type": "string", "format": "date-time"}
MESSAGE = {"type": "string"}
SUCCESS = {"type": "boolean", "const": True}

WRITABLE: dict[str, Any] = {
    "Code": {"type": "string", "minLength": 1, "maxLength": 255},
    "unitVersionId": ID,
    "courseIntakeId": ID,
    "lecturerId": ID,
    "semesterId": ID,
    "personalizedOutline": {"type": ["string", "null"]},
    "studentGroupingsEnabled": {"type": "boolean"},
}
REQUIRED = ["Code", "unitVersionId", "courseIntakeId", "lecturerId", "semesterId"]


def an_object(title: str | None, properties: dict[str, Any]) -> dict[str, Any]:
    """An object that always has all of its properties."""
    named = {"title": title} if title else {}
    required = [*properties]
    return {**named, "type": "object", "required": required, "properties": properties}


NEW = {
    "title": "NewUnitOffering",
    "type": "object",
    "additionalProperties": False,
    "required": REQUIRED,
    "properties": WRITABLE,
}
CHANGE = {
    "title": "UnitOfferingChange",
    "type": "object",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": WRITABLE,
}

SHOWN = {
    "id": ID,
    **WRITABLE,
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
    "studentsCount": {"type": "integer", "minimum": 0},
}
OFFERING = an_object("UnitOffering", SHOWN)
DETAILED = an_object(
    "DetailedUnitOffering",
    {
        **SHOWN,
        "lecturer": an_object(
            None,
            {
                "user": an_object(
                    None,
                    {"firstname": {"type": "string"}, "lastname": {"type": "string"}},
                )
            },
        ),
        "semester": an_object(
            None,
            {
                "name": {"type": "string"},
                "startDate": {"type": "string", "format": "date"},
                "endDate": {"type": "string", "format": "date"},
            },
        ),
        "unitVersion": an_object(
            None, {"title": {"type": "string"}, "versionNumber": {"type": "integer"}}
        ),
        "courseIntake": an_object(
            None,
            {
                "name": {"type": "string"},
                "course": an_object(None, {"name": {"type": "string"}}),
            },
        ),
    },
)

FOUND = an_object("FoundUnitOffering", {"message": MESSAGE, "offering": DETAILED})
WRITTEN = an_object(
    "WrittenUnitOffering",
    {"message": MESSAGE, "success": SUCCESS, "offering": OFFERING},
)
DELETED = an_object("DeletedUnitOffering", {"message": MESSAGE, "success": SUCCESS})
LIST = an_object(
    "UnitOfferings",
    {
        "message": MESSAGE,
        "total": {"type": "integer", "minimum": 0},
        "offerings": {"type": "array", "items": OFFERING},
    },
)
