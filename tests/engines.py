"""A pytest plugin that gives each run a PostgreSQL and a broker of its own.

It is named in pyproject.toml rather than in a conftest because the settings are
read before any conftest is. A URL that is already set is used as it is.
"""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from fcntl import LOCK_EX, flock
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from config.embedded.engines import missing_engines, running
from config.embedded.errors import EngineError
from config.embedded.postgres import UNSAFE_SETTINGS
from config.embedded.state import StateFolder

ROOT = Path(__file__).resolve().parents[1]
PREFIX = "matricula-test-"
BROKER_DATABASES = 16  # as a broker has them that nobody configured
MOST_PROCESSES = 7  # each has two of these: its own, and that of a server it runs

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
    os.environ["MIGRATED_DATABASE"] = f"migrated_{secrets.token_hex(4)}"
    engines.callback(drop_migrated_database)


def migrated_database() -> str:
    """Return the name of a migrated database, to make others of; nobody uses it.

    To migrate takes a hundred times as long as to copy it, so one process of a run
    does it for all of them.
    """
    name = os.environ["MIGRATED_DATABASE"]
    with (Path(os.environ["REGISTRY_VAR"]) / name).open("a") as done:
        flock(done, LOCK_EX)
        if not done.seek(0, os.SEEK_END):
            on_server("CREATE DATABASE {}", name)
            migrate(name)
            done.write("done")
    return name


def migrate(name: str) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(
        command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True
    )


def drop_migrated_database() -> None:
    on_server("DROP DATABASE IF EXISTS {}", os.environ["MIGRATED_DATABASE"])


def on_server(statement: str, *names: str) -> None:
    """Do it to databases, beside all of them."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


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


def process_number() -> int:
    """Return 1, 2, ... in one of several test processes, and 0 in the only one."""
    name = os.environ.get("PYTEST_XDIST_WORKER")
    return int(name.removeprefix("gw")) + 1 if name else 0


def broker_database(number: int) -> str:
    """Return the URL of one of the broker's databases."""
    url, _, _ = os.environ["REDIS_URL"].partition("?db=")
    return f"{url}?db={number}"


def served_broker_database() -> str:
    """Return that of a server which runs beside the tests of this process.

    Its workers would take the messages that a test looks for.
    """
    return broker_database(BROKER_DATABASES - 1 - process_number())


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests of whole servers mostly wait."""
    return min((os.cpu_count() or 1) + 1, MOST_PROCESSES)


def pytest_unconfigure() -> None:
    engines.close()


os.environ.setdefault("LOG_REQUESTS", "false")

# A run has some hundred processes; each would compile everything for itself.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# At import: pytest-django reads the settings before any hook of ours is called.
if "PYTEST_XDIST_WORKER" in os.environ:
    # Parallel test processes do not see one another's keys.
    os.environ["REDIS_URL"] = broker_database(process_number())
else:
    start_engines()
