"""Telling the workers that a lane has work.

A hint may be lost, doubled or late: the sweep finds what nobody was told of. So
it is sent with short time-outs, and for a while not at all after one failed.
"""

import json
import logging
import time
import uuid
from functools import cache
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from tasks.tallies import PUBLISH_FAILURES, tally

logger = logging.getLogger(__name__)

RUN_LANE = "tasks.run_lane"  # the name of the Celery task; stable for ever
SOCKET_TIMEOUT = 1  # second; a frozen broker would hang a request for 40
PAUSE = 5  # seconds without hints after one failed
LONG_QUEUE = 1_000  # hints, past which another would only make it longer


class Breaker:
    """Keeps a process from waiting again and again for a broker that is away."""

    def __init__(self) -> None:
        self.open_until = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self.open_until

    def trip(self) -> None:
        self.open_until = time.monotonic() + PAUSE

    def reset(self) -> None:
        self.open_until = 0.0


breaker = Breaker()


@cache
def broker() -> redis.Redis:
    """The broker, with time-outs of its own.

    A connection that the broker closed meanwhile is made anew once.
    """
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=SOCKET_TIMEOUT,
        socket_connect_timeout=SOCKET_TIMEOUT,
        retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
    )


def hint(lane: str) -> bool:
    """Tell the workers that the lane has work; return whether it was sent.

    Never raises and never takes long: nothing depends on it but speed.
    """
    if breaker.is_open:
        return False
    try:
        broker().lpush(settings.CELERY_TASK_DEFAULT_QUEUE, message(lane))
    except (redis.RedisError, OSError, ValueError) as error:
        _failed(error)
        tally(PUBLISH_FAILURES)
        return False
    return True


def next_lane() -> str | None:
    """Take the hint that has waited longest, if there is one; return its lane."""
    if breaker.is_open:
        return None
    try:
        taken: Any = broker().rpop(settings.CELERY_TASK_DEFAULT_QUEUE)
    except (redis.RedisError, OSError, ValueError) as error:
        _failed(error)
        return None
    return _lane_of(taken) if taken else None


def _lane_of(message: bytes) -> str | None:
    """What is no hint of ours is dropped: the sweep finds what nobody is told of."""
    try:
        [[lane], _, _] = json.loads(json.loads(message)["body"])
    except (ValueError, TypeError, KeyError):
        logger.warning("hint_unreadable")
        return None
    return lane


def queue_is_long() -> bool:
    """Whether the workers have more hints before them than they need."""
    if breaker.is_open:
        return False
    try:
        return broker().llen(settings.CELERY_TASK_DEFAULT_QUEUE) > LONG_QUEUE
    except (redis.RedisError, OSError, ValueError) as error:
        _failed(error)
        return False


def _failed(error: Exception) -> None:
    breaker.trip()
    logger.warning("hint_failed", extra={"error": str(error)})


def message(lane: str) -> str:
    """One hint, as kombu would put it into the queue.

    Celery's own publishing costs as much as the rest of an acceptance, and its
    time-outs are those of the worker.
    """
    identity = str(uuid.uuid4())
    return json.dumps(
        {
            "body": json.dumps([[lane], {}, {}]),
            "content-encoding": "utf-8",
            "content-type": "application/json",
            "headers": {
                "lang": "py",
                "task": RUN_LANE,
                "id": identity,
                "root_id": identity,
                "parent_id": None,
                "group": None,
                "eta": None,
                "expires": None,
                "retries": 0,
                "timelimit": [None, None],
                "argsrepr": repr((lane,)),
                "kwargsrepr": "{}",
                "ignore_result": True,
            },
            "properties": {
                "correlation_id": identity,
                "delivery_tag": identity,
                "delivery_mode": 2,
                "delivery_info": {
                    "exchange": "",
                    "routing_key": settings.CELERY_TASK_DEFAULT_QUEUE,
                },
                "priority": 0,
            },
        }
    )
