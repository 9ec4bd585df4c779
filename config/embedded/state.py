"""The state folder: the engines' data, their secrets and sockets, and the lock."""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shlex
import socket
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from config.embedded.errors import EngineError

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "var"
LONGEST_SOCKET = ".s.PGSQL.5432"
SECRETS = ("secret_key", "database_password", "broker_password")


def state_folder() -> "StateFolder":
    """Return the folder that REGISTRY_VAR names, else `var` beside manage.py."""
    return StateFolder(Path(os.environ.get("REGISTRY_VAR") or DEFAULT_FOLDER))


class StateFolder:
    """A folder that at most one server uses at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    def create(self) -> None:
        """Make the folder, readable by its owner only, or say why it cannot be."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except OSError as error:
            raise EngineError(
                f"The state folder {self.path} cannot be written "
                f"({error.strerror}): set REGISTRY_VAR to a folder that can."
            ) from error

    def lock(self) -> bool:
        """Take the folder for this process; False where another one has it."""
        self.create()
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()} {shlex.join(sys.argv)}".encode())
        self._lock = lock
        self._addresses.unlink(missing_ok=True)
        return True

    def unlock(self) -> None:
        """Let others have the folder. The kernel does it if this process dies."""
        self._addresses.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def holder(self) -> str:
        """Return who has the folder: a process id and its command."""
        pid, _, command = (self.path / "lock").read_text().partition(" ")
        return f"process {pid} ({command})"

    def secret(self, name: str) -> str:
        """Return one of SECRETS, all made at random when first asked for."""
        path = self.path / "secrets.json"
        if not path.exists():
            made = {each: secrets.token_urlsafe(48) for each in SECRETS}
            write_private(path, json.dumps(made, indent=1))
        return json.loads(path.read_text())[name]

    @property
    def _addresses(self) -> Path:
        return self.path / "engines.json"

    def publish(self, environ: Mapping[str, str]) -> None:
        """Tell other processes how to reach the engines that run here."""
        write_private(self._addresses, json.dumps(dict(environ), indent=1))

    def published(self) -> dict[str, str] | None:
        """Return what the server that has the lock published, if it has yet."""
        with contextlib.suppress(FileNotFoundError):
            return json.loads(self._addresses.read_text())
        return None

    def socket_folder(self) -> Path:
        """Return a private folder whose path is short enough for a socket.

        Unix sockets have a limit near 100 bytes. Only the holder of the lock
        decides; the others read what it published.
        """
        inside = self.path / "run"
        inside.mkdir(mode=0o700, exist_ok=True)
        if _can_hold_sockets(inside):
            return inside
        outside = self._short_folder()
        if _can_hold_sockets(outside):
            return outside
        raise EngineError(
            f"Neither {inside} nor {outside} can hold a socket: "
            "set REGISTRY_VAR to a shorter path on a local disk."
        )

    def _short_folder(self) -> Path:
        parent = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        folder = parent / f"matricula-{os.geteuid()}-{digest}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if not _is_private(folder):
            raise EngineError(f"{folder} is not a private folder: remove it.")
        return folder


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, all of it or nothing."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
    os.replace(name, path)


def _is_private(folder: Path) -> bool:
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and not stat.S_IMODE(found.st_mode) & 0o077


def _can_hold_sockets(folder: Path) -> bool:
    # Tried, not computed: the limit differs, and some file systems have no sockets.
    trial = folder / LONGEST_SOCKET.replace("5432", "0000")
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(os.fsencode(trial))
        except OSError:
            return False
    trial.unlink()
    return True
