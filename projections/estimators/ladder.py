"""The escalation ladder: what each tier decides, sends up and sends back, counted by distinct decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import Literal, NamedTuple

Departure = Literal["decided", "escalated", "returned", "other"]


class Visit(NamedTuple):
    """One stay of a decision at a tier, in seconds, and how it left; `other` covers what is still there."""

    decision: str
    tier: str
    departure: Departure
    seconds: int


@dataclass
class _Seen:
    entered: set[str] = field(default_factory=set)
    by_departure: dict[str, set[str]] = field(default_factory=dict)
    visits: int = 0
    seconds: int = 0


@dataclass(frozen=True)
class Rung:
    """A tier in numbers: distinct decisions, but for `visits` and `seconds`."""

    tier: str
    entered: int
    decided: int
    decided_first_pass: int
    escalated: int
    returned: int
    other: int
    visits: int
    seconds: int

    @property
    def containment(self) -> Fraction | None:
        """The share of those that entered which was decided here, at whichever visit."""
        return self._share(self.decided)

    @property
    def first_pass_yield(self) -> Fraction | None:
        """The share of those that entered which was decided here without ever having left."""
        return self._share(self.decided_first_pass)

    @property
    def escalation_rate(self) -> Fraction | None:
        return self._share(self.escalated)

    @property
    def return_rate(self) -> Fraction | None:
        return self._share(self.returned)

    def _share(self, count: int) -> Fraction | None:
        return Fraction(count, self.entered) if self.entered else None


def ladder(visits: Iterable[Visit], *, tiers: Sequence[str]) -> list[Rung]:
    """Count visits per tier, the tiers in the order given; a tier that nobody names is left out."""
    seen = {tier: _Seen() for tier in tiers}
    stays: dict[tuple[str, str], int] = {}
    for visit in visits:
        if visit.tier not in seen:
            continue
        tier = seen[visit.tier]
        tier.entered.add(visit.decision)
        tier.by_departure.setdefault(visit.departure, set()).add(visit.decision)
        tier.visits += 1
        tier.seconds += visit.seconds
        stays[visit.tier, visit.decision] = stays.get((visit.tier, visit.decision), 0) + 1
    return [_rung(tier, seen[tier], stays) for tier in tiers]


def rolled_throughput_yield(yields: Iterable[Fraction]) -> Fraction:
    """Return the chance of passing every gate at the first attempt: the product of their yields."""
    return prod(yields, start=Fraction(1))


def _rung(tier: str, seen: _Seen, stays: dict[tuple[str, str], int]) -> Rung:
    decided = seen.by_departure.get("decided", set())
    return Rung(
        tier=tier,
        entered=len(seen.entered),
        decided=len(decided),
        decided_first_pass=sum(stays[tier, decision] == 1 for decision in decided),
        escalated=len(seen.by_departure.get("escalated", set())),
        returned=len(seen.by_departure.get("returned", set())),
        other=len(seen.by_departure.get("other", set())),
        visits=seen.visits,
        seconds=seen.seconds,
    )
