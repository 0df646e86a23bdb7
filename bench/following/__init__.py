"""Following the log: pages into rows, a rebuild in one process and in two, and how soon a commit is visible."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from adapters.event_log import open_log
from adapters.follower import Follower
from adapters.follower.rebuild import rebuild
from adapters.read_store.canonical import key_text
from adapters.read_store.discarding import discard
from adapters.read_store.opening import connect, open_rows
from adapters.reading import Fresh, Reading
from bench.following.databases import postgres, sqlite
from bench.following.turns import PAGE, Turns, append_of, fill
from bench.harness import Benchmark, Latency, Variant, Work

ROOT = Path(__file__).resolve().parents[2]
EVENTS, EVENTS_SMALL = 20_000, 2_000
REBUILT, REBUILT_SMALL = 400_000, 2_000
PEER, PEER_SMALL = 1_000, 40
SAMPLES, SAMPLES_SMALL = 400, 20
APPEND_PAUSE_SECONDS = 0.002  # 500 events a second

Databases = Callable[[], AbstractContextManager[str]]


def benchmarks(*, small: bool) -> Iterator[Benchmark | Latency]:
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        with database() as url:
            with open_log(url) as log:
                fill(log, EVENTS_SMALL if small else EVENTS)
            yield Benchmark(
                f"pages of 1,000 into rows, {name}",
                [
                    Variant("floor: SELECT, lean decode, upsert, position", _prepared(url, _floor)),
                    Variant("follower", _prepared(url, _follow), ratio_min=0.8),
                ],
                rounds=2 if small else 7,
            )
        with database() as url:
            with open_log(url) as log:
                fill(log, REBUILT_SMALL if small else REBUILT)
            yield Benchmark(
                f"rebuild, {name}",
                [
                    Variant("one process", _prepared(url, lambda to: _rebuild(to, 1))),
                    Variant("two processes", _prepared(url, lambda to: _rebuild(to, 2)), ratio_min=1.6),
                ],
                rounds=1 if small else 3,
            )
            if database is postgres:
                yield Benchmark(
                    "follow from zero, PostgreSQL",
                    [
                        Variant("the library's ProjectionRunner", partial(_peer, PEER_SMALL if small else PEER)),
                        Variant("follower", _prepared(url, _follow), ratio_min=100),
                    ],
                    rounds=1 if small else 3,
                )
        yield from _latencies(name, database, SAMPLES_SMALL if small else SAMPLES)


def _latencies(name: str, database: Databases, samples: int) -> Iterator[Latency]:
    for title, what, p99_ms_max in (
        ("one append", "append", None),
        ("commit to visible", "visible", 50.0),
        ("read your write", "read", None),
    ):
        yield Latency(f"{title}, {name}", partial(_latency, database, samples, what), p99_ms_max=p99_ms_max)


def _prepared(url: str, work: Callable[[str], int]) -> Callable[[], AbstractContextManager[Work]]:
    @contextmanager
    def prepare() -> Iterator[Work]:
        discard(url)
        yield lambda: work(url)

    return prepare


@contextmanager
def _peer(events: int) -> Iterator[Work]:
    from bench.following.peer import runner

    with postgres() as url, runner(url, events) as work:
        yield work


def _follow(url: str) -> int:
    with open_log(url) as log, closing(open_rows(url, log.identity())) as store:
        follower = Follower(log, store, [Turns()])
        follower.claim()
        return follower.catch_up()


def _rebuild(url: str, processes: int) -> int:
    return rebuild(url, Turns(), processes=processes).position


class _Fact(msgspec.Struct):
    decision: str
    body: str | None = None
    outcome: str | None = None


class _Meta(msgspec.Struct):
    effective_at: int


class _Row(msgspec.Struct):
    body: str | None
    events: int
    last_at: int
    outcome: str | None
    raised_at: int


def _floor(url: str) -> int:
    """Do by hand, in one place and with no room for anything else, what a page takes."""
    on_sqlite = url.startswith("sqlite")
    with open_log(url) as log, closing(connect(url)) as database:
        database.execute(database.BEGIN)
        database.lock_schema()
        text = database.TEXT
        database.execute(
            f"CREATE TABLE builds (projection {text}, rows_table {text})",
        )
        database.execute("INSERT INTO builds VALUES ('floor', 'floor_rows')")
        database.execute(
            f"CREATE TABLE floor_rows (key {text} PRIMARY KEY, alliance {text} NOT NULL, content {text} NOT NULL)"
            f"{database.TABLE_OPTIONS}"
        )
        database.execute("CREATE TABLE positions (position bigint)")
        database.execute("INSERT INTO positions VALUES (0)")
        database.execute("COMMIT")
        table = "events" if on_sqlite else "cynosure_log.events"
        select = (
            f"SELECT position, alliance, fact, meta FROM {table} WHERE position > {{}} ORDER BY position LIMIT {PAGE}"
        )
        with log.recorder._reader() if on_sqlite else log.recorder.datastore.get_connection() as reader:  # type: ignore[attr-defined]
            position = 0
            while page := _selected(reader, select.format(position), on_sqlite):
                position = page[-1][0]
                _fold_page(database, page)
    return position


def _selected(reader: Any, sql: str, on_sqlite: bool) -> list[Any]:  # noqa: FBT001
    if on_sqlite:
        return list(reader.execute(sql).fetchall())
    from psycopg.rows import tuple_row

    with reader.cursor(row_factory=tuple_row, binary=True) as cursor:
        return list(cursor.execute(sql).fetchall())


_fact_of = msgspec.json.Decoder(_Fact).decode
_meta_of = msgspec.json.Decoder(_Meta).decode
_row_of = msgspec.json.Decoder(_Row).decode
_encode = msgspec.json.Encoder().encode


def _fold_page(database: Any, page: list[Any]) -> None:
    told = [(alliance, _fact_of(fact), _meta_of(meta)) for _, alliance, fact, meta in page]
    keys = {(alliance, fact.decision): key_text((alliance, fact.decision)) for alliance, fact, _ in told}
    found = database.load("floor_rows", list(keys.values()))
    rows: dict[str, _Row] = {key: _row_of(row) for key, row in found.items()}
    for alliance, fact, meta in told:
        key = keys[alliance, fact.decision]
        row = rows.get(key)
        if row is None:
            rows[key] = _Row(fact.body, 1, meta.effective_at, fact.outcome, meta.effective_at)
            continue
        row.events += 1
        row.last_at = meta.effective_at
        row.body = fact.body or row.body
        row.outcome = fact.outcome or row.outcome
    database.execute(database.BEGIN)
    database.write("floor_rows", [(key, alliance, _encode(rows[key]).decode()) for (alliance, _), key in keys.items()])
    database.execute("UPDATE positions SET position = ?", (page[-1][0],))
    database.execute("COMMIT")


FOLLOW = """
import sys, threading
from contextlib import closing
from adapters.event_log import open_log
from adapters.follower import Follower
from adapters.read_store.opening import open_rows
from bench.following.turns import Turns
with open_log(sys.argv[1]) as log, closing(open_rows(sys.argv[1], log.identity())) as store:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    follower = Follower(log, store, [Turns()])
    follower.claim()
    print("following", flush=True)
    follower.run(stop)
"""


def _latency(database: Databases, samples: int, what: str) -> Sequence[float]:
    """Append one event at a time while a follower in another process follows; measure what is asked for."""
    with database() as url, open_log(url) as log, closing(open_rows(url, log.identity())) as store:
        follower = subprocess.Popen(
            [sys.executable, "-c", FOLLOW, url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert follower.stdin is not None
        assert follower.stdout is not None
        with follower:
            follower.stdout.readline()
            reading, turns, seconds = Reading(log, store), Turns(), []
            for number in range(samples + 5):
                time.sleep(APPEND_PAUSE_SECONDS)
                began = time.perf_counter()
                position = log.append(append_of(number)).last
                committed = time.perf_counter()
                if what == "read":
                    reading.wait(turns, Fresh(position))
                else:
                    while reading.position(turns) < position:
                        time.sleep(0.0001)
                seconds.append(committed - began if what == "append" else time.perf_counter() - committed)
            follower.stdin.close()
        return seconds[5:]
