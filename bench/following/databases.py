"""Fresh databases for benchmarks: an SQLite file, and a PostgreSQL that is named or started."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.postgres import Databases, PostgresServer, installations


@contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cynosure-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


@contextmanager
def postgres() -> Iterator[str]:
    """Give a database on the server that CYNOSURE_POSTGRES names, else on the newest one at hand."""
    named = os.environ.get("CYNOSURE_POSTGRES")
    if named:
        yield from _one(Databases(named))
        return
    at_hand = installations()
    with PostgresServer(at_hand[max(at_hand)]) as server:
        yield from _one(server.databases)


def _one(databases: Databases) -> Iterator[str]:
    url = databases.create()
    yield url
    databases.drop(url)
