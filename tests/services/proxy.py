"""A wire to a server that can be cut at any message: before it arrives, or before its answer comes back."""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Literal, Self

Cut = Literal["before it arrives", "before the answer"]


class CuttableWire:
    """Forwards connections to a port. `arm(n, cut)` cuts the connection that sends the n-th message from then on."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._lock = threading.Lock()
        self._countdown = -1
        self._cut: Cut = "before it arrives"
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def arm(self, message: int, cut: Cut) -> None:
        with self._lock:
            self._countdown, self._cut = message, cut

    def disarm(self) -> bool:
        """Let everything pass again; return whether the wire was cut."""
        with self._lock:
            was_cut, self._countdown = self._countdown == 0, -1
        return was_cut

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            self._open += [client, server]
            threading.Thread(target=self._upwards, args=(client, server), daemon=True).start()
            threading.Thread(target=self._downwards, args=(server, client), daemon=True).start()

    def _upwards(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while message := client.recv(1 << 20):
                with self._lock:
                    struck = self._countdown == 1
                    self._countdown -= self._countdown > 0
                if struck and self._cut == "before the answer":
                    client.shutdown(socket.SHUT_RDWR)  # so that no answer can pass any more
                    server.sendall(message)
                if struck:
                    break
                server.sendall(message)
        self._end(client, server)

    def _downwards(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while answer := server.recv(1 << 20):
                client.sendall(answer)
        self._end(client, server)

    @staticmethod
    def _end(*sockets: socket.socket) -> None:
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
