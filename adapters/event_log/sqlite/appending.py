"""Appending on SQLite: an open transaction that holds the lock of the file."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from eventsourcing.persistence import StoredEvent

from adapters.event_log.library import as_rows
from adapters.event_log.plan import Plan, SweepFailed, alone
from adapters.event_log.rows import COLUMNS, MESSAGE_COLUMNS, Member, Remembered, Stored

STREAMS_AT_ONCE_MIN = 10

INSERT = f"INSERT INTO events ({COLUMNS}) VALUES ({', '.join('?' * len(Stored._fields))})"
REMEMBER = f"INSERT INTO messages ({MESSAGE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
_VERSION = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?"
_VERSIONS = f"SELECT value, ({_VERSION.replace('?', 'value')}) FROM json_each(?)"


class Transaction:
    """An open transaction that holds the lock of the file. The head and the clock move in memory until `finish`."""

    spoilt = False  # SQLite undoes a failed statement by itself, and goes on

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.cursor = cursor
        self.head, self._last, simulated = cursor.execute(
            "SELECT head, recorded_at, simulated_clock FROM log"
        ).fetchone()
        self._stamp = None if simulated else max(time.time_ns() // 1000, self._last + 1)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        before = self.head, self._last
        self.cursor.execute("SAVEPOINT member")
        try:
            yield
        except BaseException:
            self.cursor.execute("ROLLBACK TO member")
            self.head, self._last = before
            raise
        finally:
            self.cursor.execute("RELEASE member")

    def remembered(self, source: str, message_id: str) -> Remembered | None:
        return remembered(self.cursor, source, message_id)

    def versions(self, streams: Iterable[str]) -> Mapping[str, int]:
        return versions_of(self.cursor, streams)

    def place(self, member: Member, versions: Mapping[str, int]) -> None:
        self.sweep(alone(member), versions)

    def sweep(self, sweep: Plan, versions: Mapping[str, int]) -> None:
        """Write every row of a plan after the head."""
        stamps = sweep.stamps(self._last, self._stamp)
        self.cursor.executemany(INSERT, sweep.rows(self.head, versions, stamps))
        self.cursor.executemany(REMEMBER, sweep.messages(self.head))
        self.head += len(sweep.placed)
        if sweep.placed:
            self._last = stamps[-1]

    def sweep_alone(self, sweep: Plan, versions: Mapping[str, int]) -> None:
        """Write every row of a plan after the head. Raise SweepFailed where one is there already."""
        try:
            self.sweep(sweep, versions)
        except sqlite3.IntegrityError as taken:
            raise SweepFailed from taken

    def take(self, events: Sequence[StoredEvent]) -> list[int]:
        """Write events of the library's own shape after the head."""
        self._last = self._stamp or self._last + 1
        before, self.head = self.head, self.head + len(events)
        self.cursor.executemany(INSERT, as_rows(events, before, self._last))
        return list(range(before + 1, self.head + 1))

    def finish(self) -> None:
        """Write where the head and the clock have come to."""
        self.cursor.execute("UPDATE log SET head = ?, recorded_at = ?", (self.head, self._last))


def remembered(connection: sqlite3.Connection | sqlite3.Cursor, source: str, message_id: str) -> Remembered | None:
    """Return what is known of a message."""
    found = connection.execute(
        "SELECT digest, first, last, outcome FROM messages WHERE source = ? AND id = ?", (source, message_id)
    ).fetchone()
    return None if found is None else Remembered(*found)


def versions_of(connection: sqlite3.Connection | sqlite3.Cursor, streams: Iterable[str]) -> dict[str, int]:
    """Return the version of each stream, 0 where it has no event; of many, in one statement."""
    asked = list(streams)
    if len(asked) < STREAMS_AT_ONCE_MIN:
        return {stream: connection.execute(_VERSION, (stream,)).fetchone()[0] for stream in asked}
    return dict(connection.execute(_VERSIONS, (json.dumps(asked, ensure_ascii=False),)).fetchall())
