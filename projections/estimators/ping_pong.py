"""Ping-pong: how often a question goes back to whoever had it before."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise


@dataclass(frozen=True)
class PingPong:
    """Hand-overs along a path of holders, and how many of them went straight back."""

    handovers: int
    bounces: int

    @property
    def chances(self) -> int:
        """Return how many hand-overs could have gone straight back: all but the first."""
        return max(0, self.handovers - 1)

    @property
    def bounce_ratio(self) -> Fraction:
        """Bounces over the hand-overs that could have been one."""
        return pooled_bounce_ratio([self])


def pooled_bounce_ratio(paths: Sequence[PingPong]) -> Fraction:
    """Return the bounces of all paths over their hand-overs that could have been one: the first of a path never is."""
    return Fraction(sum(path.bounces for path in paths), max(1, sum(path.chances for path in paths)))


@dataclass(frozen=True)
class Climb:
    """Steps up and down the ladder."""

    escalations: int
    returns: int


def compressed(path: Sequence[Hashable]) -> list[Hashable]:
    """Return the path without repeats of the same holder in a row."""
    return [holder for holder, _ in groupby(path)]


def ping_pong(path: Sequence[Hashable]) -> PingPong:
    """Count A, B, A along a path of holders; a tour A, B, C, A is a chain of hand-overs, no ping-pong."""
    holders = compressed(path)
    bounces = sum(holder == before for holder, before in zip(holders[2:], holders, strict=False))
    return PingPong(handovers=max(0, len(holders) - 1), bounces=bounces)


def bouncing_pairs(path: Sequence[str]) -> list[tuple[str, str]]:
    """Return, per bounce, the two between whom it went, in the order of their names."""
    holders = [str(holder) for holder in compressed(path)]
    return [
        (min(one, other), max(one, other))
        for one, other, again in zip(holders, holders[1:], holders[2:], strict=False)
        if one == again
    ]


def climb(ranks: Sequence[int]) -> Climb:
    """Count steps up and steps down along a path of tier ranks, the lowest tier the smallest."""
    steps = list(pairwise(ranks))
    return Climb(
        escalations=sum(after > before for before, after in steps),
        returns=sum(after < before for before, after in steps),
    )
