"""Which workers are alive, by what each of them says every two seconds."""

import contextlib
import time

from celery.signals import heartbeat_sent
from redis import RedisError

from config.broker import client

KEY = "matricula:workers"
SILENT_AFTER = 10  # seconds


@heartbeat_sent.connect
def report(sender, **_):
    """Note that this worker is alive; Celery calls it with each heartbeat."""
    with contextlib.suppress(RedisError):
        client().zadd(KEY, {sender.eventer.hostname: time.time()})


def count() -> int:
    """Return how many workers were heard lately. Raises RedisError."""
    now = time.time()
    pipe = client().pipeline(transaction=False)
    pipe.zremrangebyscore(KEY, 0, now - SILENT_AFTER)
    pipe.zcard(KEY)
    return pipe.execute()[1]
