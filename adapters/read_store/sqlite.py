"""Rows in an SQLite file of their own, `NAME.rows.db` beside the log's `NAME.db`: followers never stop writers."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from adapters.read_store.port import Overtaken, Values
from domain.errors import Halted

BUSY_SECONDS_MAX = 30.0
RETRY_SECONDS = 0.0002


def rows_path(log_path: Path) -> Path:
    """Return the file of the rows that belong to a log's file."""
    return log_path.with_name(f"{log_path.stem}.rows.db")


class SqliteRows:
    """One connection to a rows file."""

    BEGIN: ClassVar[str] = "BEGIN IMMEDIATE"
    BEGIN_SNAPSHOT: ClassVar[str] = "BEGIN"
    INTEGER: ClassVar[str] = "INTEGER"
    TEXT: ClassVar[str] = "TEXT"
    TABLE_OPTIONS: ClassVar[str] = " WITHOUT ROWID"
    FAULT: ClassVar[type[Exception]] = sqlite3.OperationalError
    NOW: ClassVar[str] = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS_MAX)
        # Rows can be folded anew: a power cut may take the last pages, with their position, and never a part of one.
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL"):
            self._retried(f"PRAGMA {pragma}", ())

    def execute(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        run = self._retried if sql == self.BEGIN else self._connection.execute
        try:
            return run(sql, values).fetchall()
        except sqlite3.OperationalError as fault:
            if "locked" not in str(fault):
                raise
            raise Halted(
                "another process holds the file of the rows and does not go on: end it, and try again"
            ) from fault

    def changed(self, sql: str, values: Values = ()) -> int:
        return self._connection.execute(sql, values).rowcount

    def stream(self, sql: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        yield from self._connection.execute(sql, values)

    def load(self, table: str, keys: Sequence[str]) -> dict[str, str]:
        wanted = msgspec.json.encode(keys).decode()
        sql = f"SELECT key, content FROM {table} WHERE key IN (SELECT value FROM json_each(?))"
        return dict(self._connection.execute(sql, (wanted,)).fetchall())

    def advance(self, places: Sequence[tuple[int, int, int, int, int]], lease: int) -> None:
        sql = f"UPDATE positions SET position = ?, lease_until = {self.NOW} + ?"
        sql += " WHERE build = ? AND shard = ? AND epoch = ? AND position = ?"
        values = [(now, lease, build, shard, epoch, loaded) for build, shard, epoch, loaded, now in places]
        if self._connection.executemany(sql, values).rowcount != len(places):
            raise Overtaken

    def batch(self) -> AbstractContextManager[None]:
        return nullcontext()

    def write(self, table: str, rows: Sequence[tuple[str, str, str]]) -> None:
        sql = f"INSERT INTO {table} (key, alliance, content) VALUES (?, ?, ?)"
        self._connection.executemany(f"{sql} ON CONFLICT (key) DO UPDATE SET content = excluded.content", rows)

    def delete(self, table: str, keys: Sequence[str]) -> None:
        self._connection.executemany(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in keys])

    def lock_schema(self) -> None:
        """Nothing to do: BEGIN IMMEDIATE has locked the whole file."""

    def has_table(self, name: str) -> bool:
        return bool(self.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)))

    def skip_locked(self) -> str:
        return ""

    def end_hanging(self) -> bool:
        return False

    def lock_row(self) -> str:
        return ""

    def json_field(self, name: str, kind: type[Any] | None) -> str:  # noqa: ARG002
        return f"json_extract(content, '$.\"{name}\"')"

    def oldest_transaction(self) -> tuple[int, str, float] | None:
        """Return None: SQLite does not say who reads."""
        return None

    def rollback(self) -> None:
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()

    def _retried(self, sql: str, values: Values) -> sqlite3.Cursor:
        """Run a statement that waits for the lock, trying again sooner than SQLite's own handler would."""
        end = time.monotonic() + BUSY_SECONDS_MAX
        while True:
            try:
                self._connection.execute("PRAGMA busy_timeout = 0")
                return self._connection.execute(sql, values)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(RETRY_SECONDS)
            finally:
                self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS_MAX * 1000)}")
