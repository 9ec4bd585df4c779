"""Found sets: what a search found, kept while its pages are walked.

The ids are kept as they were found, in chunks, so that a page costs the same at
any depth and rows that come later move nothing. A set of one page has nothing
to continue and is not kept.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection
from django.db.models import QuerySet

from config.errors import Invalid
from config.prepared import fetch_all

LIFETIME = timedelta(hours=12)
MOST_PER_CLIENT = 20  # live sets; the oldest goes first
CHUNK = 250  # ids; a page of 100 reads one or two chunks
CANCELLED = "57014"  # what PostgreSQL says at a statement time-out

# Finds, counts, keeps and gives the page in one statement, so in one view of the
# record. Nothing waits on the disk: a crash loses sets of its last moments.
FIND = """
WITH setting AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
), chunk AS MATERIALIZED (
    SELECT position / {size} AS number, array_agg(id ORDER BY position) AS ids
    FROM (
        SELECT id, row_number() OVER () - 1 AS position FROM ({search}) AS search (id)
    ) AS found
    GROUP BY position / {size}
), tally AS MATERIALIZED (
    SELECT coalesce(sum(cardinality(ids)), 0) AS total FROM chunk, setting
), kept AS (
    INSERT INTO config_foundset
        (key, collection, client_id, viewer, total, expires_at)
    SELECT %s, %s, %s, %s, total, statement_timestamp() + %s
    FROM tally WHERE total > %s
), chunks AS (
    INSERT INTO config_foundsetchunk (found_set_id, number, ids)
    SELECT %s, number, ids FROM chunk, tally WHERE total > %s
)
SELECT total, number, ids
FROM tally LEFT JOIN chunk ON number BETWEEN %s AND %s
ORDER BY number
"""

# Whoever goes on must be who searched, with the same scopes.
READ = """
SELECT found.total, chunk.number, chunk.ids
FROM config_foundset AS found
LEFT JOIN config_foundsetchunk AS chunk
    ON chunk.found_set_id = found.key AND chunk.number BETWEEN %s AND %s
WHERE found.key = %s AND found.collection = %s AND found.client_id = %s
    AND found.viewer = %s AND found.expires_at > statement_timestamp()
ORDER BY chunk.number
"""

# Those of a client beyond the most, and some that have ended, whoever's.
PRUNE = """
WITH surplus AS (
    SELECT key FROM config_foundset WHERE client_id = %s
    ORDER BY expires_at DESC, key OFFSET %s
), ended AS (
    SELECT key FROM config_foundset WHERE expires_at <= statement_timestamp()
    ORDER BY expires_at LIMIT 20
), going AS MATERIALIZED (
    SELECT key FROM config_foundset
    WHERE key IN (SELECT key FROM surplus UNION ALL SELECT key FROM ended)
    FOR UPDATE SKIP LOCKED
), chunks AS (
    DELETE FROM config_foundsetchunk WHERE found_set_id IN (SELECT key FROM going)
)
DELETE FROM config_foundset WHERE key IN (SELECT key FROM going)
"""


class UnknownFoundSet(Invalid):
    """No such set is kept for this caller: never, no longer, or not with its scopes."""

    code = "unknown_continuation_key"

    def __init__(self) -> None:
        super().__init__(
            "The continuation_key is not known, has ended, or is not of this caller "
            "with these scopes. (What fits one page has no more to continue.)",
            field="continuation_key",
        )


class SearchTooSlow(Invalid):
    """The filters leave too many rows that have to be looked at one by one."""

    code = "search_too_slow"

    def __init__(self) -> None:
        super().__init__(
            "These filters alone take too long over this many rows; add one that "
            "leaves fewer, such as an id."
        )


@dataclass(frozen=True)
class Viewer:
    """Whose search it is: a set is continued by the same, with the same scopes."""

    client_id: str
    sub: str
    scopes: Collection[str]

    @property
    def digest(self) -> str:
        words = "\n".join([self.sub, *sorted(self.scopes)])
        return hashlib.sha256(words.encode()).hexdigest()


@dataclass(frozen=True)
class Found:
    """One page of a found set: ids in the order in which they were found."""

    key: str
    total: int
    ids: list[str]


def find(
    search: QuerySet,
    *,
    collection: str,
    viewer: Viewer,
    skip: int,
    limit: int,
    seconds: int,
) -> Found:
    """Run an ordered search and keep what it found, if that is more than `limit`.

    Raises SearchTooSlow where that takes more than `seconds`.
    """
    key = secrets.token_hex(16)
    try:
        statement, parameters = search.values_list("pk").query.sql_with_params()
    except EmptyResultSet:
        return Found(key, 0, [])
    kept = [key, collection, viewer.client_id, viewer.digest, LIFETIME, limit]
    page = [key, limit, *_chunks(skip, limit)]
    rows = _run(
        FIND.format(search=statement, size=CHUNK),
        [*parameters, *kept, *page],
        seconds,
    )
    found = _found(key, rows, skip, limit)
    if found.total > limit:
        prune(viewer.client_id)
    return found


def read(key: str, *, collection: str, viewer: Viewer, skip: int, limit: int) -> Found:
    """Return a page of a set that was kept. Raises UnknownFoundSet."""
    owner = [key, collection, viewer.client_id, viewer.digest]
    rows = fetch_all(READ, [*_chunks(skip, limit), *owner])
    if not rows:
        raise UnknownFoundSet
    return _found(key, rows, skip, limit)


def prune(client_id: str) -> None:
    """Drop what a client has too much of, and some of what has ended."""
    with connection.cursor() as cursor:
        cursor.execute(PRUNE, [client_id, MOST_PER_CLIENT])


def _chunks(skip: int, limit: int) -> tuple[int, int]:
    """The first and the last chunk that a page lies in."""
    return skip // CHUNK, (skip + limit - 1) // CHUNK


def _found(key: str, rows: list[tuple], skip: int, limit: int) -> Found:
    ids = [each for _, _, chunk in rows for each in chunk or ()]
    start = skip % CHUNK
    return Found(key, int(rows[0][0]), ids[start : start + limit])


def _run(statement: str, parameters: list[Any], seconds: int) -> list[tuple]:
    # Two statements in one message are one transaction: the first bounds it.
    bound = f"SELECT set_config('statement_timeout', '{seconds}s', true);"
    try:
        with connection.cursor() as cursor:
            cursor.execute(bound + statement, parameters)
            cursor.nextset()
            return cursor.fetchall()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == CANCELLED:
            raise SearchTooSlow from error
        raise
