"""Systems that PATCH, and remember what they were answered and when."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

UNSURE = (None, 500, 502, 503, 409)  # sent again where a key makes that safe
PATIENCE = 180  # seconds; the server may be killed or stopped again and again


@dataclass
class Sent:
    """One wish of a client, however often it had to be sent."""

    token: str
    account: str
    action: str
    add: int
    key: str | None
    sent_at: float
    answered_at: float | None = None
    status: int | None = None  # of the last answer; None: there was none
    task: str | None = None  # where a 202 said to ask
    took: float = 0.0  # seconds, of the last time it was sent

    @property
    def is_accepted(self) -> bool:
        return self.task is not None


@dataclass
class Client:
    """Sends what it is told to; what it draws comes from its seed alone."""

    port: int
    secret: str
    seed: int
    log: list[Sent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.count = 0

    def patch(
        self, account: str, action: str = "PATCH", *, key: bool = False, **more
    ) -> Sent:
        """PATCH until it is known what came of it, or once where there is no key."""
        self.count += 1
        token = f"{self.seed}-{self.count}"
        sent = Sent(
            token,
            account,
            action,
            self.random.randint(1, 1_000_000),
            f"key-{token}" if key else None,
            time.monotonic(),
        )
        self.log.append(sent)
        self._send(sent, more)
        while (
            sent.status in UNSURE and key and time.monotonic() < sent.sent_at + PATIENCE
        ):
            time.sleep(self.random.uniform(0.05, 0.3))
            self._send(sent, more)
        return sent

    def _send(self, sent: Sent, more: dict) -> None:
        body = json.dumps({"token": sent.token, "add": sent.add, **more})
        path = f"/accounts/{sent.account}?action={sent.action}"
        began = time.monotonic()
        status, location = self.ask("PATCH", path, body, sent.key)
        sent.status, sent.took = status, time.monotonic() - began
        if status == 202:
            sent.answered_at = time.monotonic()
            sent.task = location.rpartition("/")[2]

    def ask(
        self, method: str, path: str, body: str | None = None, key: str | None = None
    ) -> tuple[int | None, str]:
        """Return the status and Location; no status where no answer came."""
        headers = {"Authorization": f"Bearer {self.secret}"}
        headers |= {"Content-Type": "application/json"} if body else {}
        headers |= {"Idempotency-Key": key} if key else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            response.read()
            return response.status, response.headers.get("Location", "")
        except (OSError, http.client.HTTPException):
            return None, ""
        finally:
            connection.close()


class Crowd:
    """Clients in threads of their own, each doing the same until it is told to stop."""

    def __init__(self, clients: list[Client], act: Callable[[Client], object]) -> None:
        self.clients = clients
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=[client, act], daemon=True)
            for client in clients
        ]

    def _run(self, client: Client, act: Callable[[Client], object]) -> None:
        while not self.stopping.is_set():
            act(client)

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()

    @property
    def is_alive(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    @property
    def log(self) -> list[Sent]:
        return [sent for client in self.clients for sent in client.log]
