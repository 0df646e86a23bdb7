"""Reading stored facts: what validation costs over the fastest parser there is."""

import msgspec

from bench.harness import Benchmark, Variant, Work, ready
from domain.events import EVENTS

EVENTS_READ = 20_000
EVENTS_READ_SMALL = 200
STORED = (
    ("decision-raised", {"decision": "d-1", "body": "jsc", "matter": "pricing", "held_by": "body", "holder": "jsc"}),
    ("decision-escalated", {"decision": "d-1", "to": "executives"}),
    ("decision-made", {"decision": "d-1", "outcome": "approved", "method": "consensus"}),
)


def benchmarks(*, small: bool) -> list[Benchmark]:
    count = EVENTS_READ_SMALL if small else EVENTS_READ
    rows = [(name, msgspec.json.encode(fact)) for name, fact in STORED]
    stored = [rows[number % len(rows)] for number in range(count)]
    variants = [
        Variant("msgspec, unchecked", ready(_parse(stored))),
        Variant("pydantic, as stored", ready(_validate(stored))),
    ]
    return [Benchmark("read stored facts", variants, rounds=2 if small else 7)]


def _parse(stored: list[tuple[str, bytes]]) -> Work:
    def work() -> int:
        return len([msgspec.json.decode(fact) for _, fact in stored])

    return work


def _validate(stored: list[tuple[str, bytes]]) -> Work:
    def work() -> int:
        return len([EVENTS[name].model_validate_json(fact) for name, fact in stored])

    return work
