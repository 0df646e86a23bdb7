"""Forecast: how many decisions the coming weeks will bring, if they are like the past ones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from projections.estimators.survival import as_fraction


@dataclass(frozen=True)
class Forecast:
    """How many ways, or runs, lead to each total; the chance of a total is its ways over all."""

    ways: tuple[int, ...]

    @property
    def all_ways(self) -> int:
        return sum(self.ways)

    def chance(self, total: int) -> Fraction:
        """Return the chance of exactly this total."""
        return Fraction(self.ways[total], self.all_ways) if 0 <= total < len(self.ways) else Fraction(0)

    def at_least(self, total: int) -> Fraction:
        """Return the chance of this total or more."""
        return Fraction(sum(self.ways[max(0, total) :]), self.all_ways)

    def commitment(self, percentile: Fraction | float) -> int:
        """Return the largest total that is reached with at least this chance."""
        level = as_fraction(percentile)
        return max(total for total in range(len(self.ways)) if self.at_least(total) >= level)


def convolve(history: Sequence[int], *, weeks: int) -> Forecast | None:
    """Return the exact distribution of the sum of `weeks` draws from the weekly history; None without one."""
    if not history:
        return None
    week = Counter(history)
    ways = [1]
    for _ in range(weeks):
        longer = [0] * (len(ways) + max(week))
        for total, count in enumerate(ways):
            for brought, times in week.items():
                longer[total + brought] += count * times
        ways = longer
    return Forecast(ways=tuple(ways))


def simulate(history: Sequence[int], *, weeks: int, runs: int, seed: int) -> Forecast | None:
    """Return the distribution of `runs` drawn futures: the same seed always draws the same ones."""
    if not history or runs < 1:
        return None
    draws = Random(seed)  # noqa: S311 - a reproducible forecast, not a secret
    size = len(history)
    totals = Counter(sum(history[int(draws.random() * size)] for _ in range(weeks)) for _ in range(runs))
    return Forecast(ways=tuple(totals[total] for total in range(max(totals) + 1)))
