"""The log in one PostgreSQL database: a recorder of the eventsourcing library over our own tables."""

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, PersistenceError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg.rows import TupleRow, tuple_row

from adapters.event_log.judging import Outcome, judge
from adapters.event_log.library import LibraryRecorder, as_rows
from adapters.event_log.migrations import APPEND_LOCK, FORMAT, not_empty, pending, refuse_pending
from adapters.event_log.plan import Plan, SweepFailed, plan
from adapters.event_log.postgres.appending import (
    COPY_EVENTS_MIN,
    REMEMBERED,
    VERSIONS,
    Transaction,
    append_at_once,
    append_in_bulk,
    copy_rows,
)
from adapters.event_log.postgres.datastore import (
    CHANNEL,
    IDLE_IN_TRANSACTION_SECONDS_MAX,
    SCHEMA,
    WRITER_OPTIONS,
    OrderedDatastore,
    connecting,
)
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
from adapters.hanging import end_hanging
from domain.ports import Beside, LogIdentity, Receipt

POLL_SECONDS = 0.5
HOLDS_THE_LOCK = f"""EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.granted AND l.locktype = 'advisory'
    AND l.objsubid = 1 AND (l.classid::bigint << 32) + l.objid::bigint = {APPEND_LOCK})"""
RECONNECTS_MAX = 8
RECONNECT_SECONDS = 0.05

_ALLIANCES = f"""
    WITH RECURSIVE each(alliance) AS (
        SELECT min(alliance) FROM {SCHEMA}.events
        UNION ALL SELECT (SELECT min(alliance) FROM {SCHEMA}.events WHERE alliance > each.alliance) FROM each
        WHERE alliance IS NOT NULL)
    SELECT alliance FROM each WHERE alliance IS NOT NULL"""


class PostgresLogRecorder(LibraryRecorder, PostgresApplicationRecorder):
    """Appends on one dedicated connection by one function call; reads on the library's pool."""

    FAULTS: ClassVar[tuple[type[Exception], ...]] = (psycopg.Error, PersistenceError)
    datastore: PostgresDatastore

    def __init__(self, url: str) -> None:
        self._connecting = connecting(url)
        self.where = urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2], query="").geturl()
        super().__init__(OrderedDatastore(url), events_table_name="events")
        self.channel_name = CHANNEL
        self._writing = threading.Lock()
        self.paused_seconds_max: float = IDLE_IN_TRANSACTION_SECONDS_MAX
        self._writer: psycopg.Connection[TupleRow] | None = None
        self._listeners: list[psycopg.Connection[TupleRow]] = []

    # Tables

    def format(self) -> int:
        """Return the number of the last migration, 0 where there are no tables."""
        with self._transaction() as cursor:
            ((missing,),) = cursor.execute(f"SELECT to_regclass('{SCHEMA}.migrations') IS NULL").fetchall()
            if missing:
                return 0
            ((applied,),) = cursor.execute(f"SELECT coalesce(max(number), 0) FROM {SCHEMA}.migrations").fetchall()
            return int(applied)

    def migrate(self, *, simulated_clock: bool = False) -> None:
        """Bring the tables to the format of the code, under the lock."""
        with self._transaction() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
            cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            cursor.execute(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.migrations (number integer PRIMARY KEY, says text)")
            ((applied,),) = cursor.execute(f"SELECT coalesce(max(number), 0) FROM {SCHEMA}.migrations").fetchall()
            for step in pending(applied, self.where):
                for statement in step.postgres:
                    cursor.execute(statement)
                cursor.execute(f"INSERT INTO {SCHEMA}.migrations VALUES (%s, %s)", (step.number, step.says))
            cursor.execute(
                f"INSERT INTO {SCHEMA}.log VALUES (1, %s, 1, %s, 0, 0) ON CONFLICT DO NOTHING",
                (str(uuid4()), simulated_clock),
            )

    def create_table(self) -> None:
        """Bring the tables to the format of the code."""
        self.migrate()

    def identity(self) -> LogIdentity:
        """Return which log this is."""
        refuse_pending(self.format(), self.where)
        ((log_id, incarnation, simulated),) = self._select(f"SELECT id, incarnation, simulated_clock FROM {SCHEMA}.log")
        return LogIdentity(log_id, incarnation, FORMAT, simulated)

    # Appending

    def write(self, members: Sequence[Member]) -> list[Outcome]:
        """Write what may be written of several callers' batches in one transaction; return each one's outcome.

        A connection may be lost after the commit and before the answer. The same members are then written again: the
        messages tell which of them are there, and those are answered with their first receipts.
        """
        attempt = 0
        while True:
            try:
                return self._write(members, again=attempt > 0)
            except psycopg.errors.LockNotAvailable:
                self._end_hanging()
            except psycopg.OperationalError:
                if attempt == RECONNECTS_MAX or not self._lost_writer():
                    raise
                time.sleep(RECONNECT_SECONDS * 2**attempt)
                attempt += 1

    def _write(self, members: Sequence[Member], *, again: bool) -> list[Outcome]:
        if (sweep := plan(members)) is not None:
            if len(sweep.placed) < COPY_EVENTS_MIN:
                with self._writing:
                    before = append_at_once(self._connected().cursor(binary=True), sweep)
            else:
                before = self._write_in_bulk(sweep)
            if before is not None:
                return list(sweep.receipts(before))
        with self._transaction() as cursor:
            return judge(Transaction(cursor), members, again=again)

    def write_whole(self, members: Sequence[Member], beside: Sequence[Beside]) -> list[Receipt] | None:
        """Write all members and what is beside them, or nothing: None where something stands against one of them."""
        if (sweep := plan(members)) is None:
            return None
        bulk = len(sweep.placed) >= COPY_EVENTS_MIN
        while True:
            try:
                before = self._write_in_bulk(sweep, beside) if bulk else self._write_in_one_trip(sweep, beside)
                return None if before is None else list(sweep.receipts(before))
            except psycopg.errors.LockNotAvailable:
                self._end_hanging()

    def _write_in_bulk(self, sweep: Plan, beside: Sequence[Beside] = ()) -> int | None:
        try:
            with self._transaction() as cursor:
                before = append_in_bulk(cursor, sweep)
                for write in beside if before is not None else ():
                    write(cursor)
                return before
        except SweepFailed:
            return None

    def _write_in_one_trip(self, sweep: Plan, beside: Sequence[Beside]) -> int | None:
        with self._transaction() as cursor:
            before = append_at_once(cursor, sweep)
            for write in beside if before is not None else ():
                write(cursor)
            return before

    def load(self, mark: Mark, events: Iterable[Stored], messages: Iterable[RememberedRow]) -> None:
        """Fill an empty log with what another held, and become it. Raise Refused where it is not empty."""
        with self._transaction() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
            filled = f"SELECT EXISTS (SELECT FROM {SCHEMA}.messages) OR head > 0 FROM {SCHEMA}.log"
            if cursor.execute(filled).fetchall() != [(False,)]:
                raise not_empty(self.where)
            copy_rows(cursor, "events", COLUMNS, events)
            copy_rows(cursor, "messages", MESSAGE_COLUMNS, messages)
            cursor.execute(
                f"UPDATE {SCHEMA}.log SET id = %s, incarnation = %s, head = %s, recorded_at = %s",
                (mark.id, mark.incarnation, mark.head, mark.recorded_at),
            )
            cursor.execute(f"NOTIFY {CHANNEL}")

    def insert_rows(self, events: Sequence[StoredEvent]) -> list[int]:
        """Write events of the library's own shape at their own versions."""
        try:
            with self._transaction() as cursor:
                return self._insert_rows(Transaction(cursor), events)
        except psycopg.IntegrityError as fault:
            raise IntegrityError(fault) from fault

    @staticmethod
    def _insert_rows(transaction: Transaction, events: Sequence[StoredEvent]) -> list[int]:
        head, cursor = transaction.head, transaction.cursor
        ((last,),) = cursor.execute(
            f"""UPDATE {SCHEMA}.log SET head = head + %s, recorded_at = greatest(
            (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, recorded_at + 1) RETURNING recorded_at""",
            (len(events),),
        ).fetchall()
        copy_rows(cursor, "events", COLUMNS, as_rows(events, head, last))
        cursor.execute(f"NOTIFY {CHANNEL}")
        return list(range(head + 1, head + len(events) + 1))

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Cursor[TupleRow]]:
        with self._writing, self._connected().transaction(), self._connected().cursor(binary=True) as cursor:
            yield cursor

    def _connected(self) -> psycopg.Connection[TupleRow]:
        if self._writer is None or self._writer.closed:
            options = f"{self._connecting.get('options', '')} {WRITER_OPTIONS}"
            self._writer = psycopg.connect(**{**self._connecting, "options": options}, autocommit=True)
        return self._writer

    def _end_hanging(self) -> None:
        """End who holds the lock and hangs inside a command, where the server waits for it for ever."""
        with self._writing:
            end_hanging(self._connected(), HOLDS_THE_LOCK, seconds=self.paused_seconds_max)

    def _lost_writer(self) -> bool:
        with self._writing:
            return self._writer is None or self._writer.closed

    # Reading

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def _select(self, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
        with self.datastore.get_connection() as reader, reader.cursor(row_factory=tuple_row, binary=True) as cursor:
            return cursor.execute(statement, parameters or None, prepare=True).fetchall()

    def head(self) -> int:
        """Return the highest position in use."""
        return int(self._select(f"SELECT head FROM {SCHEMA}.log")[0][0])

    def recorded_at(self, position: int) -> int:
        """Return the recorded time of a position."""
        return int(self._select(f"SELECT recorded_at FROM {SCHEMA}.events WHERE position = %s", (position,))[0][0])

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
        where = "position > %s"
        parameters: list[Any] = [after]
        wanted = None if names is None else list(names)
        for clause, value in (("position <= %s", upto), ("alliance = %s", alliance), ("name = ANY(%s)", wanted)):
            if value is not None:
                where, parameters = f"{where} AND {clause}", [*parameters, value]
        if share is not None:
            # An expression keeps to the order of positions: by the index all that is left would be sorted, every page.
            where, parameters = f"{where} AND alliance || '' = ANY(%s)", [*parameters, list(share)]
        statement = f"SELECT {columns} FROM {SCHEMA}.events WHERE {where} ORDER BY position LIMIT %s"
        return self._select(statement, [*parameters, limit])  # type: ignore[no-any-return]

    def stream_rows(
        self, stream: str, *, after: int, limit: int, upto: int | None = None, newest_first: bool = False
    ) -> list[Stored]:
        """Return up to *limit* rows of one stream after a version."""
        order = "DESC" if newest_first else "ASC"
        statement = f"""SELECT {COLUMNS} FROM {SCHEMA}.events
            WHERE stream = %s AND version > %s AND version <= %s ORDER BY version {order} LIMIT %s"""
        found = self._select(statement, (stream, after, 2**62 if upto is None else upto, limit))
        return list(map(stored, found))

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """Return the version of each stream, 0 where it has no event."""
        return dict(self._select(VERSIONS, (list(streams),)))

    def remembered(self, source: str, message_id: str) -> Remembered | None:
        """Return what is known of a message."""
        found = self._select(REMEMBERED, (source, message_id))
        return Remembered(*found[0]) if found else None

    def mark(self) -> Mark:
        """Return which log it is and where it stands."""
        ((*found,),) = self._select(f"SELECT id, incarnation, simulated_clock, head, recorded_at FROM {SCHEMA}.log")
        return Mark(*found)

    def message_page(self, after: tuple[str, str], limit: int, *, upto: int) -> list[RememberedRow]:
        """Return up to *limit* messages after a key, of those that landed up to a position."""
        where = "(source, id) > (%s, %s) AND last <= %s ORDER BY source, id LIMIT %s"
        found = self._select(f"SELECT {MESSAGE_COLUMNS} FROM {SCHEMA}.messages WHERE {where}", (*after, upto, limit))
        return list(map(RememberedRow._make, found))

    def alliances(self) -> list[str]:
        """Return every alliance that has an event, in order."""
        return [row[0] for row in self._select(_ALLIANCES)]

    def wait(self, after: int, timeout_seconds: float) -> int:
        """Return the head once it lies after a position, or when the time is over.

        It listens before it looks, so that no append falls between; a notification that is lost is made up for by
        looking again every half second.
        """
        end = time.monotonic() + timeout_seconds
        with self._listening() as listener:
            while True:
                ((head,),) = listener.execute(f"SELECT head FROM {SCHEMA}.log").fetchall()
                left = end - time.monotonic()
                if head > after or left <= 0:
                    return int(head)
                for _ in listener.notifies(timeout=min(left, POLL_SECONDS), stop_after=1):
                    pass

    @contextmanager
    def _listening(self) -> Iterator[psycopg.Connection[TupleRow]]:
        try:
            listener = self._listeners.pop()
        except IndexError:
            listener = psycopg.connect(**self._connecting, autocommit=True)
            listener.execute(f"LISTEN {CHANNEL}")
        try:
            yield listener
        finally:
            if not listener.closed:
                self._listeners.append(listener)

    def close(self) -> None:
        """Close every connection. Nothing may be under way."""
        with self._writing:
            for connection in (self._writer, *self._listeners):
                if connection is not None:
                    connection.close()
            self._writer = None
            self._listeners.clear()
        self.datastore.close()
