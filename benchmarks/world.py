"""What is measured, and where it runs: engines, record, servers and clients."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from access.operations import create_client, create_key
from access.scopes import ADMIN, PEOPLE_PRIVATE, SCOPES
from benchmarks import machine
from benchmarks.client import Load, ask, load, request
from benchmarks.rounds import Sample
from config.broker import client
from config.processes import spawn, stop
from config.workers import KEY, count

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 2.0  # of load for one sample

GRANIAN = (
    *(sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1"),
    *("--host", "127.0.0.1", "--no-ws", "--workers", "1", "--blocking-threads", "4"),
    *("--workers-kill-timeout", "10", "--log-level", "warning"),
)
APPLICATIONS = {
    "product": "config.wsgi:application",
    "peer": "benchmarks.peer:application",
    "naive": "benchmarks.naive.wsgi:application",
}
WORKER = (
    *(sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", "1"),
    *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
)


@dataclass
class Server:
    """A web server under measurement, or a worker (without a port)."""

    process: subprocess.Popen
    port: int = 0

    @property
    def pid(self) -> int:
        return self.process.pid


@dataclass
class World:
    """A filled registry, and the servers that stand on it."""

    folder: Path
    students: int
    key: str = ""  # of a client that may do everything
    servers: dict[str, Server] = field(default_factory=dict)
    engines: dict[str, int] = field(default_factory=dict)  # process ids
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def server(self, name: str) -> Server:
        """The server of that name; it is started when first asked for."""
        if name not in self.servers:
            self.servers[name] = self._started(name)
        return self.servers[name]

    @contextlib.contextmanager
    def worker(self) -> Iterator[subprocess.Popen]:
        """A Celery worker, once it is ready."""
        client().delete(KEY)
        with self.process(WORKER) as process:
            wait_for(lambda: count() > 0, "the worker")
            yield process

    @contextlib.contextmanager
    def loop(self) -> Iterator[subprocess.Popen]:
        """The loop that does the same at the least."""
        command = [sys.executable, "-m", "benchmarks.floor", "loop"]
        with self.process(command) as process:
            time.sleep(1)
            yield process

    @contextlib.contextmanager
    def process(self, command: Sequence[str]) -> Iterator[subprocess.Popen]:
        """A process on the server's core, for the length of a block."""
        process = self.spawn(command)
        try:
            yield process
        finally:
            stop(process, 15, 15)

    def spawn(self, command: Sequence[str], **options) -> subprocess.Popen:
        with (self.folder / "bench.log").open("a") as log:
            process = spawn(
                command,
                stop_signal=15,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                **options,
            )
        machine.pin([process.pid], machine.SERVER_CORES)
        return process

    def loaded(
        self,
        name: str,
        requests: Sequence[bytes],
        *,
        expected: int = 200,
        warm: int = 20,
        **options,
    ) -> Sample:
        """Load a server, and say how many a second and what CPU each took."""
        server, database = self.server(name), self.engines["postgres"]
        load(server.port, requests, count=warm, expected=expected)
        before = machine.cpu_seconds([server.pid]), machine.cpu_seconds([database])
        options = {"seconds": SECONDS, **options}
        result = load(server.port, requests, expected=expected, **options)
        after = machine.cpu_seconds([server.pid]), machine.cpu_seconds([database])
        return _sample(result, before, after)

    def floor(self, name: str, *arguments: str) -> Sample:
        """Run one of benchmarks.floor in a process of its own, on the server's core."""
        command = [sys.executable, "-m", "benchmarks.floor", name, *arguments]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        machine.pin([process.pid], machine.SERVER_CORES)
        said, _ = process.communicate(timeout=600)
        if process.returncode:
            raise RuntimeError(f"the floor {name} failed")
        per_second, cpu_ms = map(float, said.split())
        return Sample(per_second, server_ms=cpu_ms)

    def _started(self, name: str) -> Server:
        port = free_port()
        command = [*GRANIAN, "--port", str(port), APPLICATIONS[name]]
        server = Server(self.spawn(command), port)
        # It loses a signal that comes before its workers listen.
        self.stack.callback(stop, server.process, 15, 15)
        wait_for(lambda: answers(port), f"the {name} server")
        return server


def _sample(result: Load, before: tuple, after: tuple) -> Sample:
    server, database = (
        1000 * (late - early) / result.requests
        for early, late in zip(before, after, strict=True)
    )
    return Sample(result.requests / result.seconds, server, database)


@contextlib.contextmanager
def world_of(students: int) -> Iterator[World]:
    """The registry that the environment names, filled, and a key to all of it."""
    engines = {"postgres": int(os.environ["BENCH_POSTGRES"])}
    world = World(Path(os.environ["REGISTRY_VAR"]), students, _key(), engines=engines)
    with world.stack:
        yield world


def _key() -> str:
    """Of a client that may do everything, but sees no one under hold."""
    scopes = [scope for scope in SCOPES if scope != PEOPLE_PRIVATE]
    client = create_client(name="Benchmark", scopes=scopes, role=ADMIN)
    return create_key(client_id=client.pk).secret


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        return ask(port, request("GET", "/healthz")).status == 200
    return False


def wait_for(is_so: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come in {seconds:g} s")
        time.sleep(0.005)
