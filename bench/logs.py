"""What the benchmarks of the log share: fresh databases, what is appended, and the same rows for their floors."""

import atexit
import functools
import gc
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg

from adapters.event_log import Codec, Log, open_log
from adapters.event_log.plan import Plan
from adapters.event_log.rows import COLUMNS, MESSAGE_COLUMNS, Stored
from adapters.event_log.sqlite import SQLiteLogRecorder, Synchronous
from domain.events import Event
from domain.events.decision import DecisionEscalated, DecisionRaised, VoteCast
from domain.ports import Append
from domain.recorded import Decided, Envelope
from domain.values import Actor, Evidence, MessageKey
from tests.services.postgres import Databases, PostgresServer, installations

STREAMS = 500
PLACES = ", ".join("?" * len(Stored._fields))
MESSAGE_PLACES = ", ".join("?" * 7)


def wishes(count: int) -> list[Append]:
    """Return appends of one event each, as an import of decisions makes them."""
    return [_wish(number) for number in range(count)]


def _wish(number: int) -> Append:
    envelope = Envelope(
        alliance="digital-health",
        effective_at=1_700_000_000 + number * 60,
        actor=Actor(person="p-17", party="acme", role="chair"),
        message=MessageKey("bench", f"m-{number}"),
        evidence=(Evidence("minutes 2026-03"),) if number % 2 else (),
    )
    decided = Decided(_fact(number % (3 * STREAMS)), clause="4.2", charter_version="2")
    return Append(envelope=envelope, facts=[decided], digest=b"0" * 32)


@functools.cache  # facts are appended as soon as they are made: they lie in the processor's cache, not in far memory
def _fact(number: int) -> Event:
    subject = f"D-{number // 3}"
    if number % 3 == 0:
        return DecisionRaised(
            decision=subject, body="JSC", matter="pricing", title="Price of the second pack", by="acme"
        )
    if number % 3 == 1:
        return DecisionEscalated(decision=subject, from_="JSC", to="ESC", by="acme")
    return VoteCast(decision=subject, party="beta", person="p-17", vote="yes", body="ESC")


class Prepared:
    """The rows of appends as the log would write them, made before the clock runs."""

    def __init__(self, appends: Sequence[Append]) -> None:
        codec = Codec(str(uuid4()))
        sweep = Plan([codec.member(append) for append in appends])
        for member in sweep.members:
            sweep.lay(member)
        self.events = list(sweep.rows(0, dict.fromkeys(sweep.written, 0), [1] * len(appends)))
        self.messages = list(sweep.messages(0))


@contextmanager
def unburdened() -> Iterator[None]:
    """Keep the collector from looking through what was prepared, on either side of a comparison."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@contextmanager
def sqlite_file() -> Iterator[Path]:
    """Give the path of an SQLite log that is gone afterwards."""
    with TemporaryDirectory(prefix="cynosure-bench-") as folder:
        path = Path(folder) / "log.db"
        open_log(f"sqlite:///{path}").close()
        yield path


@contextmanager
def sqlite_log(synchronous: Synchronous = "FULL") -> Iterator[Log]:
    with sqlite_file() as path, Log(SQLiteLogRecorder(path, synchronous=synchronous)) as log:
        yield log


@contextmanager
def sqlite_floor(synchronous: Synchronous = "FULL") -> Iterator[sqlite3.Connection]:
    with sqlite_file() as path:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        try:
            yield connection
        finally:
            connection.close()


@functools.cache
def _databases() -> Databases:
    """Return a server of one's own that writes through to the disk, unlike those of tests."""
    server = PostgresServer(installations()[max(installations())])
    server.__enter__()
    atexit.register(server.__exit__, None, None, None)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = on")
        connection.execute("SELECT pg_reload_conf()")
    return server.databases


@contextmanager
def postgres_url() -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database that is gone afterwards."""
    databases = _databases()
    url = databases.create()
    try:
        yield url
    finally:
        databases.drop(url)


@contextmanager
def postgres_log() -> Iterator[Log]:
    with postgres_url() as url, open_log(url) as log:
        yield log


@contextmanager
def postgres_floor() -> Iterator[psycopg.Connection[Any]]:
    """Give a connection to a log made by us, for statements of their own."""
    with postgres_url() as url:
        open_log(url).close()
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection


SQLITE_EVENT = f"INSERT INTO events ({COLUMNS}) VALUES ({PLACES})"
SQLITE_MESSAGE = f"INSERT INTO messages ({MESSAGE_COLUMNS}) VALUES ({MESSAGE_PLACES})"
POSTGRES_ONE = f"""
    WITH event AS (
        INSERT INTO cynosure_log.events ({COLUMNS}) VALUES ({", ".join(["%b"] * 13)})),
    message AS (
        INSERT INTO cynosure_log.messages ({MESSAGE_COLUMNS}) VALUES ({", ".join(["%b"] * 7)}))
    UPDATE cynosure_log.log SET head = head + 1, recorded_at = recorded_at + 1"""
POSTGRES_EVENTS = f"COPY cynosure_log.events ({COLUMNS}) FROM STDIN (FORMAT BINARY)"
POSTGRES_MESSAGES = f"COPY cynosure_log.messages ({MESSAGE_COLUMNS}) FROM STDIN (FORMAT BINARY)"
EVENT_TYPES = [
    "int8",
    "text",
    "int8",
    "text",
    "int4",
    "text",
    "text",
    "int8",
    "text",
    "text",
    "bytea",
    "bytea",
    "bytea",
]
MESSAGE_TYPES = ["text", "text", "bytea", "int4", "int8", "int8", "text"]
