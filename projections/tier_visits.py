"""The way up and down the ladder: one visit of a tier after another, and how each was left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.events.decision import ENDED_WHEN_FIRST_SEEN, ENDINGS
from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "tier_visits"
VERSION = 2

DEPARTURES = {"decision-escalated": "escalated", "decision-returned": "returned"}
UNKNOWN_TIER = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """What is read of an event that moves or ends a decision."""

    decision: str | None = None
    body: str | None = None
    tier: str | None = None
    rank: int | None = None
    status: str | None = None
    since: int | None = None
    outside: bool = False
    appeal: str | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """From `start` to `end` (whole seconds, None while it lasts) a decision was at a tier.

    `departure` is decided, escalated, returned, other, or None while it lasts.
    """

    cycle: int
    tier: str
    rank: int | None
    start: int
    end: int | None
    departure: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """At an instant (whole seconds) a decision was escalated or returned."""

    cycle: int
    at: int
    how: str


@dataclass(frozen=True, slots=True)
class Row:
    """A decision's visits and steps, in order. What comes back to the tier that returned it visits that anew.

    `last_at` is the latest instant so far: what lies before it takes no time.
    """

    alliance: str
    decision: str
    cycle: int
    ended_at: int | None
    last_at: int
    visits: tuple[Visit, ...] = ()
    steps: tuple[Step, ...] = ()


READS: Mapping[str, type[Any]] = dict.fromkeys(
    (
        "decision-raised",
        "decision-inherited",
        "decision-reopened",
        "decision-escalated",
        "decision-returned",
        "decision-transferred",
        "information-requested",
        "information-provided",
        "attributes-stated",
        "decision-orphaned",
        "clock-paused",
        "clock-resumed",
        *ENDINGS,
    ),
    Told,
)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the decision."""
    return ((event.meta.alliance, event.fact.decision),) if event.fact.decision else ()


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the visits after the event."""
    fact = event.fact
    if event.name in {"decision-raised", "decision-inherited"}:
        ended = fact.status in ENDED_WHEN_FIRST_SEEN
        row = Row(event.meta.alliance, fact.decision or "", 1, event.at if ended else None, event.at)
        return row if ended else _entered(row, fact, event.at if fact.since is None else fact.since)
    if row is None:
        return None
    if event.name == "decision-reopened":
        return _entered(replace(row, cycle=row.cycle + 1, ended_at=None, last_at=event.at), fact, event.at)
    if row.ended_at is not None:
        return _ended_earlier(row, event)
    if event.name in ENDINGS or fact.outside:
        return _ended(row, event)
    return _moved(replace(row, last_at=max(event.at, row.last_at)), event)


def _entered(row: Row, fact: Told, at: int) -> Row:
    last = row.visits[-1] if row.visits else None
    tier = fact.tier or fact.body or (last.tier if last else UNKNOWN_TIER)
    rank = fact.rank if fact.rank is not None or last is None or last.tier != tier else last.rank
    return replace(row, visits=(*row.visits, Visit(row.cycle, tier, rank, at, None, None)))


def _moved(row: Row, event: Recorded[Told]) -> Row:
    visit = row.visits[-1]
    fact = event.fact
    step = DEPARTURES.get(event.name) if fact.appeal is None else None
    if step is not None:
        row = replace(row, steps=(*row.steps, Step(row.cycle, row.last_at, step)))
        return _entered(_left(row, row.last_at, step), fact, max(row.last_at, visit.start))
    if fact.tier is None or fact.tier == visit.tier:
        return row
    if visit.tier == UNKNOWN_TIER:
        return replace(row, visits=(*row.visits[:-1], replace(visit, tier=fact.tier, rank=fact.rank)))
    return _entered(_left(row, row.last_at, "other"), fact, max(row.last_at, visit.start))


def _left(row: Row, at: int, departure: str) -> Row:
    visit = row.visits[-1]
    return replace(row, visits=(*row.visits[:-1], replace(visit, end=max(at, visit.start), departure=departure)))


def _ended(row: Row, event: Recorded[Told]) -> Row:
    """End the visit; what a lower tier settles after an escalation counts as decided there."""
    first = next(visit.start for visit in row.visits if visit.cycle == row.cycle)
    end = max(event.at, first)
    kept = tuple(visit for visit in row.visits if visit.cycle != row.cycle or visit.start <= end)
    taken = tuple(step for step in row.steps if step.cycle != row.cycle or step.at <= end)
    row = replace(row, visits=kept, steps=taken, ended_at=end)
    if event.name != "decision-made":
        return _left(row, end, "other")
    elsewhere = next((v for v in row.visits if v.cycle == row.cycle and v.tier == event.fact.body), None)
    if elsewhere is None or elsewhere.tier == row.visits[-1].tier:
        return _left(row, end, "decided")
    settled = Visit(row.cycle, elsewhere.tier, elsewhere.rank, end, end, "decided")
    left = _left(row, end, "other")
    return replace(left, visits=(*left.visits, settled))


def _ended_earlier(row: Row, event: Recorded[Told]) -> Row:
    taken_back = event.name in {"decision-made", "status-quo-imposed", "decision-withdrawn"}
    if not taken_back or not row.visits or event.at >= (row.ended_at or 0):
        return row
    return _ended(row, event)
