"""What Kafka needs in the database of the log: leases and checkpoints, offsets, answers, and what was parked.

SQL is written once, with `?` for values and `@` for the schema. A table of ours is written in a transaction of its own,
or in the log's, beside the events, on the cursor that the log hands over.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from adapters.event_log.migrations import APPEND_LOCK
from domain.errors import Unreadable

LOCK_WAIT_SECONDS_MAX = 30.0
PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN")
SQLITE = "sqlite:///"


class Statements:
    """Runs statements on an open cursor of either database."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor
        self._postgres = not isinstance(cursor, sqlite3.Cursor)

    @property
    def now(self) -> str:
        """The expression for microseconds since 1970 UTC by the clock that all who share the database agree on."""
        return "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint" if self._postgres else _machine_now()

    def lock(self) -> None:
        """Wait until no append is under way and let none begin: what is numbered now is seen in that order."""
        if self._postgres:
            self.cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return what it yields."""
        found = self._run(statement, values).fetchall()
        return [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in found]

    def changed(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run a statement and return how many rows it changed."""
        return int(self._run(statement, values).rowcount)

    def insert(self, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows; `columns` says the type of each. As few parameters as there are columns, however many rows."""
        names = ", ".join(columns)
        if self._postgres:  # which takes apart a statement of thousands of places slower than it runs it
            arrays = ", ".join(f"?::{kind}[]" for kind in columns.values())
            values = [list(column) for column in zip(*rows, strict=True)]
            self._run(f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})", values)
        else:
            places = ", ".join("?" * len(columns))
            self.cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})".replace("@", ""), rows)

    def _run(self, statement: str, values: Sequence[Any]) -> Any:
        if self._postgres:
            return self.cursor.execute(statement.replace("@", "cynosure_log.").replace("?", "%s"), tuple(values))
        return self.cursor.execute(statement.replace("@", ""), tuple(values))


class Tables:
    """A connection of its own to the database of a log. Threads take turns on it; a broken one is opened anew."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._lock = threading.Lock()
        self._connection: Any = None

    def transaction(self) -> AbstractContextManager[Statements]:
        """Commit what is done inside, or nothing of it."""
        return self._within("BEGIN IMMEDIATE" if self._url.startswith(SQLITE) else "BEGIN")

    def reading(self) -> AbstractContextManager[Statements]:
        """Read inside, and hold back nobody who writes."""
        return self._within("BEGIN")

    @contextmanager
    def _within(self, begin: str) -> Iterator[Statements]:
        with self._lock:
            connection = self._open()
            try:
                cursor = connection.cursor()
                cursor.execute(begin)
                yield Statements(cursor)
                cursor.execute("COMMIT")
            except BaseException:
                self._undo()
                raise

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _open(self) -> Any:
        if self._connection is None:
            if self._url.startswith(SQLITE):
                path = self._url.removeprefix(SQLITE)
                self._connection = sqlite3.connect(
                    path, isolation_level=None, check_same_thread=False, timeout=LOCK_WAIT_SECONDS_MAX
                )
            elif self._url.startswith(("postgresql://", "postgres://")):
                self._connection = psycopg.connect(self._url, autocommit=True, row_factory=tuple_row)
            else:
                raise Unreadable(f"{self._url!r} names no database: use sqlite:///PATH or postgresql://USER@HOST/NAME")
        return self._connection

    def _undo(self) -> None:
        """Take back what is open; where that fails the connection is gone, and so is what was open on it."""
        try:
            if isinstance(self._connection, sqlite3.Connection):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            else:
                self._connection.execute("ROLLBACK")
        except (sqlite3.Error, psycopg.Error):
            self._connection.close()
            self._connection = None


def _machine_now() -> str:
    return str(time.time_ns() // 1000)


def is_transient(fault: BaseException | None) -> bool:
    """Tell whether a fault of the database may pass by itself: a lost connection, a lock not got, a full disk."""
    while fault is not None:
        if isinstance(fault, sqlite3.OperationalError):
            return fault.sqlite_errorname.startswith(PASSING)
        if isinstance(fault, psycopg.OperationalError | psycopg.InterfaceError):
            return True
        fault = fault.__cause__
    return False
