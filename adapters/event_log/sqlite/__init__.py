"""The log in one SQLite file: a recorder of the eventsourcing library over our own tables."""

import json
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal
from uuid import uuid4

from eventsourcing.persistence import IntegrityError, PersistenceError, StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteDatastore

from adapters.event_log.judging import Outcome, judge
from adapters.event_log.library import LibraryRecorder
from adapters.event_log.migrations import FORMAT, not_empty, pending, refuse_pending
from adapters.event_log.plan import Plan, SweepFailed, plan
from adapters.event_log.rows import (
    COLUMNS,
    MESSAGE_COLUMNS,
    Mark,
    Member,
    Remembered,
    RememberedRow,
    Stored,
    stored,
)
from adapters.event_log.sqlite.appending import INSERT, REMEMBER, Transaction, remembered, versions_of
from domain.ports import Beside, LogIdentity, Receipt

Synchronous = Literal["FULL", "NORMAL"]

LOCK_WAIT_SECONDS_MAX = 30.0
LOCK_RETRY_SECONDS = 0.0005
POLL_SECONDS, POLL_SECONDS_SOON, SOON_SECONDS = 0.002, 0.0005, 0.05

_ALLIANCES = """
    WITH RECURSIVE each(alliance) AS (
        SELECT min(alliance) FROM events
        UNION ALL SELECT (SELECT min(alliance) FROM events WHERE alliance > each.alliance) FROM each
        WHERE alliance IS NOT NULL)
    SELECT alliance FROM each WHERE alliance IS NOT NULL"""


class SQLiteLogRecorder(LibraryRecorder, SQLiteApplicationRecorder):
    """Appends on one dedicated connection, one transaction at a time; reads on as many as there are readers."""

    FAULTS: ClassVar[tuple[type[Exception], ...]] = (sqlite3.Error, PersistenceError)
    datastore: SQLiteDatastore

    def __init__(self, path: Path, *, synchronous: Synchronous = "FULL") -> None:
        self.where = str(path)
        self._uri = f"{path.absolute().as_uri()}?mode=rwc"
        super().__init__(SQLiteDatastore(self._uri, originator_id_type="text"), events_table_name="events")
        self._synchronous = synchronous
        self._writing = threading.Lock()
        self._appended = threading.Condition()
        self._writer: sqlite3.Connection | None = None
        self._readers: deque[sqlite3.Connection] = deque()
        self._log_id = ""

    # Tables

    def format(self) -> int:
        """Return the number of the last migration, 0 where there are no tables."""
        if not Path(self.where).exists():
            return 0
        with self._reader() as reader:
            known = reader.execute("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").fetchone()
            return int(reader.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()[0]) if known else 0

    def migrate(self, *, simulated_clock: bool = False) -> None:
        """Bring the tables to the format of the code, under the lock of the file."""
        with self._transaction() as cursor:
            cursor.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, says TEXT) STRICT")
            applied = cursor.execute("SELECT coalesce(max(number), 0) FROM migrations").fetchone()[0]
            for step in pending(applied, self.where):
                for statement in step.sqlite:
                    cursor.execute(statement)
                cursor.execute("INSERT INTO migrations VALUES (?, ?)", (step.number, step.says))
            row = (str(uuid4()), simulated_clock)
            cursor.execute("INSERT OR IGNORE INTO log VALUES (1, ?, 1, ?, 0, 0)", row)

    def create_table(self) -> None:
        """Bring the tables to the format of the code."""
        self.migrate()

    def identity(self) -> LogIdentity:
        """Return which log this is."""
        refuse_pending(self.format(), self.where)
        with self._reader() as reader:
            log_id, incarnation, simulated = reader.execute(
                "SELECT id, incarnation, simulated_clock FROM log"
            ).fetchone()
        return LogIdentity(log_id, incarnation, FORMAT, bool(simulated))

    # Appending

    def write(self, members: Sequence[Member]) -> list[Outcome]:
        """Write what may be written of several callers' batches in one transaction; return each one's outcome."""
        sweep = plan(members)
        receipts = None if sweep is None else self._write_at_once(sweep)
        outcomes: list[Outcome] = [*(receipts or ())]
        if receipts is None:
            with self._transaction() as cursor:
                transaction = Transaction(cursor)
                outcomes = judge(transaction, members)
                transaction.finish()
        with self._appended:
            self._appended.notify_all()
        return outcomes

    def write_whole(self, members: Sequence[Member], beside: Sequence[Beside]) -> list[Receipt] | None:
        """Write all members and what is beside them, or nothing: None where something stands against one of them."""
        sweep = plan(members)
        receipts = None if sweep is None else self._write_at_once(sweep, beside)
        with self._appended:
            self._appended.notify_all()
        return receipts

    def load(self, mark: Mark, events: Iterable[Stored], messages: Iterable[RememberedRow]) -> None:
        """Fill an empty log with what another held, and become it. Raise Refused where it is not empty."""
        with self._transaction() as cursor:
            if cursor.execute("SELECT EXISTS (SELECT 1 FROM messages) OR head > 0 FROM log").fetchone()[0]:
                raise not_empty(self.where)
            cursor.executemany(INSERT, events)
            cursor.executemany(REMEMBER, messages)
            cursor.execute(
                "UPDATE log SET id = ?, incarnation = ?, head = ?, recorded_at = ?",
                (mark.id, mark.incarnation, mark.head, mark.recorded_at),
            )

    def insert_rows(self, events: Sequence[StoredEvent]) -> list[int]:
        """Write events of the library's own shape at their own versions."""
        try:
            with self._transaction() as cursor:
                transaction = Transaction(cursor)
                positions = transaction.take(events)
                transaction.finish()
                return positions
        except sqlite3.IntegrityError as fault:
            raise IntegrityError(fault) from fault

    def _write_at_once(self, sweep: Plan, beside: Sequence[Beside] = ()) -> list[Receipt] | None:
        """Write a plan and what is beside it, or return None where something stands against one of its members.

        There is no savepoint: SQLite would copy each page that the plan changes. A plan that fails is rolled back.
        """
        try:
            with self._transaction() as cursor:
                transaction = Transaction(cursor)
                versions = transaction.versions(sweep.streams())
                if any(versions[stream] != expected for stream, expected in sweep.expected.items()):
                    return None
                receipts = sweep.receipts(transaction.head)
                transaction.sweep_alone(sweep, versions)
                transaction.finish()
                for write in beside:
                    write(cursor)
                return receipts
        except SweepFailed:
            return None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        with self._writing:
            if self._writer is None:
                self._writer = self._connect(busy_seconds=0)
                _patiently(self._writer, "PRAGMA journal_mode = WAL")
                self._writer.execute(f"PRAGMA synchronous = {self._synchronous}")
            _patiently(self._writer, "BEGIN IMMEDIATE")
            try:
                yield self._writer.cursor()
                self._writer.execute("COMMIT")
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    def _connect(self, *, busy_seconds: float) -> sqlite3.Connection:
        return sqlite3.connect(self._uri, uri=True, isolation_level=None, check_same_thread=False, timeout=busy_seconds)

    # Reading

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        try:
            reader = self._readers.pop()
        except IndexError:
            reader = self._connect(busy_seconds=LOCK_WAIT_SECONDS_MAX)
        try:
            yield reader
        finally:
            self._readers.append(reader)

    def _select(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with self._reader() as reader:
            return reader.execute(statement, parameters).fetchall()

    def head(self) -> int:
        """Return the highest position in use."""
        return int(self._select("SELECT head FROM log")[0][0])

    def recorded_at(self, position: int) -> int:
        """Return the recorded time of a position."""
        return int(self._select("SELECT recorded_at FROM events WHERE position = ?", (position,))[0][0])

    def _page(
        self,
        columns: str,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
        share: Collection[str] | None = None,
    ) -> list[Any]:
        where = "position > ?"
        parameters: list[Any] = [after]
        for clause, value in (("position <= ?", upto), ("alliance = ?", alliance)):
            if value is not None:
                where, parameters = f"{where} AND {clause}", [*parameters, value]
        if names is not None:
            wanted = list(names)
            where, parameters = f"{where} AND name IN ({','.join('?' * len(wanted))})", [*parameters, *wanted]
        if share is not None:
            # The sign keeps SQLite in the order of positions: by the index it would sort all that is left, every page.
            where = f"{where} AND +alliance IN (SELECT value FROM json_each(?))"
            parameters.append(json.dumps(list(share)))
        statement = f"SELECT {columns} FROM events WHERE {where} ORDER BY position LIMIT ?"
        return self._select(statement, [*parameters, limit])

    def stream_rows(
        self, stream: str, *, after: int, limit: int, upto: int | None = None, newest_first: bool = False
    ) -> list[Stored]:
        """Return up to *limit* rows of one stream after a version."""
        order = "DESC" if newest_first else "ASC"
        found = self._select(
            f"""SELECT {COLUMNS} FROM events
            WHERE stream = ? AND version > ? AND version <= ? ORDER BY version {order} LIMIT ?""",
            (stream, after, 2**62 if upto is None else upto, limit),
        )
        return list(map(stored, found))

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """Return the version of each stream, 0 where it has no event."""
        with self._reader() as reader:
            return versions_of(reader, streams)

    def remembered(self, source: str, message_id: str) -> Remembered | None:
        """Return what is known of a message."""
        with self._reader() as reader:
            return remembered(reader, source, message_id)

    def mark(self) -> Mark:
        """Return which log it is and where it stands."""
        found = self._select("SELECT id, incarnation, simulated_clock, head, recorded_at FROM log")[0]
        return Mark(found[0], found[1], bool(found[2]), found[3], found[4])

    def message_page(self, after: tuple[str, str], limit: int, *, upto: int) -> list[RememberedRow]:
        """Return up to *limit* messages after a key, of those that landed up to a position."""
        where = "(source, id) > (?, ?) AND last <= ? ORDER BY source, id LIMIT ?"
        found = self._select(f"SELECT {MESSAGE_COLUMNS} FROM messages WHERE {where}", (*after, upto, limit))
        return list(map(RememberedRow._make, found))

    def alliances(self) -> list[str]:
        """Return every alliance that has an event, in order."""
        return [row[0] for row in self._select(_ALLIANCES)]

    def wait(self, after: int, timeout_seconds: float) -> int:
        """Return the head once it lies after a position, or when the time is over.

        An append of this process wakes the waiter; one of another is seen in the version that SQLite gives the file,
        which is looked at more often while the last append is not long ago.
        """
        began = time.monotonic()
        end, soon = began + timeout_seconds, began + SOON_SECONDS
        head, seen = 0, None
        with self._reader() as reader:
            while True:
                version = reader.execute("PRAGMA data_version").fetchone()[0]
                with self._appended:
                    if version != seen:
                        head = int(reader.execute("SELECT head FROM log").fetchone()[0])
                    now = time.monotonic()
                    if head > after or now >= end:
                        return head
                    self._appended.wait(POLL_SECONDS_SOON if now < soon else POLL_SECONDS)
                seen = version

    def close(self) -> None:
        """Close every connection. Nothing may be under way."""
        with self._writing:
            for connection in (self._writer, *self._readers):
                if connection is not None:
                    connection.close()
            self._writer = None
            self._readers.clear()
        self.datastore.close()


def _patiently(writer: sqlite3.Connection, statement: str) -> None:
    """Run what takes the lock of the file, again and again in short steps while another process has it.

    SQLite's own busy handler sleeps up to 100 ms at a time, which a waiting appender would feel.
    """
    end = time.monotonic() + LOCK_WAIT_SECONDS_MAX
    while True:
        try:
            writer.execute(statement)
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(LOCK_RETRY_SECONDS)
        else:
            return
