"""A running server with the demo record, and what the contract tests ask it."""

import contextlib
import json
import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import requests

from tests.engines import migrated_database, on_server, served_broker_database
from tests.serve.server import Server

SCOPES = {
    "enrollments": (
        "api:academic:enrollments:read",
        "api:academic:enrollments:read.sensitive",
        "api:academic:enrollments:write",
    ),
    "students": (
        "urn:dartmouth:students:write.sensitive",
        "urn:dartmouth:tasks:students:write",
        "urn:dartmouth:students:read.sensitive",
    ),
}
WAIT = 30  # seconds for a task to end


class Registry:
    """The server, asked as a client of one of its interfaces asks it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.http = requests.Session()
        self.http.trust_env = False
        keys = (server.state / "demo-keys.json").read_text()
        self.keys = {name: kept["key"] for name, kept in json.loads(keys).items()}

    def ask(self, verb: str, path: str, **options) -> requests.Response:
        """Send a request as it is; a redirect is an answer like any other."""
        url = path if path.startswith("http") else f"{self.server.url}{path}"
        return self.http.request(
            verb, url, allow_redirects=False, timeout=60, **options
        )

    def with_key(self, interface: str) -> dict[str, str]:
        """The header of a client that sends its key."""
        return {"Authorization": f"Bearer {self.keys[interface]}"}

    def with_token(self, interface: str) -> dict[str, str]:
        """The header of a client that exchanged its key for a token."""
        response = self.ask(
            "POST",
            "/api/jwt",
            params={"scope": " ".join(SCOPES[interface])},
            headers={"Authorization": self.keys[interface]},
        )
        return {"Authorization": f"Bearer {response.json()['jwt']}"}

    def ended(self, location: str, headers: dict[str, str]) -> dict:
        """The task at its end."""
        response = self.ask("GET", location, params={"wait": WAIT}, headers=headers)
        assert response.status_code == 200, response.text
        assert response.json()["status"] != "accepted"
        return response.json()

    @contextlib.contextmanager
    def no_worker_at_work(self) -> Iterator[None]:
        """Stop every worker where it is, for as long as the block lasts."""
        workers = [
            process
            for process in self.server.processes()
            if "celery" in " ".join(process.cmdline())
        ]
        with contextlib.ExitStack() as stopped:
            for process in workers:
                stopped.callback(psutil.Process.resume, process)
                process.suspend()
            yield


@contextlib.contextmanager
def running_registry(folder: Path, **environ: str) -> Iterator[Registry]:
    """Serve the demo record from the engines of this run, in a database of its own."""
    with own_database() as database_url:
        server = Server(
            folder / "var",
            DATABASE_URL=database_url,
            REDIS_URL=served_broker_database(),
            SECRET_KEY=secrets.token_urlsafe(32),
            **environ,
        )
        try:
            server.start()
            yield Registry(server)
        finally:
            server.stop(signal.SIGTERM)


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """A migrated database beside that of the tests."""
    name = f"contract_{secrets.token_hex(4)}"
    on_server("CREATE DATABASE {} TEMPLATE {}", name, migrated_database())
    try:
        url = urlsplit(os.environ["DATABASE_URL"])
        yield url._replace(path=f"/{name}").geturl()
    finally:
        on_server("DROP DATABASE {} WITH (FORCE)", name)
