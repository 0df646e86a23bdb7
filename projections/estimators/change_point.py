"""The best single split of a series in two by least squares."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import fsum

from projections.estimators.at_risk import Ratio

SIDE_MIN = 2


@dataclass(frozen=True)
class Split:
    """Where a series splits: the index of the first value after, the level of both sides, and what it explains."""

    index: int
    mean_before: Ratio
    mean_after: Ratio
    sse: Ratio
    sse_unsplit: Ratio

    @property
    def reduction(self) -> Ratio | None:
        """The share of the squared error that the split removes; None where there was none."""
        return 1 - self.sse / self.sse_unsplit if self.sse_unsplit else None


def best_split(series: Sequence[float]) -> Split | None:
    """Find the split with the least squared error, at least two values on a side, the earliest of equals.

    Whole numbers are split exactly; floats about their mean, so that large levels lose no digits. None where the
    series is too short.
    """
    n = len(series)
    if n < 2 * SIDE_MIN:
        return None
    whole = [value for value in series if isinstance(value, int)]
    return _split([Fraction(value) for value in whole]) if len(whole) == n else _split_centred(series)


def _split_centred(series: Sequence[float]) -> Split:
    centre = fsum(series) / len(series)
    found = _split([value - centre for value in series])
    before, after = series[: found.index], series[found.index :]
    return Split(
        index=found.index,
        mean_before=fsum(before) / len(before),
        mean_after=fsum(after) / len(after),
        sse=found.sse,
        sse_unsplit=found.sse_unsplit,
    )


def _split(series: Sequence[Fraction] | Sequence[float]) -> Split:
    n = len(series)
    sums: list[Ratio] = list(accumulate(series))
    squares = sum(value * value for value in series)
    explained = [
        sums[k - 1] * sums[k - 1] / k + (sums[-1] - sums[k - 1]) ** 2 / (n - k) for k in range(SIDE_MIN, n - 1)
    ]
    best = max(range(len(explained)), key=lambda k: explained[k])
    index = best + SIDE_MIN
    return Split(
        index=index,
        mean_before=sums[index - 1] / index,
        mean_after=(sums[-1] - sums[index - 1]) / (n - index),
        sse=squares - explained[best],
        sse_unsplit=squares - sums[-1] * sums[-1] / n,
    )
