"""The whole server in one command: engines, web and workers under one parent."""

import contextlib
import errno
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from config.embedded.engines import (
    Engine,
    did_not_start,
    environment,
    missing_engines,
    start,
)
from config.embedded.state import StateFolder, state_folder
from config.processes import spawn
from config.supervisor import Child, Program, Stopped, Supervisor
from config.welcome import welcome

BASE_DIR = Path(__file__).resolve().parent.parent


class CannotServe(Exception):
    """Why the server does not start, in a sentence that says what to do."""


@dataclass(frozen=True)
class Options:
    """What `manage.py serve` was asked for."""

    host: str
    port: int
    workers: int  # processes of the web server, and of the Celery worker
    demo: bool

    @property
    def address(self) -> str:
        """Where this machine reaches the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"


def serve(options: Options) -> None:
    """Run everything until SIGTERM or Ctrl-C; return once nothing is left."""
    refuse_busy_port(options.host, options.port)
    state = state_folder()
    if not state.lock():
        raise CannotServe(f"{state.path} is in use by {state.holder()}.")
    try:
        with contextlib.suppress(Stopped), Supervisor() as supervisor:
            _run(supervisor, state, options)
    finally:
        state.unlock()


def refuse_busy_port(host: str, port: int) -> None:
    # The web server would share a busy port without a word (SO_REUSEPORT).
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotServe(_refusal(host, port, error)) from error


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is in use: stop what uses it, "
            f"or choose another with PORT={port + 1}."
        )
    reason = error.strerror or str(error)
    return (
        f"{host}:{port} cannot be listened on ({reason}): "
        "choose another with --bind HOST:PORT."
    )


def _run(supervisor: Supervisor, state: StateFolder, options: Options) -> None:
    _start_engines(supervisor, state)
    _set_environment(state, options)
    _prepare_database(supervisor, options)
    supervisor.start(_web(options), _worker(options), _jobs_worker())
    supervisor.wait(partial(_is_ready, options.address), pause=0.05)
    welcome(options.address, state)
    supervisor.watch()


def _start_engines(supervisor: Supervisor, state: StateFolder) -> None:
    embedded = missing_engines(state)
    started = [supervisor.start(_engine(state, engine)) for engine in embedded]
    for engine, (child,) in zip(embedded, started, strict=True):
        supervisor.wait(partial(_has_started, state, engine, child))
        engine.prepare()
    found = environment(state, embedded)
    os.environ.update(found)
    state.publish(found)


def _has_started(state: StateFolder, engine: Engine, child: Child) -> bool:
    if child.deaths:
        raise did_not_start(state, engine)
    return engine.is_ready(child.process)


def _set_environment(state: StateFolder, options: Options) -> None:
    """Say to the children what they cannot know: where they are, and under whom."""
    metrics = state.path / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir()
    os.environ["REGISTRY_SUPERVISED"] = "1"
    os.environ["REGISTRY_VAR"] = str(state.path)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    os.environ.setdefault("PUBLIC_URL", f"http://{options.address}")
    os.environ.setdefault("WEB_THREADS", "4")


def _prepare_database(supervisor: Supervisor, options: Options) -> None:
    demo = ["--demo"] if options.demo else []
    command = [sys.executable, "manage.py", "prepare", *demo]
    if supervisor.run(Program("prepare", partial(_spawn, command))):
        raise CannotServe("The database is not ready to be served, as said above.")


def _engine(state: StateFolder, engine: Engine) -> Program:
    begin = partial(start, state, engine)
    return Program(engine.name, begin, engine.stop_signal, engine.grace)


def _web(options: Options) -> Program:
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1"),
        *("--host", options.host, "--port", str(options.port), "--no-ws"),
        *("--workers", str(options.workers)),
        *("--blocking-threads", os.environ["WEB_THREADS"]),
        *("--blocking-threads-idle-timeout", "600"),  # each keeps a connection
        *("--workers-kill-timeout", "10", "--respawn-failed-workers"),
        *("--log-level", "warning"),
        "config.wsgi:application",
    ]
    # It loses a SIGTERM that comes before its workers listen, and drops requests
    # when it gets a second one.
    return Program("web", partial(_spawn, command), grace=15, deaf_for=1.5)


def _worker(options: Options) -> Program:
    return _celery("worker", "--concurrency", str(options.workers), grace=30)


def _jobs_worker() -> Program:
    # A job that is cut short is begun again by the next server: no long grace.
    queue = ("--queues", "jobs", "--hostname", "jobs@%h", "--concurrency", "1")
    return _celery("jobs", *queue, grace=5)


def _celery(name: str, *arguments: str, grace: float) -> Program:
    command = [
        *(sys.executable, "-m", "celery", "-A", "config", "worker", *arguments),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    ]
    # Its banner goes nowhere, nor does its warning of root: the embedded engines
    # have laid root down, and it runs nothing but this project's code.
    quiet = {
        "stdout": subprocess.DEVNULL,
        "env": {**os.environ, "PYTHONWARNINGS": "ignore:::celery.platforms"},
    }
    return Program(name, partial(_spawn, command, **quiet), grace=grace)


def _spawn(command: Sequence[str], **options: Any) -> subprocess.Popen:
    return spawn(command, stop_signal=signal.SIGTERM, cwd=BASE_DIR, **options)


def _is_ready(address: str) -> bool:
    connection = http.client.HTTPConnection(address, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False
