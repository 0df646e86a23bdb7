"""A question over the whole log: DuckDB over the kept Parquet files, against a fold in Python over the log."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from adapters.event_log import open_log
from adapters.scanning.keeping import keep
from adapters.scanning.scan import scanning
from bench.following.turns import fill
from bench.harness import Benchmark, Variant, Work, ready

EVENTS, EVENTS_SMALL = 1_000_000, 3_000
QUESTION = "SELECT alliance, event, outcome, count(*), min(effective_at), max(effective_at) FROM events GROUP BY ALL"
"""How often what happened in each alliance, with which outcome, first and last when."""


class _Fact(msgspec.Struct):
    outcome: str | None = None


class _Meta(msgspec.Struct):
    effective_at: int


def benchmarks(*, small: bool) -> Iterator[Benchmark]:
    events = EVENTS_SMALL if small else EVENTS
    with TemporaryDirectory(prefix="cynosure-bench-") as folder:
        path, kept = Path(folder) / "log.db", Path(folder) / "kept"
        with open_log(f"sqlite:///{path}") as log:
            fill(log, events)
            keep(log, kept)
        with scanning(kept) as (database, _):
            assert _folded(path) == _scanned(database)

        def fold() -> int:
            _folded(path)
            return events

        def scan_opening() -> int:
            with scanning(kept) as (database, _):
                _scanned(database)
            return events

        @contextmanager
        def opened() -> Iterator[Work]:
            with scanning(kept) as (database, _):
                yield lambda: (_scanned(database), events)[1]

        yield Benchmark(
            f"a question over {events:,} events",
            [
                Variant("fold in Python over the raw log", ready(fold)),
                Variant("DuckDB over the kept files", opened, ratio_min=50),
                Variant("the same, opening them first", ready(scan_opening)),
            ],
            rounds=2 if small else 5,
        )


def _folded(path: Path) -> int:
    """Answer the question by reading every row and decoding no more of it than it takes."""
    fact_of, meta_of = msgspec.json.Decoder(_Fact).decode, msgspec.json.Decoder(_Meta).decode
    number: Counter[tuple[str, str, str | None]] = Counter()
    first: dict[tuple[str, str, str | None], int] = {}
    last: dict[tuple[str, str, str | None], int] = {}
    with closing(sqlite3.connect(path)) as connection:
        for alliance, name, fact, meta in connection.execute(
            "SELECT alliance, name, fact, meta FROM events ORDER BY position"
        ):
            key, at = (alliance, name, fact_of(fact).outcome), meta_of(meta).effective_at
            number[key] += 1
            first[key] = min(at, first.get(key, at))
            last[key] = max(at, last.get(key, at))
    return hash(tuple(sorted((key[0], key[1], key[2] or "", number[key], first[key], last[key]) for key in number)))


def _scanned(database: Any) -> int:
    found = database.execute(QUESTION).fetchall()
    return hash(
        tuple(
            sorted(
                (alliance, event, outcome or "", number, int(first.timestamp()), int(last.timestamp()))
                for alliance, event, outcome, number, first, last in found
            )
        )
    )
