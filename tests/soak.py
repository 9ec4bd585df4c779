"""A pytest plugin that bounds `make soak`: each part by itself, and the whole.

`@pytest.mark.soak(seconds=60)` says how long a part may take, its fixtures included.
What takes longer fails and says so, and the next begins. Once SOAK_LIMIT seconds
have gone by, whatever is left fails; a part that cannot even be interrupted ends
the whole, with a traceback of every thread.
"""

import faulthandler
import os
import signal
import time

import pytest

LIMIT = int(os.environ.get("SOAK_LIMIT", "1200"))
PART = 120  # seconds, for a part that names none
TO_CLEAR_AWAY = 60  # seconds, after which a part that was ended is ended again

ends = time.monotonic() + LIMIT
said = os.dup(2)  # before pytest takes what is said on it


def pytest_configure():
    # Beside pytest's own, which is not asked for.
    faulthandler.dump_traceback_later(LIMIT + 2 * TO_CLEAR_AWAY, exit=True, file=said)
    signal.signal(signal.SIGALRM, end_this_part)


def end_this_part(number, frame):
    signal.alarm(TO_CLEAR_AWAY)
    if time.monotonic() >= ends:
        pytest.fail(f"`make soak` took longer than its {LIMIT} s (SOAK_LIMIT).")
    pytest.fail("This part of `make soak` took longer than its bound.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    signal.alarm(seconds_for(item))
    try:
        return (yield)
    finally:
        signal.alarm(0)


def seconds_for(item) -> int:
    """Return what is left for it: its own bound, or less near the end of all."""
    bound = item.get_closest_marker("soak").kwargs.get("seconds", PART)
    return max(1, min(bound, int(ends - time.monotonic())))
