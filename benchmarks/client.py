"""A client that costs little: requests made beforehand, over connections kept."""

import itertools
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

CLIENTS = 4


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Load:
    """What some seconds of requests came to."""

    requests: int = 0
    seconds: float = 0.0
    milliseconds: list[float] = field(default_factory=list)  # of each request


class UnexpectedAnswer(Exception):
    """The server did not do what is measured."""


class Connection:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.left = b""

    def ask(self, request: bytes) -> Answer:
        self.socket.sendall(request)
        head = self._until(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if line)
        body = self._exactly(int(headers.get("content-length", 0)))
        return Answer(int(first.split(" ", 2)[1]), headers, body)

    def close(self) -> None:
        self.socket.close()

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.left:
            self.left += self._more()
        head, _, self.left = self.left.partition(mark)
        return head

    def _exactly(self, length: int) -> bytes:
        parts = [self.left]
        missing = length - len(self.left)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        whole = b"".join(parts)
        self.left = whole[length:]
        return whole[:length]

    def _more(self) -> bytes:
        part = self.socket.recv(262_144)
        if not part:
            raise UnexpectedAnswer("the server closed the connection")
        return part


def request(
    method: str, path: str, *, key: str = "", body: bytes = b"", **headers: str
) -> bytes:
    """Return the bytes of a request; `_` in a header's name stands for `-`."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def ask(port: int, raw: bytes) -> Answer:
    """Send one request on a connection of its own."""
    connection = Connection(port)
    try:
        return connection.ask(raw)
    finally:
        connection.close()


def load(
    port: int,
    requests: Sequence[bytes],
    *,
    seconds: float = 3600.0,
    count: int | None = None,
    expected: int = 200,
    clients: int = CLIENTS,
) -> Load:
    """Send the requests, round and round, for so long or so many of them."""
    turns = itertools.cycle(requests) if count is None else _some(requests, count)
    result, faults = Load(), []
    deadline = time.perf_counter() + seconds

    def work() -> None:
        connection = Connection(port)
        try:
            _work(connection, turns, deadline, expected, result)
        except Exception as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds = time.perf_counter() - began
    if faults:
        raise faults[0]
    result.requests = len(result.milliseconds)
    return result


def _some(requests: Sequence[bytes], count: int):
    return itertools.islice(itertools.cycle(requests), count)


def _work(connection, turns, deadline, expected, result) -> None:
    for raw in turns:
        began = time.perf_counter()
        if began > deadline:
            return
        answer = connection.ask(raw)
        result.milliseconds.append(1000 * (time.perf_counter() - began))
        if answer.status != expected:
            raise UnexpectedAnswer(f"{answer.status}: {answer.body[:500]!r}")
