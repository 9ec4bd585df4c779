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
    eventer = sender.eventer
    queues = ",".join(sorted(eventer.app.amqp.queues.consume_from))
    with contextlib.suppress(RedisError):
        client().zadd(KEY, {f"{queues} {eventer.hostname}": time.time()})


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
