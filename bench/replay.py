"""Reading the log from its start, whole and validated or only what a fold needs, against SELECT and a typed parser."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from adapters.event_log import Log
from adapters.event_log.rows import COLUMNS
from bench.harness import Benchmark, Variant, Work
from bench.logs import postgres_log, sqlite_log, unburdened, wishes

PAGE = 1_000

Opened = Callable[[], AbstractContextManager[Log]]


class TypedFact(msgspec.Struct):
    """The words of the three events that are read, as the fastest typed parser reads them."""

    decision: str
    body: str | None = None
    matter: str | None = None
    kind: str | None = None
    title: str | None = None
    by: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    party: str | None = None
    person: str | None = None
    vote: str | None = None
    weight: int = 1
    attributes: dict[str, Any] = {}


class TypedMeta(msgspec.Struct):
    effective_at: int
    precision: str
    zone: str
    actor: dict[str, str] | None = None
    evidence: list[dict[str, str]] = []
    charter_version: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    decision: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    decision: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Voted:
    decision: str
    party: str


READS = {"decision-raised": Raised, "decision-escalated": Escalated, "vote-cast": Voted}


def benchmarks(*, small: bool) -> list[Benchmark]:
    count, rounds = (2 * PAGE, 2) if small else (30 * PAGE, 7)
    return [
        Benchmark(f"replay, {name}", _variants(opened, count), rounds)
        for name, opened in (("SQLite", sqlite_log), ("PostgreSQL", postgres_log))
    ]


def _variants(opened: Opened, count: int) -> Sequence[Variant]:
    return [
        Variant("SELECT and msgspec", lambda: _replaying(opened, count, _typed)),
        Variant("whole and validated", lambda: _replaying(opened, count, _validated), 0.7),
        Variant("only what a fold needs", lambda: _replaying(opened, count, _lean), 1.5),
    ]


@contextmanager
def _replaying(opened: Opened, count: int, reader: Callable[[Log], Callable[[int], list[Any]]]) -> Iterator[Work]:
    appends = wishes(count)
    with opened() as log:
        for start in range(0, count, PAGE):
            log.append_all(appends[start : start + PAGE])
        read = reader(log)
        read(0)
        with unburdened():
            yield lambda: sum(len(read(after)) for after in range(0, count, PAGE))


def _typed(log: Log) -> Callable[[int], list[Any]]:
    schema = "cynosure_log." if hasattr(log.recorder, "channel_name") else ""
    mark = "%s" if schema else "?"
    statement = f"SELECT {COLUMNS} FROM {schema}events WHERE position > {mark} ORDER BY position LIMIT {PAGE}"
    select: Callable[[str, Sequence[int]], list[Any]] = log.recorder._select  # type: ignore[attr-defined]
    fact, meta = msgspec.json.Decoder(TypedFact).decode, msgspec.json.Decoder(TypedMeta).decode

    def read(after: int) -> list[Any]:
        return [(row, fact(row[10]), meta(row[11])) for row in select(statement, (after,))]

    return read


def _validated(log: Log) -> Callable[[int], list[Any]]:
    return lambda after: log.read(after=after, limit=PAGE)


def _lean(log: Log) -> Callable[[int], list[Any]]:
    decode = log.codec.lean(READS)
    return lambda after: [decode(row) for row in log.pages(after, PAGE)]
