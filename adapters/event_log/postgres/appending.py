"""Appending on PostgreSQL: in one round trip, in bulk by COPY, or member by member in an open transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from adapters.event_log.migrations import APPEND_LOCK
from adapters.event_log.plan import Plan, SweepFailed, alone
from adapters.event_log.postgres.datastore import CHANNEL, SCHEMA
from adapters.event_log.rows import COLUMNS, DIGEST_VERSION, MESSAGE_COLUMNS, Member, Remembered
from domain.errors import Halted

COPY_EVENTS_MIN = 200
"""From how many events on COPY is worth its round trips."""

SCALARS_MAX = 45
"""Up to how many values are sent one by one: making an array of each column takes the client ten times as long."""

_STREAM_COLUMNS = ("text[]", "bigint[]")
_MEMBER_COLUMNS = ("text[]", "text[]", "bytea[]", "bigint[]", "bigint[]", "text[]", "bigint[]", "bigint[]")
_EVENT_COLUMNS = (
    "int[]",
    "int[]",
    "bigint[]",
    "text[]",
    "int[]",
    "text[]",
    "text[]",
    "bytea[]",
    "bytea[]",
    "bytea[]",
)
_TYPES = {
    "events": [
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
    ],
    "messages": ["text", "text", "bytea", "int4", "int8", "int8", "text"],
}
VERSIONS = f"""
    SELECT s, coalesce((SELECT max(version) FROM {SCHEMA}.events WHERE stream = s), 0)
    FROM unnest(%s::text[]) AS s"""
REMEMBERED = f"SELECT digest, first, last, outcome FROM {SCHEMA}.messages WHERE source = %s AND id = %s"
_LOOK = f"""
    SELECT head, recorded_at, CASE WHEN simulated_clock THEN NULL ELSE
        greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, recorded_at + 1) END
    FROM {SCHEMA}.log"""


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

    @property
    def spoilt(self) -> bool:
        return self.cursor.connection.info.transaction_status == TransactionStatus.INERROR

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
        found = self.cursor.execute(REMEMBERED, (source, message_id)).fetchone()
        return None if found is None else Remembered(*found)

    def versions(self, streams: Iterable[str]) -> Mapping[str, int]:
        return dict(self.cursor.execute(VERSIONS, (list(streams),)).fetchall())

    def place(self, member: Member, versions: Mapping[str, int]) -> None:  # noqa: ARG002  # the function looks itself
        sweep = alone(member)
        if append_at_once(self.cursor, sweep, stamp=self._stamp) != self.head:
            raise Halted(f"somebody appended after position {self.head} without the lock: nothing was written")
        self.head += len(sweep.placed)


def append_at_once(cursor: psycopg.Cursor[TupleRow], sweep: Plan, *, stamp: int | None = None) -> int | None:
    """Write a plan in one round trip and return the head before it, or None where something stands against it."""
    streams, members, drafts = sweep.streams(), sweep.members, [at.draft for at in sweep.placed]
    number = {stream: place for place, stream in enumerate(streams, start=1)}
    receipts = sweep.receipts(0)
    columns: tuple[Sequence[Any], ...] = (
        streams,
        [sweep.expected.get(stream) for stream in streams],
        [member.source for member in members],
        [member.id for member in members],
        [member.digest for member in members],
        [receipt.first for receipt in receipts],
        [receipt.last for receipt in receipts],
        [member.outcome for member in members],
        *sweep.simulated_floors(),
        [at.member + 1 for at in sweep.placed],
        [number[draft.stream] for draft in drafts],
        [at.versions_on for at in sweep.placed],
        [draft.name for draft in drafts],
        [draft.schema_version for draft in drafts],
        [draft.alliance for draft in drafts],
        [draft.event_id for draft in drafts],
        [draft.fact for draft in drafts],
        [draft.meta for draft in drafts],
        [draft.sealed for draft in drafts],
    )
    sizes = len(streams), len(members), len(drafts)
    if 1 + sum(map(len, columns)) <= SCALARS_MAX:
        statement, values = _append_statement(*sizes), [value for column in columns for value in column]
    else:
        statement, values = _append_statement(), list(columns)
    ((before,),) = cursor.execute(statement, [stamp, *values], prepare=True).fetchall()
    return before  # type: ignore[no-any-return]


@cache
def _append_statement(streams: int | None = None, members: int | None = None, events: int | None = None) -> str:
    """Return the call of the append function: of so many values one by one, or of one array for each column."""
    columns = [(kind, streams) for kind in _STREAM_COLUMNS]
    columns += [(kind, members) for kind in _MEMBER_COLUMNS]
    columns += [(kind, events) for kind in _EVENT_COLUMNS]
    arrays = [f"%b::{kind}" if size is None else f"ARRAY[{', '.join(['%b'] * size)}]::{kind}" for kind, size in columns]
    arrays.insert(5, str(DIGEST_VERSION))
    return f"SELECT {SCHEMA}.append(%b::bigint, {', '.join(arrays)})"


def append_in_bulk(cursor: psycopg.Cursor[TupleRow], sweep: Plan) -> int | None:
    """Write a plan by COPY inside the open transaction; return the head before it, or None where a stream has moved.

    The messages go first: where one is known already the first row of them fails. Raise SweepFailed then.
    """
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (APPEND_LOCK,))
    ((head, last, stamp),) = cursor.execute(_LOOK, prepare=True).fetchall()
    streams = sweep.streams()
    versions: dict[str, int] = dict(cursor.execute(VERSIONS, (streams,), prepare=True).fetchall())
    if any(versions[stream] != expected for stream, expected in sweep.expected.items()):
        return None
    stamps = sweep.stamps(last, stamp)
    try:
        copy_rows(cursor, "messages", MESSAGE_COLUMNS, sweep.messages(head))
    except psycopg.errors.UniqueViolation as known:
        raise SweepFailed from known
    copy_rows(cursor, "events", COLUMNS, sweep.rows(head, versions, stamps))
    moved = f"UPDATE {SCHEMA}.log SET head = head + %s, recorded_at = %s RETURNING pg_notify('{CHANNEL}', '')"
    cursor.execute(moved, (len(sweep.placed), stamps[-1]))
    return int(head)


def copy_rows(cursor: psycopg.Cursor[Any], table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write many rows the fastest way there is."""
    with cursor.copy(f"COPY {SCHEMA}.{table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(_TYPES[table])
        for row in rows:
            copy.write_row(row)
