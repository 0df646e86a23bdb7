"""Two ways to an order no reader can skip: one lock while appending, or a reader bounded by the oldest transaction.

Without the lock writers draw positions from a sequence and commit as they like; each row then carries its transaction,
and a reader takes only rows of transactions older than every one that is still open: `pg_snapshot_xmin`.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg

from adapters.event_log import Log, open_log
from bench.harness import Benchmark, Latency, Variant, Work
from bench.logs import Prepared, postgres_url, wishes

CALLERS = 32
OPEN_SECONDS = 0.2

_TABLE = """
    CREATE TABLE unordered (
        position bigserial PRIMARY KEY, transaction xid8 NOT NULL DEFAULT pg_current_xact_id(), stream text NOT NULL,
        version bigint NOT NULL, name text NOT NULL, alliance text NOT NULL, event_id text NOT NULL,
        fact bytea NOT NULL, meta bytea NOT NULL);
    CREATE UNIQUE INDEX ON unordered (stream, version);
    CREATE INDEX ON unordered (transaction, position);
    CREATE TABLE messages (source text, id text, digest bytea, last bigint, PRIMARY KEY (source, id));
    CREATE TABLE elsewhere (note text)"""
_INSERT = """
    WITH message AS (INSERT INTO messages VALUES ('bench', %b, %b, 1))
    INSERT INTO unordered (stream, version, name, alliance, event_id, fact, meta) VALUES (%b, %b, %b, %b, %b, %b, %b)"""
_TAIL = """
    SELECT transaction, position FROM unordered WHERE (transaction, position) > (%s, %s)
    AND transaction < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY transaction, position LIMIT 1000"""


def benchmarks(*, small: bool) -> list[Benchmark | Latency]:
    count, samples, rounds = (64, 2, 2) if small else (600, 30, 5)
    return [
        Benchmark(
            f"{CALLERS} callers, PostgreSQL",
            [
                Variant("no lock, a connection each", lambda: _unlocked(count)),
                Variant("the lock, a connection each", lambda: _locked(count, connections=CALLERS)),
                Variant("the lock, one connection, shared commits", lambda: _locked(count, connections=1)),
            ],
            rounds,
        ),
        Latency("the lock: append to visible, another transaction open", lambda: _visible_under_the_lock(samples)),
        Latency("oldest transaction: append to visible, another open", lambda: _visible_behind_the_oldest(samples)),
    ]


@contextmanager
def _unlocked(count: int) -> Iterator[Work]:
    rows = Prepared(wishes(count)).events
    with _unordered() as url, ExitStack() as stack:
        connections = [stack.enter_context(psycopg.connect(url, autocommit=True)) for _ in range(CALLERS)]
        yield lambda: _at_once([_inserter(connection) for connection in connections], rows)


@contextmanager
def _locked(count: int, *, connections: int) -> Iterator[Work]:
    appends = wishes(count)
    with postgres_url() as url, ExitStack() as stack:
        logs = [stack.enter_context(open_log(url)) for _ in range(connections)]
        yield lambda: _at_once([logs[number % connections].append for number in range(CALLERS)], appends)


@contextmanager
def _unordered() -> Iterator[str]:
    with postgres_url() as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_TABLE)
        yield url


def _inserter(connection: psycopg.Connection[Any]) -> Callable[[Any], Any]:
    cursor = connection.cursor(binary=True)

    def insert(row: Any) -> None:
        values = (row[9], b"0" * 32, row[6], 1, row[3], row[5], row[6], row[10], row[11])
        cursor.execute(_INSERT, values, prepare=True)

    return insert


def _at_once(calls: Sequence[Callable[[Any], Any]], items: Sequence[Any]) -> int:
    threads = [
        threading.Thread(target=lambda call, mine: [call(item) for item in mine], args=(call, items[n :: len(calls)]))
        for n, call in enumerate(calls)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(items)


@contextmanager
def _another_transaction(url: str) -> Iterator[None]:
    """Keep a transaction open that has written elsewhere, as a slow report or a migration does."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS elsewhere (note text)")
        connection.commit()
        connection.execute("INSERT INTO elsewhere VALUES ('x')")
        ending = threading.Timer(OPEN_SECONDS, connection.commit)
        ending.start()
        yield
        ending.join()


def _visible_under_the_lock(samples: int) -> list[float]:
    seconds = []
    with postgres_url() as url, open_log(url) as log:
        for append in wishes(samples):
            with _another_transaction(url):
                start = time.perf_counter()
                _wait_for(log, log.append(append).last)
                seconds.append(time.perf_counter() - start)
    return seconds


def _wait_for(log: Log, position: int) -> None:
    while not log.pages(position - 1, 1):
        time.sleep(0.001)


def _visible_behind_the_oldest(samples: int) -> list[float]:
    seconds = []
    with _unordered() as url, psycopg.connect(url, autocommit=True) as connection:
        insert = _inserter(connection)
        after: tuple[Any, int] = ("0", 0)
        for row in Prepared(wishes(samples)).events:
            with _another_transaction(url):
                start = time.perf_counter()
                insert(row)
                while not (seen := connection.execute(_TAIL, after).fetchall()):
                    time.sleep(0.001)
                seconds.append(time.perf_counter() - start)
                after = seen[-1][0], seen[-1][1]
    return seconds
