"""Which decisions are open: since when, at which body and tier, and whose turn it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.events.decision import ENDED_WHEN_FIRST_SEEN, ENDINGS
from domain.recorded import Recorded
from domain.replacing import replace
from domain.values import Scalar
from projections.projection import Key

NAME = "open_decisions"
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
    to: Any = None
    held_by: str | None = None
    holder: str | None = None
    tier: str | None = None
    rank: int | None = None
    status: str | None = None
    since: int | None = None
    pause: str = "all"
    outside: bool = False
    party: str | None = None
    cycle: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """An open decision. `raised_at`, `since` and `paused_since` are whole seconds; `since` is when the turn began."""

    alliance: str
    decision: str
    title: str | None
    kind: str
    matter: str | None
    work_stream: str | None
    phase: str | None
    attributes: Mapping[str, Scalar]
    cycle: int
    raised_at: int
    body: str | None
    tier: str | None
    rank: int | None
    held_by: str | None
    holder: str | None
    since: int
    pauses: tuple[str, ...] = ()
    paused_since: int | None = None
    contested_by: tuple[str, ...] = ()
    escalations: int = 0
    returns: int = 0


READS: Mapping[str, type[Any]] = dict.fromkeys(
    (
        "decision-raised",
        "decision-inherited",
        "decision-reopened",
        "decision-escalated",
        "decision-returned",
        "decision-transferred",
        "decision-orphaned",
        "information-requested",
        "information-provided",
        "attributes-stated",
        "matter-classified",
        "clock-paused",
        "clock-resumed",
        "holder-contested",
        "holder-contest-ended",
        *sorted(ENDINGS),
    ),
    Told,
)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the decision, nothing for a clock of something else."""
    return ((event.meta.alliance, event.fact.decision),) if event.fact.decision else ()


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the open decision after the event, None once it has ended."""
    fact = event.fact
    match event.name:
        case "decision-raised":
            return _opened(event, cycle=1)
        case "decision-inherited":
            return None if fact.status in ENDED_WHEN_FIRST_SEEN else _opened(event, cycle=1)
        case "decision-reopened":
            return _opened(event, cycle=fact.cycle or 2)
        case _ if row is None or event.name in ENDINGS or fact.outside:
            return None
        case "decision-escalated" | "decision-returned":
            return _stepped(row, event)
        case "decision-transferred" | "information-requested" | "information-provided" | "decision-orphaned":
            return _handed_over(row, event)
        case "clock-paused" | "clock-resumed":
            return _clocked(row, event)
        case "holder-contested":
            return replace(row, contested_by=(*row.contested_by, fact.party or ""))
        case "holder-contest-ended":
            return replace(row, contested_by=tuple(p for p in row.contested_by if p != fact.party))
        case _:
            return _described(_handed_over(row, event), fact)


def _opened(event: Recorded[Told], *, cycle: int) -> Row:
    fact = event.fact
    paused = fact.status == "paused"
    return Row(
        alliance=event.meta.alliance,
        decision=fact.decision or "",
        title=fact.title,
        kind=fact.kind or "approve",
        matter=fact.matter,
        work_stream=fact.work_stream,
        phase=fact.phase,
        attributes=fact.attributes,
        cycle=cycle,
        raised_at=event.at if fact.since is None else fact.since,
        body=fact.body,
        tier=fact.tier,
        rank=fact.rank,
        held_by=fact.held_by,
        holder=fact.holder,
        since=event.at,
        pauses=("all",) if paused else (),
        paused_since=event.at if paused else None,
    )


def _stepped(row: Row, event: Recorded[Told]) -> Row:
    up = event.name == "decision-escalated"
    stepped = replace(row, escalations=row.escalations + up, returns=row.returns + (not up))
    return _handed_over(stepped, event)


def _handed_over(row: Row, event: Recorded[Told]) -> Row:
    fact = event.fact
    if event.name == "decision-orphaned":
        return replace(row, body=None, held_by="nobody", holder=None, since=max(row.since, event.at))
    to = fact.to if isinstance(fact.to, str) and event.name.startswith("decision-") else None
    tier, rank = (fact.tier, fact.rank) if fact.tier is not None else (row.tier, row.rank)
    if fact.held_by is None and fact.holder is None:
        return replace(row, body=to or row.body, tier=tier, rank=rank)
    moved = (fact.held_by, fact.holder) != (row.held_by, row.holder)
    since = max(row.since, event.at) if moved else row.since
    return replace(
        row, body=to or row.body, tier=tier, rank=rank, held_by=fact.held_by, holder=fact.holder, since=since
    )


def _clocked(row: Row, event: Recorded[Told]) -> Row:
    named = event.fact.pause
    if event.name == "clock-paused":
        first = row.paused_since if row.pauses else event.at
        return replace(row, pauses=tuple(sorted({*row.pauses, named})), paused_since=first)
    left = tuple(p for p in row.pauses if p != named)
    return replace(row, pauses=left, paused_since=row.paused_since if left else None)


def _described(row: Row, fact: Told) -> Row:
    return replace(
        row,
        matter=fact.matter or row.matter,
        work_stream=fact.work_stream or row.work_stream,
        phase=fact.phase or row.phase,
        attributes={**row.attributes, **fact.attributes},
    )
