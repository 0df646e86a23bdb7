"""Loading one decision: from its stream, against SELECT and a fold in place; and by the last events of a long one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import msgspec

from adapters.event_log import Log
from adapters.event_log.rows import COLUMNS
from adapters.handling import Handler
from bench.harness import Benchmark, Variant, Work
from bench.logs import postgres_log, sqlite_log, unburdened
from bench.replay import PAGE, TypedMeta, typed_fact
from domain.decision import Decision, evolve_decision
from domain.events.decision import DecisionEscalated, DecisionRaised, DecisionReturned
from domain.ports import Append
from domain.recorded import Decided, Envelope
from domain.values import MessageKey

Opened = Callable[[], AbstractContextManager[Log]]
Load = Callable[[], Any]

LAST = 100
RAISED_WITH = ("kind", "matter", "title", "work_stream", "phase", "attributes")


def benchmarks(*, small: bool) -> list[Benchmark]:
    return [*_streams(small=small), *_books(small=small)]


def _books(*, small: bool) -> list[Benchmark]:
    """Compare a book that is caught up by the last events of a long stream with one that knows a short one."""
    long, rounds = (10 * LAST, 2) if small else (100 * LAST, 7)
    return [
        Benchmark(
            f"the last {LAST} of a stream of {long:,}, {name}",
            [
                Variant(f"a stream of {LAST}, from nothing", partial(_catching_up, opened, 0)),
                Variant("a book that knew the others", partial(_catching_up, opened, long - LAST), 0.9),
            ],
            rounds,
        )
        for name, opened in (("SQLite", sqlite_log), ("PostgreSQL", postgres_log))
    ]


@contextmanager
def _catching_up(opened: Opened, known: int) -> Iterator[Work]:
    with opened() as log:
        handler = Handler(log)
        for start in range(0, known, PAGE):
            log.append_all([_wish(number) for number in range(start, min(start + PAGE, known))])
        handler.book("a")
        log.append_all([_wish(number) for number in range(known, known + LAST)])
        log.read(after=known, limit=1)
        with unburdened():
            yield lambda: handler.book("a").versions["decision/a/D"] - known


def _streams(*, small: bool) -> list[Benchmark]:
    repeated, rounds = (2_000, 2) if small else (20_000, 7)
    return [
        Benchmark(
            f"load a stream of {length}, {name}",
            [
                Variant("SELECT, msgspec, fold in place", partial(_loading, opened, length, repeated, _in_place)),
                Variant("stream and pure evolve", partial(_loading, opened, length, repeated, _pure), least),
            ],
            rounds,
        )
        for name, opened in (("SQLite", sqlite_log), ("PostgreSQL", postgres_log))
        for length, least in ((1_000, 0.5), (10, 0.4))
    ]


@contextmanager
def _loading(opened: Opened, length: int, events: int, loader: Callable[[Log], Load]) -> Iterator[Work]:
    times = max(1, events // length)
    with opened() as log:
        log.append_all([_wish(number) for number in range(length)])
        load = loader(log)
        load()
        with unburdened():
            yield lambda: sum(load() is not None for _ in range(times)) * length


def _wish(number: int) -> Append:
    facts = (
        DecisionRaised(decision="D", body="JSC", matter="pricing"),
        DecisionEscalated(decision="D", from_="JSC", to="ESC", by="acme"),
        DecisionReturned(decision="D", from_="ESC", to="JSC"),
    )
    about = Envelope(alliance="a", effective_at=number, message=MessageKey("bench", str(number)))
    return Append(envelope=about, facts=[Decided(facts[0 if number == 0 else 1 + number % 2])])


def _pure(log: Log) -> Load:
    def load() -> Decision | None:
        decision: Decision | None = None
        for recorded in log.stream("decision/a/D"):
            decision = evolve_decision(decision, recorded)
        return decision

    return load


def _in_place(log: Log) -> Load:
    schema = "cynosure_log." if hasattr(log.recorder, "channel_name") else ""
    mark = "%s" if schema else "?"
    statement = f"SELECT {COLUMNS} FROM {schema}events WHERE stream = {mark} ORDER BY version"
    select: Callable[[str, Sequence[str]], list[Any]] = log.recorder._select  # type: ignore[attr-defined]
    facts = {event.NAME: typed_fact(event) for event in (DecisionRaised, DecisionEscalated, DecisionReturned)}
    meta = msgspec.json.Decoder(TypedMeta).decode

    def load() -> dict[str, Any]:
        state: dict[str, Any] = {}
        for row in select(statement, ("decision/a/D",)):
            words, _ = facts[row[3]](row[10]), meta(row[11])
            if row[3] == "decision-raised":
                state |= {word: getattr(words, word) for word in RAISED_WITH}
                state |= {"status": "open", "raised_by_event": row[6], "path": [words.body]}
            elif row[3] == "decision-escalated":
                state["path"].append(words.to)
            else:
                del state["path"][state["path"].index(words.to) :]
                state["path"].append(words.to)
        return state

    return load
