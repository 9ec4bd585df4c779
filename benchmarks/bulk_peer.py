"""Grade entry by hand: one statement, and what it answers. No rule is checked."""

import orjson

# Values that differ from turn to turn, so that each write is one.
GRADES = ("__coursework", "final")

PATCH = """
WITH item AS (
    SELECT * FROM json_to_recordset(%(items)s::json)
        AS t (registration_id varchar, grade_state_name varchar, grades json)
), written AS (
    UPDATE registrations_registration AS r
    SET grade_state_id = item.grade_state_name, awarded = NULL, grader_id = 'peer',
        ended_at = coalesce(r.ended_at, now()), version = r.version + 1,
        updated_at = now()
    FROM item
    WHERE r.id = item.registration_id AND r.unit_id = %(unit)s
    RETURNING r.*
), graded AS (
    INSERT INTO registrations_grade
        (registration_id, column_id, value, published, updated_at)
    SELECT item.registration_id, c.id, entry.value, entry.published, now()
    FROM item
    CROSS JOIN json_to_recordset(item.grades)
        AS entry (name varchar, value text, published boolean)
    JOIN offerings_gradecolumn AS c
        ON c.unit_id = %(unit)s AND c.name = entry.name
    ON CONFLICT (registration_id, column_id) DO UPDATE
    SET value = excluded.value, published = excluded.published,
        updated_at = excluded.updated_at
    RETURNING *
)
SELECT w.id, w.unit_id, coalesce(w.intake_id, w.course_id), w.profile_id, w.state,
       w.grade_state_id, state.outcome = 'passed', w.notes, w.feedback,
       extract(epoch FROM w.created_at)::bigint,
       extract(epoch FROM w.updated_at)::bigint,
       c.id, c.label, c.name, g.value, g.published, g.comment, g.resit_value,
       g.resit_justification
FROM written AS w
JOIN registrations_gradestate AS state ON state.name = w.grade_state_id
JOIN graded AS g ON g.registration_id = w.id
JOIN offerings_gradecolumn AS c ON c.id = g.column_id
ORDER BY w.id, c.name = 'final', c.position, c.id
"""


def items_of(ids: list[str], turn: int) -> list[dict]:
    """Return the items that grade these registrations."""
    return [
        {
            "registration_id": id,
            "grade_state_name": "fail" if (turn + number) % 2 else "pass",
            "grades": [
                {"name": name, "value": str((turn + number) % 100), "published": True}
                for name in GRADES
            ],
        }
        for number, id in enumerate(ids)
    ]


def parameters(unit: str, body: bytes) -> dict[str, str]:
    items = orjson.loads(body)["registrations"]
    return {"items": orjson.dumps(items).decode(), "unit": unit}


def answered(body: bytes, rows: list[tuple]) -> bytes:
    """Return the answer, in the order of the request."""
    shown: dict[str, dict] = {}
    for row in rows:
        if row[0] not in shown:
            shown[row[0]] = _registration(row)
        shown[row[0]]["grades"].append(_grade(row))
    items = orjson.loads(body)["registrations"]
    return orjson.dumps(
        [{"status": 200, "json": shown[item["registration_id"]]} for item in items]
    )


def _registration(row: tuple) -> dict:
    pk, unit, context, profile, state, name, passed, notes, feedback = row[:9]
    return {
        "id": pk,
        "unit_id": unit,
        "course_id": context,
        "transcript_subject_id": context,
        "profile_id": profile,
        "registration_state": state,
        "state_name": name,
        "grade_state_name": name,
        "awarded": passed,
        "published": True,
        "grade_notes": notes,
        "grade_feedback": feedback,
        "grades": [],
        "created_at": row[9],
        "updated_at": row[10],
    }


def _grade(row: tuple) -> dict:
    names = (
        *("id", "label", "name", "value", "published", "comment"),
        *("resit_value", "resit_justification"),
    )
    return dict(zip(names, row[11:], strict=True))
