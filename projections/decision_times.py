"""How long decisions took: per cycle its start, entry, end and ending, and the spans each tier and holder had it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.events.decision import ENDED_WHEN_FIRST_SEEN, ENDINGS
from domain.recorded import Recorded
from domain.replacing import replace
from domain.values import Scalar
from projections.projection import Key

NAME = "decision_times"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What is read of every event about a decision."""

    decision: str | None = None
    title: str | None = None
    kind: str | None = None
    matter: str | None = None
    work_stream: str | None = None
    phase: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)
    body: str | None = None
    held_by: str | None = None
    holder: str | None = None
    tier: str | None = None
    rank: int | None = None
    status: str | None = None
    since: int | None = None
    entered_at: int | None = None
    pause: str = "all"
    outside: bool = False
    outcome: str | None = None
    appeal: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to `end` (whole seconds, None while it lasts) one holder had the decision at one tier."""

    start: int
    end: int | None
    tier: str | None
    rank: int | None
    holder: str


@dataclass(frozen=True, slots=True)
class Pause:
    """From `start` to `end` (None while it lasts) at least one pause stopped every clock of the decision."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle of a decision. All instants are whole seconds since 1970 UTC.

    `start` is None where nobody knows it (first seen already decided, or under way since an unknown day). `entry` is
    the instant from which the decision was observed, where that is later than its start. `status` is open, ended,
    transferred (out of the alliance) or inherited (first seen decided). `contradicted` counts endings that a later
    record of an earlier ending took the force from; `clamped` counts steps whose clock went backwards.
    """

    status: str
    start: int | None
    entry: int | None
    end: int | None = None
    ending: str | None = None
    spans: tuple[Span, ...] = ()
    pauses: tuple[Pause, ...] = ()
    running_pauses: tuple[str, ...] = ()
    escalations: int = 0
    returns: int = 0
    contradicted: int = 0
    clamped: int = 0
    last_at: int = 0
    seconds_by_tier: Mapping[str, int] = field(default_factory=dict)
    seconds_by_holder: Mapping[str, int] = field(default_factory=dict)
    seconds_paused: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A decision, what it is about, and its cycles; `first_at` is the instant of its first event.

    Seconds by tier and holder are those of the spans that have ended.
    """

    alliance: str
    decision: str
    title: str | None
    kind: str
    matter: str | None
    work_stream: str | None
    phase: str | None
    body: str | None
    attributes: Mapping[str, Scalar]
    first_at: int
    cycles: tuple[Cycle, ...]
    reversed_at: tuple[int, ...] = ()
    superseded_at: tuple[int, ...] = ()
    voided_at: tuple[int, ...] = ()


OUTSIDE = frozenset({"experts-selected", "mediation-started", "arbitration-started"})
READS: Mapping[str, type[Any]] = dict.fromkeys(
    (
        "decision-raised",
        "decision-inherited",
        "decision-reopened",
        "decision-escalated",
        "decision-returned",
        "decision-transferred",
        "decision-orphaned",
        "decision-reversed",
        "mediation-ended",
        *sorted(OUTSIDE),
        "information-requested",
        "information-provided",
        "attributes-stated",
        "matter-classified",
        "clock-paused",
        "clock-resumed",
        *ENDINGS,
    ),
    Told,
)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the decision, nothing for a clock of something else."""
    return ((event.meta.alliance, event.fact.decision),) if event.fact.decision else ()


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the decision's times after the event."""
    if event.name in {"decision-raised", "decision-inherited"}:
        return _first(event)
    if row is None:
        return None
    match event.name:
        case "decision-reopened":
            return _in_cycle(replace(row, cycles=(*row.cycles, _begun(event))), event)
        case "decision-reversed":
            return replace(row, reversed_at=(*row.reversed_at, event.at))
        case "attributes-stated" | "matter-classified":
            return _in_cycle(_described(row, event.fact), event)
        case _:
            return _in_cycle(_after_the_end(row, event), event)


def _first(event: Recorded[Told]) -> Row:
    fact = event.fact
    return Row(
        alliance=event.meta.alliance,
        decision=fact.decision or "",
        title=fact.title,
        kind=fact.kind or "approve",
        matter=fact.matter,
        work_stream=fact.work_stream,
        phase=fact.phase,
        body=fact.body,
        attributes=fact.attributes,
        first_at=event.at,
        cycles=(_begun(event),),
    )


def _begun(event: Recorded[Told]) -> Cycle:
    fact, at = event.fact, event.at
    if fact.status in ENDED_WHEN_FIRST_SEEN:
        return Cycle(status="inherited", start=None, entry=at, end=at, ending=fact.status, last_at=at)
    inherited = event.name == "decision-inherited"
    start = fact.since if inherited else at
    entry = fact.entered_at if fact.entered_at is not None else at
    pauses = (Pause(at, None),) if fact.status == "paused" else ()
    return Cycle(
        status="open",
        start=start,
        entry=None if start is not None and entry <= start else entry,
        spans=(Span(at if start is None else start, None, fact.tier, fact.rank, _holder(fact)),),
        pauses=pauses,
        running_pauses=("all",) if pauses else (),
        last_at=at,
    )


def _holder(fact: Told) -> str:
    if fact.held_by is None:
        return "unknown" if fact.holder is None else f"party:{fact.holder}"
    return fact.held_by if fact.holder is None else f"{fact.held_by}:{fact.holder}"


def _described(row: Row, fact: Told) -> Row:
    return replace(
        row,
        matter=fact.matter or row.matter,
        work_stream=fact.work_stream or row.work_stream,
        phase=fact.phase or row.phase,
        attributes={**row.attributes, **fact.attributes},
    )


def _after_the_end(row: Row, event: Recorded[Told]) -> Row:
    if row.cycles[-1].status == "open":
        return row
    match event.name:
        case "decision-superseded":
            return replace(row, superseded_at=(*row.superseded_at, event.at))
        case "decision-voided":
            return replace(row, voided_at=(*row.voided_at, event.at))
        case _:
            return row


def _in_cycle(row: Row, event: Recorded[Told]) -> Row:
    *earlier, cycle = row.cycles
    if cycle.status == "open":
        cycle = _moved(cycle, event)
    elif cycle.status == "ended" and event.name in {"decision-made", "status-quo-imposed", "decision-withdrawn"}:
        cycle = _ended_earlier(cycle, event)
    return replace(row, cycles=(*earlier, cycle))


def _moved(cycle: Cycle, event: Recorded[Told]) -> Cycle:
    if event.at < cycle.last_at:
        cycle = replace(cycle, clamped=cycle.clamped + 1)
    at = max(event.at, cycle.last_at)
    if event.name in ENDINGS:
        return _ended(cycle, event)
    cycle = replace(cycle, last_at=at)
    match event.name:
        case "decision-transferred" if event.fact.outside:
            return _stopped(replace(cycle, status="transferred", end=at))
        case "clock-paused" | "clock-resumed":
            return _clocked(cycle, event.name, event.fact.pause, at)
        case "decision-escalated" if event.fact.appeal is None:
            return _held(replace(cycle, escalations=cycle.escalations + 1), event, at)
        case "decision-returned":
            return _held(replace(cycle, returns=cycle.returns + 1), event, at)
        case _:
            return _held(cycle, event, at)


def _held(cycle: Cycle, event: Recorded[Told], at: int) -> Cycle:
    *done, last = cycle.spans
    fact = event.fact
    holder = _holder_after(cycle, event)
    tier, rank = (fact.tier, fact.rank) if fact.tier is not None else (last.tier, last.rank)
    if (tier, rank, holder) == (last.tier, last.rank, last.holder):
        return cycle
    spans = (*done, replace(last, end=at), Span(at, None, tier, rank, holder))
    return _summed(replace(cycle, spans=spans))


def _holder_after(cycle: Cycle, event: Recorded[Told]) -> str:
    """Say who holds it: as the event says, else nobody, somebody outside, or whoever had it."""
    fact, last = event.fact, cycle.spans[-1]
    if event.name == "decision-orphaned":
        return "nobody"
    if event.name in OUTSIDE:
        return "outside"
    if event.name == "mediation-ended":
        inside = [span.holder for span in cycle.spans if span.holder != "outside"]
        return inside[-1] if inside else last.holder
    return last.holder if fact.held_by is None and fact.holder is None else _holder(fact)


def _clocked(cycle: Cycle, name: str, pause: str, at: int) -> Cycle:
    running = set(cycle.running_pauses)
    running = running | {pause} if name == "clock-paused" else running - {pause}
    pauses = cycle.pauses
    if running and not cycle.running_pauses:
        pauses = (*pauses, Pause(at, None))
    elif cycle.running_pauses and not running:
        pauses = (*pauses[:-1], replace(pauses[-1], end=at))
    return _summed(replace(cycle, pauses=pauses, running_pauses=tuple(sorted(running))))


def _ended(cycle: Cycle, event: Recorded[Told]) -> Cycle:
    floor = cycle.start if cycle.start is not None else cycle.entry
    end = event.at if floor is None else max(event.at, floor)
    return _stopped(replace(cycle, status="ended", end=end, ending=_ending(event), last_at=max(end, cycle.last_at)))


def _ended_earlier(cycle: Cycle, event: Recorded[Told]) -> Cycle:
    if cycle.end is None or event.at >= cycle.end:
        return cycle
    contradicted = _ended(cycle, event)
    return replace(contradicted, contradicted=cycle.contradicted + 1)


def _ending(event: Recorded[Told]) -> str:
    if event.name == "decision-made":
        return event.fact.outcome or "unknown"
    return {
        "status-quo-imposed": "status_quo",
        "decision-withdrawn": "withdrawn",
        "decision-superseded": "superseded",
        "decision-voided": "voided",
    }[event.name]


def _stopped(cycle: Cycle) -> Cycle:
    end = cycle.end or 0
    spans = tuple(replace(s, end=min(end, s.end) if s.end is not None else end) for s in cycle.spans if s.start <= end)
    pauses = tuple(
        replace(p, end=min(end, p.end) if p.end is not None else end) for p in cycle.pauses if p.start <= end
    )
    return _summed(replace(cycle, spans=spans, pauses=pauses, running_pauses=()))


def _summed(cycle: Cycle) -> Cycle:
    by_tier: dict[str, int] = {}
    by_holder: dict[str, int] = {}
    for span in cycle.spans:
        if span.end is not None:
            by_tier[span.tier or "unknown"] = by_tier.get(span.tier or "unknown", 0) + span.end - span.start
            by_holder[span.holder] = by_holder.get(span.holder, 0) + span.end - span.start
    paused = sum(p.end - p.start for p in cycle.pauses if p.end is not None)
    return replace(cycle, seconds_by_tier=by_tier, seconds_by_holder=by_holder, seconds_paused=paused)
