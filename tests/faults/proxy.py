"""A proxy before PostgreSQL that can lose the answer to a COMMIT."""

import contextlib
import os
import socket
import threading
from pathlib import Path

SOCKET = ".s.PGSQL.5432"


class Proxy:
    """Passes everything on, until it is told to lose the next commit's answer."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder, self.server = folder, server / SOCKET
        self.lost = 0
        self.is_to_lose = threading.Event()
        folder.mkdir(exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.fsencode(folder / SOCKET))
        self.listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._link, args=[client], daemon=True).start()

    def _link(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(os.fsencode(self.server))
        except OSError:  # it is being restarted
            _end(client, server)
            return
        down = threading.Thread(target=_pump, args=[server, client], daemon=True)
        down.start()
        while data := _received(client):
            if b"COMMIT\0" in data and self.is_to_lose.is_set():
                self.is_to_lose.clear()
                self._lose(client, server, data)
                return
            if not _passed_on(data, server):
                break
        _end(client, server)

    def _lose(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        """Let the commit happen, and tell nobody."""
        client.shutdown(socket.SHUT_RDWR)
        _passed_on(data, server)
        self.lost += 1
        _end(client)

    def close(self) -> None:
        self.listener.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    while (data := _received(source)) and _passed_on(data, target):
        pass
    _end(source, target)


def _passed_on(data: bytes, target: socket.socket) -> bool:
    try:
        target.sendall(data)
    except OSError:
        return False
    return True


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except OSError:
        return b""


def _end(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
