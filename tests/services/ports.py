"""Ports for servers that tests start, and may kill and start again on the same port."""

import secrets
import socket

# Below the range that Linux takes for outgoing connections, so that the port of a killed server stays its own.
PORTS = range(15_000, 32_000)
TRIES_MAX = 100


def free_port() -> int:
    """Return a port that was free a moment ago; who binds it must be ready to lose the race and ask again.

    Drawn by the system's randomness: hypothesis seeds the ordinary one, alike in every run that goes on at once.
    """
    for _ in range(TRIES_MAX):
        port = PORTS.start + secrets.randbelow(len(PORTS))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    message = f"none of {TRIES_MAX} ports tried between {PORTS.start} and {PORTS.stop} is free"
    raise RuntimeError(message)
