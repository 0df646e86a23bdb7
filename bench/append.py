"""Appending: one event a commit, a thousand a commit, and 32 callers at once, against what the database can do at best.

The floors write the same tables, indexes and bytes, made beforehand; our own side makes the bytes while the clock runs,
and checks messages and versions.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psycopg
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from adapters.event_log import Log
from adapters.event_log.sqlite import Synchronous
from bench.harness import Benchmark, Latency, Variant, Work
from bench.logs import (
    EVENT_TYPES,
    MESSAGE_TYPES,
    POSTGRES_EVENTS,
    POSTGRES_MESSAGES,
    POSTGRES_ONE,
    SQLITE_EVENT,
    SQLITE_MESSAGE,
    Prepared,
    postgres_floor,
    postgres_log,
    postgres_url,
    sqlite_floor,
    sqlite_log,
    unburdened,
    wishes,
)
from domain.ports import Append

CALLERS = 32
PAGE = 1_000

Opened = Callable[[], AbstractContextManager[Log]]


def benchmarks(*, small: bool) -> list[Benchmark | Latency]:
    single, many, rounds = (20, 2 * PAGE, 2) if small else (1_000, 20 * PAGE, 7)
    return [
        Benchmark("append 1 per commit, SQLite FULL", _singly_sqlite(single, "FULL", 0.85), rounds),
        Benchmark("append 1 per commit, SQLite NORMAL", _singly_sqlite(single * 3, "NORMAL", 0.65), rounds),
        Benchmark(
            "append 1 per commit, PostgreSQL",
            [
                Variant("prepared INSERT, committed", lambda: _postgres_rows(single)),
                Variant("the log", lambda: _singly(postgres_log, single), 0.75),
            ],
            rounds,
        ),
        Benchmark(
            "append 1,000 per commit, SQLite FULL",
            [
                Variant("executemany", lambda: _sqlite_pages(many)),
                Variant("the log", lambda: _in_pages(sqlite_log, many), 0.6),
            ],
            rounds,
        ),
        Benchmark(
            "append 1,000 per commit, PostgreSQL",
            [
                Variant("COPY BINARY", lambda: _postgres_pages(many)),
                Variant("the log", lambda: _in_pages(postgres_log, many), 0.6),
            ],
            rounds,
        ),
        Benchmark(
            f"{CALLERS} concurrent callers, PostgreSQL",
            [
                Variant("the library's own insert", lambda: _library_callers(single)),
                Variant("the log", lambda: _callers(postgres_log, single * 3), 12.0),
            ],
            2 if small else 5,
        ),
        Latency("one caller, PostgreSQL", lambda: _waits(1, single)),
        Latency(
            f"{CALLERS} callers, PostgreSQL: p99 at most ten times the p50 of one", lambda: _waits(CALLERS, single)
        ),
    ]


def _singly_sqlite(count: int, synchronous: Synchronous, ratio_min: float) -> Sequence[Variant]:
    return [
        Variant("BEGIN, INSERT, COMMIT", lambda: _sqlite_rows(count, synchronous)),
        Variant("the log", lambda: _singly(lambda: sqlite_log(synchronous), count), ratio_min),
    ]


@contextmanager
def _singly(opened: Opened, count: int) -> Iterator[Work]:
    first, *appends = wishes(count + 1)
    with opened() as log, unburdened():
        log.append(first)  # which connects

        def work() -> int:
            for append in appends:
                log.append(append)
            return count

        yield work


@contextmanager
def _in_pages(opened: Opened, count: int) -> Iterator[Work]:
    first, *appends = wishes(count + 1)
    with opened() as log, unburdened():
        log.append(first)

        def work() -> int:
            for start in range(0, count, PAGE):
                log.append_all(appends[start : start + PAGE])
            return count

        yield work


@contextmanager
def _sqlite_rows(count: int, synchronous: Synchronous) -> Iterator[Work]:
    rows = Prepared(wishes(count))
    with sqlite_floor(synchronous) as connection, unburdened():

        def work() -> int:
            execute = connection.execute
            for event, message in zip(rows.events, rows.messages, strict=True):
                execute("BEGIN IMMEDIATE")
                execute(SQLITE_EVENT, event)
                execute(SQLITE_MESSAGE, message)
                execute("UPDATE log SET head = ?, recorded_at = ?", (event[0], event[0]))
                execute("COMMIT")
            return count

        yield work


@contextmanager
def _sqlite_pages(count: int) -> Iterator[Work]:
    rows = Prepared(wishes(count))
    with sqlite_floor() as connection, unburdened():

        def work() -> int:
            for start in range(0, count, PAGE):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(SQLITE_EVENT, rows.events[start : start + PAGE])
                connection.executemany(SQLITE_MESSAGE, rows.messages[start : start + PAGE])
                connection.execute("UPDATE log SET head = head + ?", (PAGE,))
                connection.execute("COMMIT")
            return count

        yield work


@contextmanager
def _postgres_rows(count: int) -> Iterator[Work]:
    rows = Prepared(wishes(count))
    with postgres_floor() as connection, connection.cursor() as cursor, unburdened():

        def work() -> int:
            for event, message in zip(rows.events, rows.messages, strict=True):
                cursor.execute(POSTGRES_ONE, (*event, *message), prepare=True)
            return count

        yield work


@contextmanager
def _postgres_pages(count: int) -> Iterator[Work]:
    rows = Prepared(wishes(count))
    with postgres_floor() as connection, connection.cursor() as cursor, unburdened():

        def work() -> int:
            for start in range(0, count, PAGE):
                with connection.transaction():
                    _copy(cursor, POSTGRES_EVENTS, EVENT_TYPES, rows.events[start : start + PAGE])
                    _copy(cursor, POSTGRES_MESSAGES, MESSAGE_TYPES, rows.messages[start : start + PAGE])
                    cursor.execute("UPDATE cynosure_log.log SET head = head + %s", (PAGE,))
            return count

        yield work


def _copy(cursor: psycopg.Cursor[Any], statement: str, types: list[str], rows: Sequence[Sequence[Any]]) -> None:
    with cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


@contextmanager
def _callers(opened: Opened, count: int) -> Iterator[Work]:
    first, *appends = wishes(count + 1)
    with opened() as log:
        log.append(first)
        yield lambda: _at_once(log.append, appends)


@contextmanager
def _library_callers(count: int) -> Iterator[Work]:
    """Give the library's recorder over a table of its own, with states of the size of our facts and envelopes."""
    rows = Prepared(wishes(count)).events
    events = [StoredEvent(row[6], 1, row[3], row[10] + row[11]) for row in rows]
    with postgres_url() as url:
        named = psycopg.conninfo.conninfo_to_dict(url)
        store = PostgresDatastore(
            str(named["dbname"]),
            str(named["host"]),
            str(named["port"]),
            str(named["user"]),
            "",
            pool_size=CALLERS,
            originator_id_type="text",
        )
        recorder = PostgresApplicationRecorder(store)
        recorder.create_table()
        try:
            yield lambda: _at_once(lambda event: recorder.insert_events([event]), events)
        finally:
            store.close()


def _at_once(call: Callable[[Any], Any], items: Sequence[Any]) -> int:
    threads = [
        threading.Thread(target=lambda mine: [call(item) for item in mine], args=(items[number::CALLERS],))
        for number in range(CALLERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(items)


def _waits(callers: int, count: int) -> list[float]:
    appends = wishes(count)
    seconds: list[float] = []
    with postgres_log() as log:

        def call(mine: Sequence[Append]) -> None:
            for append in mine:
                start = time.perf_counter()
                log.append(append)
                seconds.append(time.perf_counter() - start)

        threads = [threading.Thread(target=call, args=(appends[number::callers],)) for number in range(callers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return seconds
