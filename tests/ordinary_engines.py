"""Runs a command on an ordinary PostgreSQL and a broker, both on TCP.

    python -m tests.ordinary_engines make test

The PostgreSQL is one that this machine has installed; with none the command is
not run, and it says so.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from config.embedded.broker import Broker
from config.embedded.engines import running
from config.embedded.postgres import DATABASE, UNSAFE_SETTINGS, USER, Postgres
from config.embedded.state import StateFolder

LEAST_MAJOR = 15


class OrdinaryPostgres(Postgres):
    """The machine's own PostgreSQL, in a cluster of its own."""

    locale = ("--locale=C.UTF-8",)

    def __init__(self, state, sockets, programs):
        self.found, self.port = programs, free_port()
        self.major = major_of(programs)
        on_tcp = (f"port={self.port}", "listen_addresses=127.0.0.1")
        super().__init__(state, sockets, (*on_tcp, *UNSAFE_SETTINGS))

    def programs(self):
        return self.found

    def _url(self, database=DATABASE):
        password = self.state.secret("database_password")
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"


class OrdinaryBroker(Broker):
    """The broker, reached as one on another machine is."""

    def __init__(self, state, sockets):
        super().__init__(state, sockets)
        self.port = free_port()

    @property
    def url(self):
        password = self.state.secret("broker_password")
        return f"redis://:{password}@127.0.0.1:{self.port}/0"

    def listening(self):
        return [f"port {self.port}", "bind 127.0.0.1"]


def find_programs():
    """Return the folder of an installed PostgreSQL server, or None."""
    on_path = shutil.which("postgres")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    usable = [
        folder
        for folder in folders
        if (folder / "initdb").exists() and int(major_of(folder)) >= LEAST_MAJOR
    ]
    return usable[0] if usable else None


def major_of(programs):
    said = subprocess.check_output([programs / "postgres", "--version"], text=True)
    return said.split()[2].partition(".")[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main(command):
    programs = find_programs()
    if programs is None:
        print("No PostgreSQL server is installed here: not run on an ordinary one.")
        return 0
    with tempfile.TemporaryDirectory(prefix="matricula-ordinary-") as folder:
        state = StateFolder(Path(folder))
        state.lock()
        sockets = state.socket_folder()
        engines = [
            OrdinaryPostgres(state, sockets, programs),
            OrdinaryBroker(state, sockets),
        ]
        with running(state, engines) as environ:
            return subprocess.call(command, env={**os.environ, **environ})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
