"""The log in one PostgreSQL database: a recorder of the eventsourcing library over our own tables."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from eventsourcing.persistence import IntegrityError, InterfaceError, OperationalError, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow, dict_row, tuple_row

from adapters.event_log.judging import Outcome, judge
from adapters.event_log.library import LibraryRecorder, as_rows
from adapters.event_log.migrations import APPEND_LOCK, FORMAT, pending, refuse_pending
from adapters.event_log.plan import Plan, alone, plan
from adapters.event_log.rows import COLUMNS, Member, Remembered, Stored
from domain.errors import Halted
from domain.ports import LogIdentity

SCHEMA = CHANNEL = "cynosure_log"
READERS_MAX = 20
POLL_SECONDS = 0.5
RECONNECTS_MAX = 8
RECONNECT_SECONDS = 0.05
IDLE_IN_TRANSACTION_SECONDS_MAX = 30

# A process that is paused while it holds the lock stops every writer: the server ends such a session, and a peer that
# has vanished is found by keepalives. The plans of the append function must not turn to scans over a young table;
# without `jit=off` the price that PostgreSQL below 18 puts on a forbidden scan would have it compile what is scanned.
_WRITER_OPTIONS = (
    f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_SECONDS_MAX}s -c enable_seqscan=off -c jit=off"
)
_CONNECTING: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

_APPEND = (
    f"SELECT {SCHEMA}.append(%b::bigint, %b::text[], %b::bigint[], %b::text[], %b::text[], %b::bytea[], %b::int, "
    "%b::bigint[], %b::bigint[], %b::text[], %b::bigint[], %b::bigint[], "
    "%b::int[], %b::int[], %b::bigint[], %b::text[], %b::int[], %b::text[], %b::text[], "
    "%b::bytea[], %b::bytea[], %b::bytea[])"
)
_VERSIONS = f"""
    SELECT s, coalesce((SELECT max(version) FROM {SCHEMA}.events WHERE stream = s), 0)
    FROM unnest(%s::text[]) AS s"""
_REMEMBERED = f"SELECT digest, first, last, outcome FROM {SCHEMA}.messages WHERE source = %s AND id = %s"
_ALLIANCES = f"""
    WITH RECURSIVE each(alliance) AS (
        SELECT min(alliance) FROM {SCHEMA}.events
        UNION ALL SELECT (SELECT min(alliance) FROM {SCHEMA}.events WHERE alliance > each.alliance) FROM each
        WHERE alliance IS NOT NULL)
    SELECT alliance FROM each WHERE alliance IS NOT NULL"""


class Transaction:
    """An open transaction that holds the advisory lock of the log."""

    def __init__(self, cursor: psycopg.Cursor[TupleRow]) -> None:
        self.cursor = cursor
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
        ((self.head, self._stamp),) = cursor.execute(
            f"""SELECT head, CASE WHEN simulated_clock THEN NULL ELSE
            greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, recorded_at + 1) END
            FROM {SCHEMA}.log"""
        ).fetchall()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        before = self.head
        self.cursor.execute("SAVEPOINT member")
        try:
            yield
        except BaseException:
            self.cursor.execute("ROLLBACK TO member")
            self.head = before
            raise
        finally:
            self.cursor.execute("RELEASE member")

    def remembered(self, source: str, message_id: str) -> Remembered | None:
        found = self.cursor.execute(_REMEMBERED, (source, message_id)).fetchone()
        return None if found is None else Remembered(*found)

    def versions(self, streams: Iterable[str]) -> Mapping[str, int]:
        return dict(self.cursor.execute(_VERSIONS, (list(streams),)).fetchall())

    def place(self, member: Member, versions: Mapping[str, int]) -> None:  # noqa: ARG002  # the function looks itself
        sweep = alone(member)
        if append_at_once(self.cursor, sweep, stamp=self._stamp) != self.head:
            raise Halted(f"somebody appended after position {self.head} without the lock: nothing was written")
        self.head += len(sweep.placed)


def append_at_once(cursor: psycopg.Cursor[TupleRow], sweep: Plan, *, stamp: int | None = None) -> int | None:
    """Write a plan in one round trip and return the head before it, or None where something stands against it."""
    streams = sweep.streams()
    number = {stream: place for place, stream in enumerate(streams, start=1)}
    members = sweep.members
    ordinals, floors = sweep.simulated_floors()
    placed = sweep.placed
    drafts = [at.draft for at in placed]
    receipts = sweep.receipts(0)
    ((before,),) = cursor.execute(
        _APPEND,
        (
            stamp,
            streams,
            [sweep.expected.get(stream) for stream in streams],
            [member.source for member in members],
            [member.id for member in members],
            [member.digest for member in members],
            1,
            [receipt.first for receipt in receipts],
            [receipt.last for receipt in receipts],
            [member.outcome for member in members],
            ordinals,
            floors,
            [at.member + 1 for at in placed],
            [number[draft.stream] for draft in drafts],
            [at.versions_on for at in placed],
            [draft.name for draft in drafts],
            [draft.schema_version for draft in drafts],
            [draft.alliance for draft in drafts],
            [draft.event_id for draft in drafts],
            [draft.fact for draft in drafts],
            [draft.meta for draft in drafts],
            [draft.sealed for draft in drafts],
        ),
        prepare=True,
    ).fetchall()
    return before  # type: ignore[no-any-return]


def connecting(url: str) -> dict[str, Any]:
    """Return what a URL says about connecting, over our own defaults."""
    return {**_CONNECTING, **conninfo_to_dict(url)}


class OrderedDatastore(PostgresDatastore):
    """The library's pool of connections, for reading. Appending without the lock cannot be switched on."""

    def __init__(self, url: str) -> None:
        named = connecting(url)
        wanted = {name: named.get(name) for name in ("dbname", "host", "port", "user", "password")}
        super().__init__(
            **wanted,  # type: ignore[arg-type]  # what is not named is left to libpq
            pool_size=1,
            max_overflow=READERS_MAX - 1,
            connect_timeout=30.0,
            schema=SCHEMA,
            originator_id_type="text",
        )
        self.pool.kwargs = {**named, "row_factory": dict_row}

    @property
    def enable_db_functions(self) -> bool:
        """Return False: the library's own append function takes no lock, and a reader of the tail would miss events."""
        return False

    @enable_db_functions.setter
    def enable_db_functions(self, asked: bool) -> None:
        if asked:
            raise ValueError("appending without the lock would let readers miss events: it cannot be switched on")

    def register_type_adapters(self) -> None:
        """Do nothing: no composite type of the library's is used, and looking for one would open a connection."""


class PostgresLogRecorder(LibraryRecorder, PostgresApplicationRecorder):
    """Appends on one dedicated connection by one function call; reads on the library's pool."""

    datastore: PostgresDatastore

    def __init__(self, url: str) -> None:
        self._connecting = connecting(url)
        self.where = urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2], query="").geturl()
        super().__init__(OrderedDatastore(url), events_table_name="events")
        self.channel_name = CHANNEL
        self._writing = threading.Lock()
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
            except psycopg.OperationalError:
                if attempt == RECONNECTS_MAX or not self._lost_writer():
                    raise
                time.sleep(RECONNECT_SECONDS * 2**attempt)
                attempt += 1

    def _write(self, members: Sequence[Member], *, again: bool) -> list[Outcome]:
        if (sweep := plan(members)) is not None:
            with self._writing:
                before = append_at_once(self._connected().cursor(binary=True), sweep)
            if before is not None:
                return list(sweep.receipts(before))
        with self._transaction() as cursor:
            return judge(Transaction(cursor), members, again=again)

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
        with cursor.copy(f"COPY {SCHEMA}.events ({COLUMNS}) FROM STDIN") as copy:
            for row in as_rows(events, head, last):
                copy.write_row(row)
        cursor.execute(f"NOTIFY {CHANNEL}")
        return list(range(head + 1, head + len(events) + 1))

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Cursor[TupleRow]]:
        with self._writing, self._connected().transaction(), self._connected().cursor(binary=True) as cursor:
            yield cursor

    def _connected(self) -> psycopg.Connection[TupleRow]:
        if self._writer is None or self._writer.closed:
            options = f"{self._connecting.get('options', '')} {_WRITER_OPTIONS}"
            self._writer = psycopg.connect(**{**self._connecting, "options": options}, autocommit=True)
        return self._writer

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

    def pages(
        self,
        after: int,
        limit: int,
        *,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
    ) -> list[Stored]:
        """Return up to *limit* rows after a position, in order, of some names and one alliance where they are given."""
        where = "position > %s"
        parameters: list[Any] = [after]
        wanted = None if names is None else list(names)
        for clause, value in (("position <= %s", upto), ("alliance = %s", alliance), ("name = ANY(%s)", wanted)):
            if value is not None:
                where, parameters = f"{where} AND {clause}", [*parameters, value]
        statement = f"SELECT {COLUMNS} FROM {SCHEMA}.events WHERE {where} ORDER BY position LIMIT %s"
        return list(map(Stored._make, self._select(statement, [*parameters, limit])))

    def stream_rows(
        self, stream: str, *, after: int, limit: int, upto: int | None = None, newest_first: bool = False
    ) -> list[Stored]:
        """Return up to *limit* rows of one stream after a version."""
        order = "DESC" if newest_first else "ASC"
        statement = f"""SELECT {COLUMNS} FROM {SCHEMA}.events
            WHERE stream = %s AND version > %s AND version <= %s ORDER BY version {order} LIMIT %s"""
        found = self._select(statement, (stream, after, 2**62 if upto is None else upto, limit))
        return list(map(Stored._make, found))

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """Return the version of each stream, 0 where it has no event."""
        return dict(self._select(_VERSIONS, (list(streams),)))

    def remembered(self, source: str, message_id: str) -> Remembered | None:
        """Return what is known of a message."""
        found = self._select(_REMEMBERED, (source, message_id))
        return Remembered(*found[0]) if found else None

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
