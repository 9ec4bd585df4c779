"""Students as the interface shows them, read in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from access.callers import Caller

# PostgreSQL writes the JSON of the D-Plans: they are never looked at here.
SELECT = """
SELECT profile.id, profile.version, profile.netid, profile.first_name,
       profile.last_name, profile.email, profile.class_year, profile.is_confidential,
       coalesce(dplans.json, '[]')
FROM students_profile AS profile
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object(
        'term_code', term.code,
        'dplan_id', dplan.code_id,
        'dplan_description', code.name,
        'dplan_source_id', dplan.source_id,
        'dplan_source_description', source.name
    ) ORDER BY term.code, dplan.id)::text AS json
    FROM students_dplan AS dplan
    JOIN offerings_term AS term ON term.id = dplan.term_id
    JOIN students_dplancode AS code ON code.id = dplan.code_id
    JOIN students_dplansource AS source ON source.id = dplan.source_id
    WHERE dplan.profile_id = profile.id
) AS dplans ON true
WHERE profile.{column} = ANY(%(ids)s) AND profile.netid IS NOT NULL
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
    body: dict[str, Any]


def read(ids: Sequence[str], caller: Caller) -> list[Shown]:
    """Return those of the people who are there for the caller, by profile id."""
    return _read(BY_ID, ids, caller)


def find(netid: str, caller: Caller) -> Shown | None:
    """Return the person with the netid, if there for the caller."""
    found = _read(BY_NETID, [netid], caller)
    return found[0] if found else None


def _read(statement: str, ids: Sequence[str], caller: Caller) -> list[Shown]:
    asked: dict[str, Any] = {"ids": [*ids], "sees_held": caller.sees_held}
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        return [_shown(row) for row in cursor.fetchall()]


def _shown(row: tuple) -> Shown:
    profile, version, netid, first, last, email, class_year, is_held, dplans = row
    body = {
        "netid": netid,
        "id": profile,
        "first_name": first,
        "last_name": last,
        "email": email,
        "class_year": class_year,
        "is_confidential": is_held,
        "dplans": orjson.Fragment(dplans),
    }
    return Shown(profile, version, body)
