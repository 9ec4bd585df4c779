"""Failpoints that are armed from outside: a file says what happens, once.

The files lie in $FAILPOINTS, one folder for each failpoint. Whoever reaches the
failpoint first takes the file away and does what it says.
"""

import os
import signal
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db import OperationalError

from tasks import failpoints

NAMES = (
    failpoints.BEFORE_ACCEPT_COMMIT,
    failpoints.AFTER_ACCEPT_COMMIT,
    failpoints.AFTER_CLAIM_COMMIT,
    failpoints.BEFORE_EFFECT,
    failpoints.AFTER_EFFECT,
    failpoints.AFTER_EFFECT_COMMIT,
    failpoints.IN_SWEEP,
)

KILL, STOP, FAIL = "kill", "stop", "fail"


def install() -> None:
    """Have each failpoint of this process look whether it is armed."""
    root = os.environ.get("FAILPOINTS")
    for name in NAMES if root else ():
        failpoints.install(name, partial(_reached, folder_of(Path(root), name)))


def folder_of(root: Path, name: str) -> Path:
    return root / name.replace(" ", "-")


def arm(root: Path, name: str, act: str) -> None:
    """Have the next process that comes by that failpoint do it."""
    folder = folder_of(root, name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{act}.{uuid.uuid4().hex}").touch()


def armed(root: Path) -> list[Path]:
    """What was not reached yet."""
    return [*root.glob("*/*.*")]


def disarm(root: Path) -> None:
    for path in armed(root):
        path.unlink(missing_ok=True)


def _reached(folder: Path) -> None:
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        if _take(folder / name):
            ACTS[name.partition(".")[0]](folder.parent)
            return


def _take(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _kill(root: Path) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _stop(root: Path) -> None:
    """Stop, as a process that is not given the processor for a long time."""
    (root / f"stopped-{os.getpid()}").touch()
    os.kill(os.getpid(), signal.SIGSTOP)


def _fail(root: Path) -> None:
    raise OperationalError("a failpoint")


ACTS: dict[str, Callable[[Path], None]] = {KILL: _kill, STOP: _stop, FAIL: _fail}
