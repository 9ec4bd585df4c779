"""A pytest plugin that gives each run a PostgreSQL and a broker of its own.

It is named in pyproject.toml rather than in a conftest because the settings are
read before any conftest is. A URL that is already set is used as it is.
"""

import os
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from config.embedded.engines import missing_engines, running
from config.embedded.errors import EngineError
from config.embedded.postgres import UNSAFE_SETTINGS
from config.embedded.state import StateFolder

PREFIX = "matricula-test-"
MOST_PROCESSES = 8  # each has a database of the broker's, which has sixteen

engines = ExitStack()


def start_engines() -> None:
    sweep_folders_of_killed_runs()
    state = StateFolder(Path(tempfile.mkdtemp(prefix=PREFIX)))
    engines.callback(shutil.rmtree, state.path, ignore_errors=True)
    state.lock()
    engines.callback(state.unlock)
    os.environ["REGISTRY_VAR"] = str(state.path)
    os.environ.update(
        engines.enter_context(running(state, missing_engines(state, UNSAFE_SETTINGS)))
    )


def sweep_folders_of_killed_runs() -> None:
    """Remove what runs that were killed have left; those alive hold a lock."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if is_left_behind(path):
            shutil.rmtree(path, ignore_errors=True)


def is_left_behind(path: Path) -> bool:
    # Another run may have made its folder just now, and not locked it yet.
    try:
        found = path.stat()
        is_ours_and_old = (
            found.st_uid == os.geteuid() and found.st_mtime < time.time() - 600
        )
        return is_ours_and_old and StateFolder(path).lock()
    except (OSError, EngineError):
        return False


def take_own_broker_database() -> None:
    """Keep the broker's keys of parallel test processes apart."""
    number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
    url, _, _ = os.environ["REDIS_URL"].partition("?db=")
    os.environ["REDIS_URL"] = f"{url}?db={number + 1}"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests of whole servers mostly wait."""
    return min((os.cpu_count() or 1) + 1, MOST_PROCESSES)


def pytest_unconfigure() -> None:
    engines.close()


os.environ.setdefault("LOG_REQUESTS", "false")

# At import: pytest-django reads the settings before any hook of ours is called.
if "PYTEST_XDIST_WORKER" in os.environ:
    take_own_broker_database()
else:
    start_engines()
