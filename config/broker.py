"""The Redis client for everything but Celery's own messages."""

from functools import cache

import redis
from django.conf import settings

TIMEOUT = 0.5  # seconds; a frozen broker may slow an answer by this, not hold it


@cache
def client() -> redis.Redis:
    """Return this process's client; it connects when first used."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        health_check_interval=30,
    )
