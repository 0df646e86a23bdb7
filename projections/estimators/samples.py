"""Plain samples: quantiles, nearest rank, responsiveness and geometric means, from multisets of integer seconds."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import ceil, expm1, floor, fsum, log1p, log2
from operator import mul

from domain.values import SECONDS_PER_DAY
from projections.estimators.at_risk import in_order
from projections.estimators.survival import as_fraction


@dataclass(frozen=True)
class Sample:
    """A multiset of whole numbers in order. Samples that are added up give the same answers as one pass."""

    values: tuple[int, ...]
    counts_until: tuple[int, ...]
    total: int

    @property
    def n(self) -> int:
        return self.counts_until[-1] if self.counts_until else 0

    def nth(self, index: int) -> int:
        """Return the value at a position, the smallest at 0."""
        return self.values[bisect_right(self.counts_until, index)]

    def quantile(self, p: Fraction | float) -> Fraction | None:
        """Return the quantile that interpolates linearly between neighbours; None of nothing."""
        if not self.n:
            return None
        place = (self.n - 1) * as_fraction(p)
        below = floor(place)
        low = self.nth(below)
        return low + (place - below) * (self.nth(min(below + 1, self.n - 1)) - low)

    def nearest_rank(self, p: Fraction | float) -> int | None:
        """Return the smallest value with at least the share p at or below it; None of nothing."""
        return self.nth(max(1, ceil(as_fraction(p) * self.n)) - 1) if self.n else None

    def mean(self) -> Fraction | None:
        """Return the mean; only of what cannot be censored."""
        if not self.n:
            return None
        return Fraction(self.total, self.n)


@dataclass(frozen=True)
class Responsiveness:
    """How fast a party answers, in seconds, by nearest rank."""

    n: int
    median: int | None
    p90: int | None


def sample(values: Iterable[int] | Mapping[int, int]) -> Sample:
    """Order whole numbers, or a multiset of them."""
    if isinstance(values, Mapping):
        counts = Counter({value: values[value] for value in sorted(values) if values[value] > 0})
    else:
        counts = in_order(list(values))
    return Sample(
        values=tuple(counts),
        counts_until=tuple(accumulate(counts.values())),
        total=sum(map(mul, counts, counts.values())),
    )


def responsiveness(answers: Iterable[int] | Mapping[int, int]) -> Responsiveness:
    """Describe a party's answering times in seconds."""
    ordered = sample(answers)
    return Responsiveness(n=ordered.n, median=ordered.nearest_rank(0.5), p90=ordered.nearest_rank(0.9))


def asymmetry(one: Responsiveness, other: Responsiveness) -> float | None:
    """Return log2 of the other's median over the one's: +1 where the other takes twice as long; None without both."""
    return log2(other.median / one.median) if one.median and other.median else None


def log_days(seconds: Iterable[int]) -> list[float]:
    """Return log1p of each duration in days."""
    return [log1p(duration / SECONDS_PER_DAY) for duration in seconds]


def geometric_mean_days(seconds: Sequence[int]) -> float | None:
    """Return the geometric mean on log1p days, which a duration of zero does not pull to nothing."""
    return expm1(fsum(log_days(seconds)) / len(seconds)) if seconds else None
