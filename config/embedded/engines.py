"""Starting, lending and stopping the engines of one state folder."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterable, Iterator
from typing import TextIO

from config.embedded.broker import Broker
from config.embedded.errors import EngineError
from config.embedded.postgres import Postgres
from config.embedded.state import StateFolder, state_folder
from config.processes import stop

Engine = Postgres | Broker

START_LIMIT = 60  # seconds; a recovery after a power cut takes some of them
TURN_LIMIT = 30  # seconds that a command waits for another to end


def missing_engines(state: StateFolder, settings: Iterable[str] = ()) -> list[Engine]:
    """Return the engines that no URL in the environment stands in for."""
    sockets = state.socket_folder()
    known: list[Engine] = [Postgres(state, sockets, settings), Broker(state, sockets)]
    return [engine for engine in known if not is_given(engine.url_name)]


def is_given(name: str) -> bool:
    """Whether the environment has this setting, itself or in a file."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def environment(state: StateFolder, started: Iterable[Engine]) -> dict[str, str]:
    """Return the variables by which the settings find what was started."""
    environ = {engine.url_name: engine.url for engine in started}
    if not is_given("SECRET_KEY"):
        environ["SECRET_KEY"] = state.secret("secret_key")
    return environ


def open_log(state: StateFolder, engine: Engine) -> TextIO:
    """Open the engine's log afresh; that of its last run is kept beside it."""
    folder = state.path / "log"
    folder.mkdir(exist_ok=True)
    path = folder / f"{engine.name}.log"
    if path.exists():
        path.replace(path.with_suffix(".log.1"))
    return path.open("w")


def start(state: StateFolder, engine: Engine) -> subprocess.Popen:
    with open_log(state, engine) as log:
        return engine.start(log)


def wait_until_ready(
    state: StateFolder, engine: Engine, process: subprocess.Popen
) -> None:
    """Return when the engine answers; raise with its last words if it ended."""
    deadline = time.monotonic() + START_LIMIT
    while not engine.is_ready(process):
        if process.poll() is not None or time.monotonic() > deadline:
            raise did_not_start(state, engine)
        time.sleep(0.02)


def did_not_start(state: StateFolder, engine: Engine) -> EngineError:
    """Return the error for an engine that ended at once, with its last words."""
    logs = sorted((state.path / "log").glob(f"{engine.name}.log*"))
    lines = logs[0].read_text(errors="replace").strip().splitlines() if logs else []
    said = " ".join(lines[-3:]) or "it said nothing"
    return EngineError(f"The embedded {engine.name} did not start: {said}")


@contextlib.contextmanager
def running(state: StateFolder, engines: Iterable[Engine]) -> Iterator[dict[str, str]]:
    """Run engines in a locked state folder; yield how to reach them."""
    with contextlib.ExitStack() as stack:
        started = []
        for engine in engines:
            process = start(state, engine)
            stack.callback(stop, process, engine.stop_signal, engine.grace)
            started.append((engine, process))
        for engine, process in started:
            wait_until_ready(state, engine, process)
            engine.prepare()
        yield environment(state, [engine for engine, _ in started])


@contextlib.contextmanager
def lent() -> Iterator[None]:
    """Put engines into the environment for the life of one command.

    Those of a server that runs on the same state folder are used; where none
    runs they are started, and stopped afterwards. A URL that is set is left
    alone, and with all of them set nothing happens.
    """
    if all(map(is_given, ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"))):
        yield
        return
    state = state_folder()
    environ = _wait_for_turn(state)
    if environ is not None:
        _adopt(environ)
        yield
        return
    try:
        with running(state, missing_engines(state)) as environ:
            _adopt(environ)
            yield
    finally:
        state.unlock()


def _wait_for_turn(state: StateFolder) -> dict[str, str] | None:
    """Return what a server publishes, or None once this process has the lock.

    Another command that has the lock publishes nothing: its engines end with it.
    """
    deadline = time.monotonic() + TURN_LIMIT
    while time.monotonic() < deadline:
        if state.lock():
            return None
        if environ := state.published():
            return environ
        time.sleep(0.1)
    raise EngineError(
        f"{state.path} is in use by {state.holder()}: wait until it has ended, "
        "or set DATABASE_URL and REDIS_URL."
    )


def _adopt(environ: dict[str, str]) -> None:
    missing = {name: value for name, value in environ.items() if not is_given(name)}
    os.environ.update(missing)
