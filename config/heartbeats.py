"""What each worker says of itself; config.workers hears it.

In a module of its own, as no web process is to wait for Celery.
"""

import contextlib
import time

from celery.signals import heartbeat_sent
from redis import RedisError

from config.broker import client
from config.workers import KEY


@heartbeat_sent.connect
def report(sender, **_):
    """Note that this worker is alive; Celery calls it with each heartbeat."""
    eventer = sender.eventer
    queues = ",".join(sorted(eventer.app.amqp.queues.consume_from))
    with contextlib.suppress(RedisError):
        client().zadd(KEY, {f"{queues} {eventer.hostname}": time.time()})
