"""A parent that keeps its children running, and takes all of them with it.

One thread, one loop: signals only set a flag or wake the loop, so that a second
SIGTERM (a terminal's and make's, say) never cuts the first one short.
"""

import contextlib
import itertools
import logging
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from config.processes import (
    adopt_orphans,
    kill_group,
    reap_adopted,
    stop,
    wait_for_orphans,
)

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.5  # seconds before a child that died is started again; doubles
LONGEST_PAUSE = 30
STEADY_AFTER = 30  # seconds of life after which earlier deaths are forgotten
ORPHANS_LIMIT = 5  # seconds for a killed child's own children to notice


class Stopped(Exception):
    """The supervisor was asked to stop."""


@dataclass(frozen=True)
class Program:
    """What the supervisor keeps running."""

    name: str
    start: Callable[[], subprocess.Popen]
    stop_signal: int = signal.SIGTERM
    grace: float = 10  # seconds from the stop signal to SIGKILL
    deaf_for: float = 0  # seconds after its start in which it misses the signal


class Child:
    """A program and the process that runs it now."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.deaths = 0
        self.due_at: float | None = None  # when it is to be started again
        self._start()

    def _start(self) -> None:
        self.due_at = None
        self.started_at = time.monotonic()
        self.process = self.program.start()

    @property
    def age(self) -> float:
        return time.monotonic() - self.started_at

    def keep_running(self) -> None:
        """Start the program again where its process has died, after a pause."""
        if self.due_at is None and self.process.poll() is not None:
            self._bury()
        elif self.due_at is not None and self.due_at <= time.monotonic():
            self._start()

    def _bury(self) -> None:
        kill_group(self.process)
        self.deaths = 1 if self.age > STEADY_AFTER else self.deaths + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self.deaths - 1))
        self.due_at = time.monotonic() + pause
        logger.error(
            "%s ended with status %s and is started again in %s s",
            self.program.name,
            self.process.returncode,
            pause,
        )

    def ask_to_stop(self) -> None:
        if self.process.poll() is None:
            time.sleep(max(0, self.program.deaf_for - self.age))
            self.process.send_signal(self.program.stop_signal)

    def see_off(self) -> None:
        """Wait for the end that was asked for, as long as its grace lasts."""
        try:
            self.process.wait(self.program.grace)
        except subprocess.TimeoutExpired:
            logger.warning("%s did not stop and is killed", self.program.name)
        kill_group(self.process)


class Supervisor:
    """Starts programs in stages, restarts what dies, stops the last stage first.

    Use it as a context manager in the main thread. Once SIGTERM, SIGINT or SIGHUP
    has come, whatever waits raises Stopped.
    """

    def __init__(self) -> None:
        self.stages: list[list[Child]] = []
        self._errands: list[subprocess.Popen] = []
        self._stop_requested = False

    def __enter__(self) -> "Supervisor":
        adopt_orphans()
        self._alarm, write_end = os.pipe()
        for end in (self._alarm, write_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # it only wakes the loop
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._request_stop)
        return self

    def __exit__(self, *_) -> None:
        for stage in reversed(self.stages):
            for child in stage:
                child.ask_to_stop()
            for child in stage:
                child.see_off()
        wait_for_orphans(ORPHANS_LIMIT)

    def start(self, *programs: Program) -> list[Child]:
        """Start programs as one stage; return the children that run them."""
        stage: list[Child] = []
        self.stages.append(stage)
        for program in programs:
            stage.append(Child(program))
        return stage

    def run(self, program: Program) -> int:
        """Run a program to its end and return its exit status."""
        process = program.start()
        self._errands.append(process)
        try:
            self.wait(lambda: process.poll() is not None)
        finally:
            stop(process, program.stop_signal, program.grace)
            self._errands.remove(process)
        return process.returncode

    def wait(self, condition: Callable[[], bool], pause: float = 0.02) -> None:
        """Keep the children running until the condition holds."""
        while not condition():
            self._tick(pause)

    def watch(self) -> None:
        """Keep the children running until a signal ends it."""
        while True:
            self._tick(1)

    def _request_stop(self, *_) -> None:
        self._stop_requested = True

    def _tick(self, pause: float) -> None:
        if self._stop_requested:
            raise Stopped
        children = [*itertools.chain.from_iterable(self.stages)]
        for child in children:
            child.keep_running()
        processes = [child.process for child in children] + self._errands
        reap_adopted({process.pid for process in processes})
        select.select([self._alarm], [], [], pause)
        with contextlib.suppress(BlockingIOError):
            os.read(self._alarm, 4096)
