"""The disclosure log: who was shown, or wrote, which people's records.

One insert per answer, in the transaction of the request, before the answer
leaves: what cannot be logged is not answered.
"""

from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError, InterfaceError

from access.callers import Caller
from config.history import attached_by_hand
from config.prepared import prepared_cursor

MOST_IDS = 10_000  # in one row; a larger export takes several

# One statement for the row and, where nothing else is written, for not waiting
# on the disk: a crash then loses the log of answers of its last moments, never
# that of a write.
INSERT = """
WITH setting AS (
    SELECT CASE WHEN %(is_read)s THEN set_config('synchronous_commit', 'off', true) END
)
INSERT INTO access_disclosure
    (at, client_id, sub, staff, door, what, purpose, request_id, profile_ids)
SELECT clock_timestamp(), %(client_id)s, %(sub)s, %(staff)s, %(door)s, %(what)s,
       %(purpose)s, %(request_id)s,
       string_to_array(%(profile_ids)s, ',')::varchar[]
FROM setting
"""


class NotLogged(Exception):
    """The log cannot be written, so nothing may be shown."""


def disclose(
    *,
    door: str,
    what: str,
    profile_ids: Iterable[str],
    request_id: str = "",
    caller: Caller | None = None,
    staff: str = "",
    purpose: str = "",
    is_read: bool = False,
) -> None:
    """Log that these people's records were released, or written, through `door`.

    Give the caller of an interface, or `staff`: the user name of a person in
    the admin, or who ran a command. `what` says in a word or two what was
    released ("enrollments", "export"). Nothing is logged for no people.
    `is_read` says that this transaction writes nothing else. Raises NotLogged.
    """
    ids = list(dict.fromkeys(profile_ids))
    who = {
        "client_id": caller.client_id if caller else "",
        "sub": caller.sub if caller else "",
        "purpose": caller.purpose if caller else purpose,
        "staff": staff,
    }
    row = {**who, "door": door, "what": what, "request_id": request_id or ""}
    for start in range(0, len(ids), MOST_IDS):
        # One text costs half of what an array of them does; no id has a comma.
        part = ",".join(ids[start : start + MOST_IDS])
        _insert({**row, "profile_ids": part, "is_read": is_read})


def _insert(row: dict[str, Any]) -> None:
    try:
        with attached_by_hand(), prepared_cursor() as cursor:  # keeps no history
            cursor.execute(INSERT, row)
    except (DatabaseError, InterfaceError) as error:
        raise NotLogged from error
