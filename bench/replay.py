"""Reading the log from its start, whole and validated or only what a fold needs, against SELECT and a typed parser."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from adapters.event_log import Log
from adapters.event_log.codec import aliases
from adapters.event_log.rows import COLUMNS
from bench.harness import Benchmark, Variant, Work
from bench.logs import postgres_log, sqlite_log, unburdened, wishes
from domain.events import EVENTS, Event

PAGE = 1_000

Opened = Callable[[], AbstractContextManager[Log]]


def typed_fact(event: type[Event]) -> Callable[[bytes], Any]:
    """Return the parser of every word of an event, each as its type, none of them checked further."""
    words = [
        (name, field.annotation)
        if field.is_required()
        else (
            name,
            field.annotation,
            msgspec.field(default_factory=partial(field.get_default, call_default_factory=True)),
        )
        if field.default_factory
        else (name, field.annotation, field.default)
        for name, field in event.model_fields.items()
    ]
    typed = msgspec.defstruct(event.__name__, words, rename=aliases(event), kw_only=True, frozen=True)
    return msgspec.json.Decoder(typed).decode


class TypedActor(msgspec.Struct, frozen=True):
    person: str | None = None
    party: str | None = None
    role: str | None = None
    via: str | None = None


class TypedEvidence(msgspec.Struct, frozen=True):
    document: str
    sha256: str | None = None
    clause: str | None = None


class TypedFinding(msgspec.Struct, frozen=True):
    rule: str
    clause: str | None = None
    because_of: tuple[str, ...] = ()


class TypedMeta(msgspec.Struct, frozen=True):
    """Every word of an envelope, each as its type."""

    effective_at: int
    precision: str
    zone: str
    source_recorded_at: int | None = None
    actor: TypedActor | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    evidence: tuple[TypedEvidence, ...] = ()
    charter_version: str | None = None
    clause: str | None = None
    findings: tuple[TypedFinding, ...] = ()


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
    facts, meta = {name: typed_fact(EVENTS[name]) for name in READS}, msgspec.json.Decoder(TypedMeta).decode

    def read(after: int) -> list[Any]:
        return [(row, facts[row[3]](row[10]), meta(row[11])) for row in select(statement, (after,))]

    return read


def _validated(log: Log) -> Callable[[int], list[Any]]:
    return lambda after: log.read(after=after, limit=PAGE)


def _lean(log: Log) -> Callable[[int], list[Any]]:
    decode = log.codec.lean(READS)
    return lambda after: [decode(row) for row in log.glimpses(after, PAGE)]
