"""The shared count of requests, and the epoch of clients and keys.

One Redis script per request does both: it counts the request against its
limit and tells the access epoch, a number that is raised by every change to a
client, a key or a signing key. A process that remembers who a credential
belongs to asks the database again where the epoch differs, and always while
Redis is away; then the limit is counted in this process alone.
"""

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds that a limit speaks of
AWAY = 1.0  # seconds for which Redis is left alone after it failed
EPOCH = "access:epoch"
MOST_BUCKETS = 10_000  # counted in one process while Redis is away

# Counted by the second, so that no 60 seconds anywhere hold more than the
# limit; a window that begins anew each minute would let twice as many through.
# A lost epoch begins at the time in microseconds: higher than it ever was.
COUNT = """
local time = redis.call('TIME')
local now, limit = tonumber(time[1]), tonumber(ARGV[1])
local epoch = redis.call('GET', KEYS[2])
if not epoch then
  epoch = time[1] .. string.format('%06d', time[2])
  redis.call('SET', KEYS[2], epoch)
end
if limit == 0 then return epoch .. ' 1 0 0' end
local state = redis.call('HMGET', KEYS[1], 'used', 'oldest')
local used, oldest = tonumber(state[1] or 0), tonumber(state[2] or now)
while oldest < now do
  local held = redis.call('HGET', KEYS[1], oldest)
  if held and oldest >= now - 60 then break end
  if held then
    used = used - held
    redis.call('HDEL', KEYS[1], oldest)
  end
  oldest = oldest + 1
end
local granted = used < limit and 1 or 0
if granted == 1 then
  used = used + 1
  redis.call('HINCRBY', KEYS[1], now, 1)
end
redis.call('HSET', KEYS[1], 'used', used, 'oldest', oldest)
redis.call('EXPIRE', KEYS[1], 62)
return table.concat({epoch, granted, limit - used, oldest + 61 - now}, ' ')
"""
COUNT_SHA = hashlib.sha1(COUNT.encode(), usedforsecurity=False).hexdigest()

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Rate:
    """What one request left of its limit, and the epoch it was counted in."""

    limit: int  # 0: none
    is_granted: bool
    remaining: int = 0
    reset: int = 0  # seconds until some of the limit comes back
    epoch: int | None = None  # None: Redis is away


def count(bucket: str, limit: int) -> Rate:
    """Count one request against `limit` a minute; 0 counts nothing."""
    answer = _unless_away(lambda: _line.count(f"rate:{bucket}", limit))
    if answer is None:
        return _here.count(bucket, limit)
    epoch, granted, remaining, reset = map(int, answer.split())
    return Rate(limit, bool(granted), max(remaining, 0), reset, epoch)


def read_epoch() -> int | None:
    """The epoch as it stands; None where Redis is away."""
    return count("", 0).epoch


def raise_epoch_on_commit() -> None:
    """Have every process ask the database again once this change is there."""
    transaction.on_commit(_raise_epoch, robust=True)


def _raise_epoch() -> None:
    global _away_until
    _away_until = 0.0  # where this process just failed, others may hear of it
    read_epoch()  # an epoch that was lost must not begin again at 1
    if _unless_away(lambda: _redis().incr(EPOCH)) is None:
        logger.warning("epoch_not_raised")


def forget_counts() -> None:
    """Give every client its whole limit again."""
    for bucket in _redis().scan_iter("rate:*"):
        _redis().delete(bucket)
    _here.buckets.clear()


class _HereAlone:
    """The same count kept in this process, for when Redis is away."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.buckets: dict[str, dict[int, int]] = {}

    def count(self, bucket: str, limit: int) -> Rate:
        if limit == 0:
            return Rate(0, True)
        now = int(time.time())
        with self.lock:
            seconds = self._window(bucket, now)
            granted = sum(seconds.values()) < limit
            if granted:
                seconds[now] = seconds.get(now, 0) + 1
            remaining = limit - sum(seconds.values())
            return Rate(limit, granted, max(remaining, 0), min(seconds) + 61 - now)

    def _window(self, bucket: str, now: int) -> dict[int, int]:
        if len(self.buckets) > MOST_BUCKETS:
            self.buckets.clear()
        held = self.buckets.get(bucket, {})
        window = {second: n for second, n in held.items() if second >= now - WINDOW}
        self.buckets[bucket] = window
        return window


class _Line(threading.local):
    """This thread's own connection: one of the pool costs three times the question."""

    connection: Any = None  # a redis.Connection

    def count(self, key: str, limit: int) -> bytes:
        question = (2, key, EPOCH, limit)
        try:
            return self.ask("EVALSHA", COUNT_SHA, *question)
        except redis.exceptions.NoScriptError:  # Redis is new, or was emptied
            return self.ask("EVAL", COUNT, *question)

    def ask(self, *command: str | int) -> bytes:
        """Ask, and once more where Redis had closed the connection meanwhile."""
        try:
            return self._ask_once(*command)
        except redis.ConnectionError:
            return self._ask_once(*command)

    def _ask_once(self, *command: str | int) -> bytes:
        if self.connection is None or self.connection.pid != os.getpid():
            self.connection = _redis().connection_pool.make_connection()
        self.connection.send_command(*command, check_health=False)
        return self.connection.read_response()


_line = _Line()
_here = _HereAlone()
_away_until = 0.0


def _unless_away(question: Callable[[], Answer]) -> Answer | None:
    """Redis's answer, or None; after a failure it is left alone for a while."""
    global _away_until
    if time.monotonic() < _away_until:
        return None
    try:
        return question()
    except redis.RedisError as error:
        _away_until = time.monotonic() + AWAY
        logger.warning("redis_away", extra={"error": type(error).__name__})
        return None


@lru_cache(maxsize=1)
def _redis() -> redis.Redis:
    # A time-out is not tried again: every request would wait for it twice.
    once = Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,))
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=once
    )
