"""Waiting for a task to end, within a request and without its database connection."""

import time
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.conf import settings
from django.db import connection

from tasks.models import Task

FIRST_LOOK = 0.01  # seconds until it; each is half as long again as the one before
LONGEST_LOOK = 0.5

# At most half of the threads of this process wait; the others go on answering.
_places = BoundedSemaphore(settings.WEB_THREADS // 2)


def until_ended(task: Task, seconds: float) -> Task:
    """Return the task as it is when it has ended or the time is over.

    Returns at once where half of the threads wait already. Between two looks
    the connection is given back; so never call it inside a transaction.
    """
    with _place() as has_place:
        return _look(task, time.monotonic() + seconds) if has_place else task


def _look(task: Task, ends: float) -> Task:
    pause = FIRST_LOOK
    while not task.has_ended and (left := ends - time.monotonic()) > 0:
        _give_back_connection()
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_LOOK)
        task = Task.objects.select_related("lane").get(pk=task.pk)
    return task


def _give_back_connection() -> None:
    if not connection.in_atomic_block:  # as a test's own transaction
        connection.close()


@contextmanager
def _place():
    has_place = _places.acquire(blocking=False)
    try:
        yield has_place
    finally:
        if has_place:
            _places.release()
