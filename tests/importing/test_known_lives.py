"""Lives that are known second by second come out so: per tier, per holder, paused, escalated and returned."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.importing.judging import Judge
from adapters.importing.mapping_file import mapping_from
from adapters.importing.readers import ReadRow
from projections import decision_times
from tests.importing.given import narrowed
from tests.importing.test_agrees_with_the_domain import formed, recorded_of

MAPPING = """
source: desk
alliance: {id: orion, parties: [{id: acme, name: Acme}, {id: globex, name: Globex}]}
columns:
  decision: d
  order: n
  time: at
  tier: {column: tier, ranks: {1st: 10, 2nd: 20, 2nd/3rd: 25, 3rd: 30}, by_rank: true}
  holder: {column: holder, kinds: {acme: party, customer: outside}}
rules:
  - {then: {becomes: {column: state}}}
"""
RANKS = {"1st": 10, "2nd": 20, "2nd/3rd": 25, "3rd": 30}
KINDS = {"acme": "party", "customer": "outside"}
START = 1_700_000_000


@dataclass(frozen=True)
class Segment:
    """For some seconds a decision stood so, from its row on."""

    seconds: int
    state: str
    tier: str
    holder: str


SEGMENTS = st.builds(
    Segment,
    st.integers(0, 10_000),
    st.sampled_from(["open", "paused", "waiting"]),
    st.sampled_from(sorted(RANKS)),
    st.sampled_from(["desk", "team", "acme", "customer"]),
)


@given(st.lists(SEGMENTS, min_size=1, max_size=10), st.sampled_from(["resolved", "withdrawn", "status_quo"]))
def test_every_second_is_where_it_was(segments: list[Segment], ending: str) -> None:
    at, rows = START, []
    for segment in segments:
        rows.append((at, segment.state, segment.tier, segment.holder))
        at += segment.seconds
    rows.append((at, ending, segments[-1].tier, ""))
    cycle = cycle_of(rows)
    steps = [RANKS[b.tier] - RANKS[a.tier] for a, b in pairwise(segments)]
    assert (cycle.status, cycle.ending) == ("ended", ending)
    assert (cycle.start, cycle.end) == (START, at)
    assert no_zeros(cycle.seconds_by_tier) == summed(segments, lambda s: s.tier)
    assert no_zeros(cycle.seconds_by_holder) == summed(segments, lambda s: f"{KINDS.get(s.holder, 'body')}:{s.holder}")
    assert cycle.seconds_paused == sum(s.seconds for s in segments if s.state == "paused")
    assert (cycle.escalations, cycle.returns) == (sum(s > 0 for s in steps), sum(s < 0 for s in steps))


def cycle_of(rows: list[tuple[int, str, str, str]]) -> decision_times.Cycle:
    """Return the first cycle of a decision of these rows, judged by the mapping and by the domain."""
    judge = Judge(mapping_from(MAPPING), parties=["acme", "globex"], salt="")
    assert judge.columns == ("d", "n", "at", "holder", "tier", "state")
    written = [
        ReadRow(n, ("D1", str(n), datetime.fromtimestamp(at, UTC).isoformat(), holder, tier, state))
        for n, (at, state, tier, holder) in enumerate(rows, start=2)
    ]
    judged = judge.judge(written)
    assert judged.faults.found == []
    book = formed()
    row: Any = None
    for report in judged.reports:
        for fact in report.facts:
            for event in recorded_of(book, fact, report.at.seconds):
                row = decision_times.evolve(row, narrowed(event))
    found: decision_times.Cycle = row.cycles[0]
    return found


def no_zeros(seconds: Any) -> dict[str, int]:
    return {name: spent for name, spent in seconds.items() if spent}


def summed(segments: list[Segment], name: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for segment in segments:
        total[name(segment)] += segment.seconds
    return no_zeros(total)
