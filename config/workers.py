"""Which workers are alive, by what each of them says every two seconds."""

import time

from config.broker import client

KEY = "matricula:workers"
SILENT_AFTER = 10  # seconds


def count() -> int:
    """Return how many workers were heard lately. Raises RedisError."""
    return len(_heard())


def serving(queue: str) -> int:
    """Return how many of them take work from that queue. Raises RedisError."""
    return sum(queue in each.partition(" ")[0].split(",") for each in _heard())


def _heard() -> list[str]:
    now = time.time()
    pipe = client().pipeline(transaction=False)
    pipe.zremrangebyscore(KEY, 0, now - SILENT_AFTER)
    pipe.zrange(KEY, 0, -1)
    return [member.decode() for member in pipe.execute()[1]]
