"""Following the log: pages into rows, a rebuild in one process and in two, and how soon a commit is visible."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from typing import Any

import msgspec

from adapters.event_log import open_log
from adapters.follower import Follower
from adapters.follower.rebuild import rebuild
from adapters.read_store.canonical import key_text
from adapters.read_store.discarding import discard
from adapters.read_store.opening import connect, open_rows
from bench.following.databases import postgres, settle, sqlite
from bench.following.turns import PAGE, Turns, fill
from bench.following.waiting import waits
from bench.harness import Benchmark, Variant, Waits, Work

EVENTS, EVENTS_SMALL = 50_000, 2_000
REBUILT, REBUILT_SMALL = 400_000, 2_000
PEER, PEER_SMALL = 1_000, 40
SAMPLES, SAMPLES_SMALL = 2_000, 20
LAG_OVER_APPEND_MAX = {"SQLite": 2.5, "PostgreSQL": 1.5}


def benchmarks(*, small: bool) -> Iterator[Benchmark | Waits]:
    for name, database in (("SQLite", sqlite), ("PostgreSQL", postgres)):
        with database() as url:
            with open_log(url) as log:
                fill(log, EVENTS_SMALL if small else EVENTS)
            settle(url)
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
            settle(url)
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
        samples = SAMPLES_SMALL if small else SAMPLES
        yield from waits(name, database, samples=samples, lag_over_append_max=LAG_OVER_APPEND_MAX[name])


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
