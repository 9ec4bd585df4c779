"""Everything that changes a student's record."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from config.ids import new_id
from config.transactions import joining
from offerings.models import Term
from students.changes import DplanChange
from students.errors import DplansRefused, StudentNotFound
from students.models import DplanCode, DplanSource, Profile

LONGEST_SHOWN = 64  # characters of a value that a sentence repeats

# Adds and replaces in one statement, in the order of the terms. What is as it
# was asked for stays untouched, and leaves no trace in the history.
UPSERT = """
INSERT INTO students_dplan AS dplan
    (id, profile_id, term_id, code_id, source_id, updated_at)
SELECT id, %(profile)s, term, code, source, statement_timestamp()
FROM unnest(%(ids)s::varchar[], %(terms)s::varchar[], %(codes)s::varchar[],
            %(sources)s::varchar[]) AS asked (id, term, code, source)
ORDER BY term COLLATE "C"
ON CONFLICT (profile_id, term_id) DO UPDATE SET
    code_id = excluded.code_id,
    source_id = excluded.source_id,
    updated_at = excluded.updated_at
WHERE (dplan.code_id, dplan.source_id) <> (excluded.code_id, excluded.source_id)
"""

TOUCH = """
UPDATE students_profile SET version = version + 1, updated_at = statement_timestamp()
WHERE id = %s
"""


@dataclass(frozen=True)
class Known:
    """What a D-Plan may refer to, of what was asked for."""

    terms: dict[str, str]  # id by SIS code
    codes: set[str]
    sources: set[str]


@joining
def set_dplans(*, netid: str, changes: Sequence[DplanChange]) -> Profile:
    """Add or replace the student's D-Plan of each named term; others stay.

    All of them or none: raises DplansRefused with a sentence for every fault,
    and StudentNotFound.
    """
    profile = Profile.objects.locked().filter(netid=netid).first()
    if profile is None:
        raise StudentNotFound
    known = _known(changes)
    faults = [*_faults(changes, known)]
    if faults:
        raise DplansRefused(faults)
    _write(profile, changes, known)
    return profile


def _write(profile: Profile, changes: Sequence[DplanChange], known: Known) -> None:
    asked: dict[str, Any] = {
        "profile": profile.pk,
        "ids": [new_id() for _ in changes],
        "terms": [known.terms[change.term_code] for change in changes],
        "codes": [change.dplan_id for change in changes],
        "sources": [change.source_id for change in changes],
    }
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, asked)
        if cursor.rowcount:
            cursor.execute(TOUCH, [profile.pk])


def _known(changes: Sequence[DplanChange]) -> Known:
    terms = Term.objects.filter(code__in=_texts(change.term_code for change in changes))
    codes = DplanCode.objects.filter(pk__in=_texts(c.dplan_id for c in changes))
    sources = DplanSource.objects.filter(pk__in=_texts(c.source_id for c in changes))
    return Known(
        terms=dict(terms.values_list("code", "pk")),
        codes=set(codes.values_list("pk", flat=True)),
        sources=set(sources.values_list("pk", flat=True)),
    )


def _texts(values: Iterable[Any]) -> set[str]:
    return {value for value in values if isinstance(value, str)}


def _faults(changes: Sequence[DplanChange], known: Known) -> Iterator[str]:
    seen: set[str] = set()
    for position, change in enumerate(changes):
        for fault in _faults_of_one(change, known, seen):
            yield f"{fault} in dplans[{position}]"


def _faults_of_one(change: DplanChange, known: Known, seen: set[str]) -> Iterator[str]:
    for name in change.surplus:
        yield f"{_shown(name)} is not a known attribute"
    if not _is_in(change.term_code, known.terms):
        yield f"{_shown(change.term_code)} is not a known term_code"
    elif change.term_code in seen:
        yield f"{_shown(change.term_code)} is a term_code given before"
    else:
        seen.add(change.term_code)
    if not _is_in(change.dplan_id, known.codes):
        yield f"{_shown(change.dplan_id)} is not a known dplan_id"
    if not _is_in(change.source_id, known.sources):
        yield f"{_shown(change.source_id)} is not a known dplan_source_id"


def _is_in(value: Any, known: dict[str, str] | set[str]) -> bool:
    return isinstance(value, str) and value in known


def _shown(value: Any) -> str:
    """A value as a sentence repeats it: text in single quotes, else its JSON."""
    text = value if isinstance(value, str) else json.dumps(value, default=float)
    if len(text) > LONGEST_SHOWN:
        text = f"{text[:LONGEST_SHOWN]}…"
    return f"'{text}'" if isinstance(value, str) else text
