"""Child processes that end when their parent does, whatever ends the parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Sequence
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Loaded once, before any fork: a child must not load libraries.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(stop_signal: int) -> None:
    """Have the kernel send this process `stop_signal` when its parent dies."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, stop_signal, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent dies."""
    if _libc:
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def spawn(
    command: Sequence[str], *, stop_signal: int, **options: Any
) -> subprocess.Popen:
    """Start a child in a session of its own; call from the main thread.

    A session of its own keeps the terminal's Ctrl-C away, so that the parent
    decides the order in which its children stop.
    """
    parent = os.getpid()

    def bind_to_parent() -> None:
        end_with_parent(stop_signal)
        if os.getppid() != parent:  # it died before the line above took hold
            os._exit(1)

    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(
        command,
        start_new_session=True,
        preexec_fn=bind_to_parent,
        **options,
    )


def stop(process: subprocess.Popen, stop_signal: int, grace: float) -> None:
    """Stop a child as it likes to be stopped; after `grace` seconds, kill it."""
    if process.poll() is None:
        process.send_signal(stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    kill_group(process)


def kill_group(process: subprocess.Popen) -> None:
    """Kill a child that `spawn` started, and whatever it has left behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with contextlib.suppress(ChildProcessError):
        while True:  # those of the group that were adopted
            os.waitpid(-process.pid, 0)


def reap_adopted(children: Collection[int]) -> None:
    """Clear away adopted processes that have ended; leave one's own children."""
    if _libc is None:  # nothing was adopted
        return
    ended = os.WEXITED | os.WNOHANG | os.WNOWAIT
    with contextlib.suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, ended):
            if found.si_pid in children:
                return
            os.waitpid(found.si_pid, 0)


def wait_for_orphans(limit: float) -> None:
    """Wait for adopted processes to end, at most `limit` seconds."""
    deadline = time.monotonic() + limit
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.02)
