"""A read model that forgets nothing of what it saw, in any order, and that some events poison."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from domain.recorded import Recorded
from projections.projection import Key

POISON = "poison"
UNKEYED = "unkeyed"


@dataclass(frozen=True)
class Told:
    decision: str
    body: str | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Tally:
    """What happened to a decision, and to an alliance: each event as it was seen."""

    seen: tuple[str, ...] = ()
    findings: int = 0
    bodies: Mapping[str, int] = field(default_factory=dict)


class Tallies:
    """One row per decision, and one per alliance. A withdrawn decision has none."""

    NAME = "tallies"
    VERSION = 1
    Row = Tally
    READS: Mapping[str, type[Any]] = MappingProxyType(
        dict.fromkeys(("decision-raised", "decision-escalated", "decision-made", "decision-withdrawn"), Told)
    )

    def keys(self, event: Recorded[Told]) -> tuple[Key, ...]:
        if event.fact.outcome == UNKEYED:
            raise LookupError("no key")
        return (event.meta.alliance,), (event.meta.alliance, event.fact.decision)

    def evolve(self, row: Tally | None, event: Recorded[Told]) -> Tally | None:
        if event.fact.outcome == POISON:
            raise KeyError(POISON)
        if event.name == "decision-withdrawn":
            return None
        was = row or Tally()
        body = event.fact.body or "none"
        seen = f"{event.name} {event.fact.decision} {event.version} {event.position} {event.at} {event.recorded_at}"
        return replace(
            was,
            seen=(*was.seen, seen),
            findings=was.findings + len(event.meta.findings),
            bodies={**was.bodies, body: was.bodies.get(body, 0) + 1},
        )


class LaterTallies(Tallies):
    """The next version, which counts bodies no longer."""

    VERSION = 2

    def evolve(self, row: Tally | None, event: Recorded[Told]) -> Tally | None:
        after = super().evolve(row, event)
        return after and replace(after, bodies={})


class ForgivingTallies(Tallies):
    """The same version, once its fault has been found: it folds what poisoned it."""

    def keys(self, event: Recorded[Told]) -> tuple[Key, ...]:
        return super().keys(replace(event, fact=replace(event.fact, outcome=None)))

    def evolve(self, row: Tally | None, event: Recorded[Told]) -> Tally | None:
        return super().evolve(row, replace(event, fact=replace(event.fact, outcome=None)))
