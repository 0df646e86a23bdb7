"""Fresh databases for benchmarks: an SQLite file, and a PostgreSQL that is named or started."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.services.postgres import Databases, PostgresServer, installations


@contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="cynosure-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.db'}"


@contextmanager
def postgres() -> Iterator[str]:
    """Give a database on the server that CYNOSURE_POSTGRES names, else on the newest one at hand.

    Unlike in tests it writes through to the disk.
    """
    named = os.environ.get("CYNOSURE_POSTGRES")
    if named:
        yield from _one(Databases(named))
        return
    at_hand = installations()
    with PostgresServer(at_hand[max(at_hand)]) as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = on")
            connection.execute("SELECT pg_reload_conf()")
        yield from _one(server.databases)


def settle(url: str) -> None:
    """Let PostgreSQL look at what was filled in, as it does by itself in an hour's work: its floor reads by it."""
    if not url.startswith("sqlite"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


def _one(databases: Databases) -> Iterator[str]:
    url = databases.create()
    yield url
    databases.drop(url)
