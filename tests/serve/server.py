"""A real `manage.py serve`, as an operator starts it."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 240  # seconds; only a machine that is very busy needs them
OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "REGISTRY_VAR", "LOG_REQUESTS")


def environment(state: Path) -> dict[str, str]:
    """Return an environment that names no engine, only the state folder."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    return {**inherited, "REGISTRY_VAR": str(state)}


def manage(state: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess:
    """Run a command to its end, on that state folder."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**environment(state), **environ},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One run of the server on a state folder; the port stays the same."""

    def __init__(self, state: Path, **environ: str) -> None:
        self.state = state
        self.environ = environ  # such as the URL of an engine that it is to use
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = state.with_suffix(".log")

    def start(self) -> None:
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--demo"],
                cwd=ROOT,
                env={
                    **environment(self.state),
                    **self.environ,
                    "PORT": str(self.port),
                },
                stdout=log,
                stderr=log,
            )
        wait_for(self.has_said_welcome)

    def has_said_welcome(self) -> bool:
        assert self.process.poll() is None, self.said
        return "stops it." in self.said

    @property
    def said(self) -> str:
        return self.log.read_text()

    def probe(self) -> dict:
        return requests.get(f"{self.url}/readyz", timeout=30).json()

    def is_whole(self) -> bool:
        """Whether the database, the broker and a worker are there."""
        try:
            return self.probe() == WHOLE
        except requests.RequestException:
            return False

    def manage(self, *arguments: str) -> subprocess.CompletedProcess:
        return manage(self.state, *arguments, **self.environ)

    def processes(self) -> list[psutil.Process]:
        """Return all processes of the server, itself included."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def child(self, word: str) -> psutil.Process | None:
        """Return the first direct child whose command has that word, if any."""
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children():
                if word in " ".join(child.cmdline()):
                    return child
        return None

    def zombies(self) -> list[psutil.Process]:
        """Return the processes that ended and that nobody has cleared away."""
        return [each for each in self.processes() if is_zombie(each)]

    def stop(self, *signals: signal.Signals) -> list[psutil.Process]:
        """Send the signals; return the processes that live on."""
        processes = self.processes()
        for number in signals:
            self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return psutil.wait_procs(processes, timeout=30)[1]


WHOLE = {"status": "ready", "database": "migrated", "broker": "ok", "workers": 2}


def wait_for(condition) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true"
        time.sleep(0.05)


def is_zombie(process: psutil.Process) -> bool:
    """Whether it ended and is still there; what is cleared away is neither."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.status() == psutil.STATUS_ZOMBIE
    return False
