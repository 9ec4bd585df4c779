"""Ids of new records: 24 lower-case hex characters, ordered by time."""

import secrets
import time

NANOSECONDS = 1_000_000_000


def new_id() -> str:
    """Return a fresh id that sorts after those made earlier.

    The first 8 characters are Unix seconds, as in an ObjectId, the next 6 the
    fraction of the second in steps of 60 ns, the last 10 are random.
    """
    seconds, nanoseconds = divmod(time.time_ns(), NANOSECONDS)
    fraction = (nanoseconds << 24) // NANOSECONDS
    return f"{seconds:08x}{fraction:06x}{secrets.token_hex(5)}"
