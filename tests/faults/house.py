"""A whole registry of real processes, each of which can be made to die.

Engines, web server and workers run from one folder of their own, with the
settings of tests.faults. Call everything here from the main thread: the kernel
ends the children with the thread that started them.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import redis

from config.embedded.broker import Broker
from config.embedded.engines import wait_until_ready
from config.embedded.postgres import Postgres
from config.embedded.state import StateFolder
from config.processes import kill_group, spawn
from tests.faults import arms
from tests.faults.proxy import Proxy

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90  # seconds, for what takes one or two on a quiet machine

# What the machine has been told survives the death of any process of ours; only
# the power may not fail.
DATABASE_SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "max_wal_size=4GB",
    "deadlock_timeout=200ms",
)

EMPTIED = (
    *("tasks_task", "tasks_lane", "tasks_tally", "tasks_intervention"),
    *("effects_effect", "effects_account", "access_idempotencyrecord"),
)


class House:
    """Engines, web and workers; `with House() as house` starts and ends them."""

    def __init__(self, *, workers: int = 2, processes: int = 2, threads: int = 8):
        self.folder = Path(tempfile.mkdtemp(prefix="matricula-faults-"))
        self.state = StateFolder(self.folder)
        self.state.lock()
        sockets = self.state.socket_folder()
        self.postgres = Postgres(self.state, sockets, DATABASE_SETTINGS)
        self.broker = Broker(self.state, sockets)
        self.failpoints = self.folder / "failpoints"
        self.failpoints.mkdir()
        self.port = _free_port()
        self.threads, self.processes = threads, processes
        self.wanted = [f"worker{number}" for number in range(workers)]
        self.running: dict[str, subprocess.Popen] = {}
        self.extra_environ: dict[str, dict[str, str]] = {}
        self.stopped_since: dict[int, float] = {}
        self.proxy: Proxy | None = None

    def __enter__(self) -> "House":
        try:
            self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: Any) -> None:
        for process in reversed([*self.running.values()]):
            kill_group(process)
            process.wait()
        if self.proxy:
            self.proxy.close()
        self.state.unlock()
        if "KEEP_FAULTS" not in os.environ:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _open(self) -> None:
        self.start_postgres()
        self.postgres.prepare()
        self.start_broker()
        self.manage("migrate", "--run-syncdb", "--verbosity=0")
        scope = "--scope=api:academic:enrollments:write"
        printed = self.manage("createclient", "Faults", scope, "--rate-limit=0")
        self.key = json.loads(printed)["key"]
        self.proxy = Proxy(self.folder / "proxy", self.postgres.sockets)
        self.extra_environ["web"] = {"DATABASE_URL": self._proxied_url()}
        self.start_web()
        self.keep()

    def _proxied_url(self) -> str:
        """The web server's way to the database, on which commits can get lost."""
        sockets = quote(str(self.postgres.sockets), safe="")
        return self.postgres.url.replace(
            sockets, quote(str(self.folder / "proxy"), safe="")
        )

    # --- What runs ------------------------------------------------------------

    @property
    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.broker.url,
            "SECRET_KEY": "for-faults-only",
            "REGISTRY_VAR": str(self.folder),
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "ignore",
            "FAILPOINTS": str(self.failpoints),
            "WEB_THREADS": str(self.threads),
            "LOG_REQUESTS": "false",
        }

    def manage(self, *command: str) -> str:
        """Run a management command to its end; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "django", *command],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return done.stdout

    def start_postgres(self) -> None:
        self._start_engine(self.postgres)

    def start_broker(self) -> None:
        self._start_engine(self.broker)

    def _start_engine(self, engine: Postgres | Broker) -> None:
        with self.log(engine.name) as log:
            process = self.running[engine.name] = engine.start(log)
        wait_until_ready(self.state, engine, process)

    def start_web(self) -> None:
        self._spawn(
            "web",
            *("-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"),
            *("--blocking-threads", str(self.threads)),
            *("--workers-kill-timeout", "10", "--respawn-failed-workers"),
            *("--log-level", "error", "config.wsgi:application"),
        )
        self.wait(self.answers)

    def start_worker(self, name: str) -> None:
        self._spawn(
            name,
            *("-m", "celery", "-A", "config", "worker", "--hostname", f"{name}@%h"),
            *("--concurrency", str(self.processes), "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle"),
        )

    def _spawn(self, name: str, *arguments: str) -> None:
        with self.log(name) as log:
            self.running[name] = spawn(
                [sys.executable, *arguments],
                stop_signal=signal.SIGKILL,
                cwd=ROOT,
                env={**self.environ, **self.extra_environ.get(name, {})},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def log(self, name: str):
        (self.folder / "log").mkdir(exist_ok=True)
        return (self.folder / "log" / f"{name}.log").open("a")

    def keep(self) -> None:
        """Start what should run and does not, as a supervisor does."""
        for name in [*self.wanted, *(["web"] if "web" in self.running else [])]:
            process = self.running.get(name)
            if process is None or process.poll() is not None:
                if process:
                    kill_group(process)
                self.start_web() if name == "web" else self.start_worker(name)

    # --- What happens to it ---------------------------------------------------

    def kill(self, name: str) -> None:
        """SIGKILL, to all of it at once."""
        kill_group(self.running[name])
        self.running[name].wait()

    def restart_postgres(self) -> None:
        """As after a crash: nobody is told, everything is recovered."""
        self.running["postgres"].send_signal(signal.SIGQUIT)
        self.running["postgres"].wait()
        kill_group(self.running["postgres"])
        self.start_postgres()

    def signal(self, name: str, number: int) -> None:
        self.running[name].send_signal(number)

    def arm(self, name: str, act: str) -> None:
        arms.arm(self.failpoints, name, act)

    def wake(self, after: float = 0) -> list[int]:
        """Continue processes that a failpoint stopped so long ago; return them."""
        woken = []
        for path in self.failpoints.glob("stopped-*"):
            pid = int(path.name.partition("-")[2])
            since = self.stopped_since.setdefault(pid, time.monotonic())
            if time.monotonic() - since >= after:
                path.unlink()
                del self.stopped_since[pid]
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
                woken.append(pid)
        return woken

    # --- How it is ------------------------------------------------------------

    def answers(self) -> bool:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=1),
        ):
            return True
        return False

    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.broker.url, socket_timeout=5)

    @contextlib.contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.postgres.url, autocommit=True) as connection:
            yield connection

    def rows(self, statement: str, *parameters: Any) -> list[tuple]:
        with self.database() as database:
            return database.execute(statement, parameters).fetchall()

    def unfinished(self) -> int:
        ((count,),) = self.rows(
            "SELECT count(*) FROM tasks_task WHERE state IN ('queued', 'running')"
        )
        return count

    def wait(self, holds: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Return when it holds, keeping all running; raise when it never does."""
        ends = time.monotonic() + patience
        while not holds():
            if time.monotonic() > ends:
                raise AssertionError(f"it did not come about within {patience} s")
            time.sleep(0.1)
            if "web" in self.running:
                self.keep()

    def meanwhile(self, act: Callable[[], object]) -> None:
        """Do it in a thread, and keep everything running until it is done."""
        thread = threading.Thread(target=act, daemon=True)
        thread.start()
        self.wait(lambda: not thread.is_alive(), patience=600)

    def settle(self, patience: float = PATIENCE) -> None:
        """Return when every accepted task has ended."""
        self.wait(lambda: self.unfinished() == 0, patience)

    def reset(self) -> None:
        """Forget what was done, for the next test."""
        arms.disarm(self.failpoints)
        self.proxy.is_to_lose.clear()
        self.wake()
        self.keep()
        with self.database() as database, database.transaction():
            # Whoever works takes this first, too: nobody waits for the other.
            database.execute("LOCK TABLE tasks_lane")
            database.execute(f"TRUNCATE {', '.join(EMPTIED)} CASCADE")
        self.redis().delete("lanes")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
