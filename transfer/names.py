"""Names and numbers that the SQL of this room is written with."""

# 24 hex characters in the order of the rows, as config.ids makes them. The
# beginning counts from the moment of the plan, the end is random.
NEW_ID = (
    "lpad(to_hex(%(first_id)s::bigint + {row}), 14, '0')"
    " || right(replace(gen_random_uuid()::text, '-', ''), 10)"
)

# Rows of a plan whose profile is not any more what the file calls it.
RENAMED = """
SELECT FROM {{plan}} AS planned
JOIN students_profile AS person ON person.id = planned.{person}
WHERE planned._action IN ('new', 'changed')
    AND planned._profile NOT IN (person.id, coalesce(person.netid, ''))
"""

# Conditions that narrow an export; {0} is the alias of a row.
OFFERINGS_OF_TERM = "SELECT id FROM offerings_unitoffering WHERE semester_id = %(term)s"
UNITS_OF_COURSE = "SELECT id FROM offerings_unit WHERE course_id = %(course)s"
VERSIONS_OF_UNIT = "SELECT id FROM offerings_unitversion WHERE unit_id = %(unit)s"
VERSIONS_OF_COURSE = (
    f"SELECT id FROM offerings_unitversion WHERE unit_id IN ({UNITS_OF_COURSE})"
)

OF_UNIT = {
    "course": f"t.unit_id IN ({UNITS_OF_COURSE})",
    "unit": "t.unit_id = %(unit)s",
}
OF_OFFERING = {
    "term": "t.semester_id = %(term)s",
    "course": f"t.unit_version_id IN ({VERSIONS_OF_COURSE})",
    "unit": f"t.unit_version_id IN ({VERSIONS_OF_UNIT})",
}
OF_ENROLLMENT = {
    name: "t.offering_id IN (SELECT t.id FROM offerings_unitoffering AS t"
    f" WHERE {condition})"
    for name, condition in OF_OFFERING.items()
}


def of_registration(alias: str) -> dict[str, str]:
    """What narrows rows that are, or belong to, a registration."""
    return {
        "term": f"{alias}.offering_id IN ({OFFERINGS_OF_TERM})",
        "course": f"{alias}.course_id = %(course)s",
        "unit": f"{alias}.unit_id = %(unit)s",
    }


# People who are registered there.
OF_PROFILE = {
    name: "t.id IN (SELECT r.profile_id FROM registrations_registration AS r"
    f" WHERE {condition})"
    for name, condition in of_registration("r").items()
}
