"""`python -m benchmarks [--list] [QUESTION...]`: engines of our own, then the run.

BENCH_ROWS says how many registrations (default 1,000,000). BENCH_VAR names a
folder to keep: its record is used again where it has that size. Without it the
data lies under the state folder and is removed in the end.
"""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks import machine
from config.embedded.engines import missing_engines, running
from config.embedded.state import StateFolder, state_folder

ENGINE_SETTINGS = ("max_wal_size=8GB", "checkpoint_timeout=30min")
# With each of these the product does what it does in service.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "LOG_REQUESTS": "true",
    "RATE_LIMIT": "1000000000",  # still counted
    "TASKS_WAITING_IN_ALL": "1000000000",
}
# In service everything has been compiled before it starts.
GIVEN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PYTHONDONTWRITEBYTECODE")


def main() -> int:
    with engines_of(folder()) as environ:
        return subprocess.call(
            [sys.executable, "-m", "benchmarks.run", *sys.argv[1:]], env=environ
        )


def folder() -> Path:
    kept = os.environ.get("BENCH_VAR")
    return Path(kept or state_folder().path / f"bench-{secrets.token_hex(4)}")


@contextlib.contextmanager
def engines_of(path: Path) -> Iterator[dict[str, str]]:
    """Run engines of our own; what is measured has a core of its own beside them."""
    for name in GIVEN:
        os.environ.pop(name, None)
    state = StateFolder(path)
    if not state.lock():
        raise SystemExit(f"{path} is in use by {state.holder()}.")
    engines = missing_engines(state, ENGINE_SETTINGS)
    try:
        with running(state, engines) as urls:
            children = psutil.Process().children(recursive=True)
            machine.pin([child.pid for child in children], machine.OTHER_CORES)
            pid = (state.path / "postgres/postmaster.pid").read_text().split()[0]
            ours = {"REGISTRY_VAR": str(state.path), "BENCH_POSTGRES": pid}
            yield {**os.environ, **urls, **SETTINGS, **ours}
    finally:
        state.unlock()
        if "BENCH_VAR" not in os.environ:
            shutil.rmtree(state.path, ignore_errors=True)


if __name__ == "__main__":
    # Ctrl-C reaches the run as well, which ends; then the engines are stopped.
    signal.signal(signal.SIGINT, lambda *_: None)  # an ignored one is inherited
    sys.exit(main())
