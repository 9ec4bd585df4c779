"""Students as the interface shows them: JSON, written by PostgreSQL.

Nothing here looks at what is in them, so nothing is made of it in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from access.callers import Caller
from config.prepared import fetch_all, lines

SELECT = """
SELECT profile.id, profile.version, json_build_object(
    'netid', profile.netid,
    'id', profile.id,
    'first_name', profile.first_name,
    'last_name', profile.last_name,
    'email', profile.email,
    'class_year', profile.class_year,
    'is_confidential', profile.is_confidential,
    'dplans', coalesce((
        SELECT json_agg(json_build_object(
            'term_code', term.code,
            'dplan_id', dplan.code_id,
            'dplan_description', code.name,
            'dplan_source_id', dplan.source_id,
            'dplan_source_description', source.name
        ) ORDER BY term.code, dplan.id)
        FROM students_dplan AS dplan
        JOIN offerings_term AS term ON term.id = dplan.term_id
        JOIN students_dplancode AS code ON code.id = dplan.code_id
        JOIN students_dplansource AS source ON source.id = dplan.source_id
        WHERE dplan.profile_id = profile.id
    ), '[]')
)::text
FROM students_profile AS profile
WHERE profile.{column} = ANY(string_to_array(%(ids)s, E'\\n'))
    AND profile.netid IS NOT NULL
    AND (%(sees_held)s OR NOT profile.is_confidential)
ORDER BY profile.id
"""
BY_ID = SELECT.format(column="id")
BY_NETID = SELECT.format(column="netid")


@dataclass(frozen=True, slots=True)
class Shown:
    """One student as the caller sees them."""

    profile_id: str
    version: int
    json: str


def read(ids: Sequence[str], caller: Caller) -> list[Shown]:
    """Return those of the people who are there for the caller, by profile id."""
    return _read(BY_ID, ids, caller)


def find(netid: str, caller: Caller) -> Shown | None:
    """Return the person with the netid, if there for the caller."""
    found = _read(BY_NETID, [netid], caller)
    return found[0] if found else None


def _read(statement: str, ids: Sequence[str], caller: Caller) -> list[Shown]:
    asked = {
        "ids": lines(ids),
        "sees_held": caller.sees_held,
    }
    return [Shown(*row) for row in fetch_all(statement, asked)]
