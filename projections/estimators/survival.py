"""Kaplan-Meier: how long until an ending, with those still open counted as open."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import exp, log, sqrt

from projections.estimators.at_risk import Ratio, RiskTable, Span, risk_table

Z_95 = 1.959964
TIE_TOLERANCE = 1e-12
"""Above the exact size a product of floats that misses 1 - p by less has reached it."""


@dataclass(frozen=True)
class SurvivalCurve:
    """S(t) after each ending, with what is needed to read it honestly. Times in integer seconds."""

    table: RiskTable
    at: tuple[int, ...]
    at_risk: tuple[int, ...]
    ended: tuple[int, ...]
    survival: tuple[Ratio, ...]
    readable_until: int | None

    @property
    def n(self) -> int:
        return self.table.n

    @property
    def observed(self) -> int:
        return self.table.observed

    def survival_at(self, t: int) -> Ratio | None:
        """Return S(t), or None beyond the last exit where somebody was still open."""
        step = bisect_right(self.at, t)
        if self._unknown_at(t):
            return None
        return self.survival[step - 1] if step else Fraction(1)

    def quantile(self, p: Fraction | float) -> int | None:
        """Return the smallest t with S(t) <= 1 - p, or None where it is not reached."""
        return self.first_at_most(1 - as_fraction(p))

    def first_at_most(self, level: Ratio) -> int | None:
        """Return the smallest t with S(t) <= level, or None where it is not reached."""
        low, high = 0, len(self.at)
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self._reached(self.survival[middle], level) else (middle + 1, high)
        return self.at[low] if low < len(self.at) else None

    def quantile_interval(self, p: Fraction | float) -> tuple[int | None, int | None]:
        """Return the first t where the lower, and where the upper, log-log limit of S is <= 1 - p."""
        level = float(1 - as_fraction(p))
        return self._first_below(0, level), self._first_below(1, level)

    @cached_property
    def limits(self) -> tuple[tuple[float, float] | None, ...]:
        """The log-log Greenwood interval of S after each ending; None where S is 0, where it is not defined."""
        limits: list[tuple[float, float] | None] = []
        greenwood = 0.0
        for at_risk, ended, survival in zip(self.at_risk, self.ended, self.survival, strict=True):
            if not survival:
                limits.append(None)
                continue
            greenwood += ended / (at_risk * (at_risk - ended))
            log_survival = log(survival)
            spread = exp(Z_95 * sqrt(greenwood) / -log_survival)
            limits.append((exp(log_survival * spread), exp(log_survival / spread)))
        return tuple(limits)

    def limits_at(self, t: int) -> tuple[float | None, float | None]:
        """Return the interval of S(t): (1, 1) before the first ending, (None, None) where S is 0."""
        step = bisect_right(self.at, t)
        return (self.limits[step - 1] or (None, None)) if step else (1.0, 1.0)

    def rmst(self, tau: int) -> Ratio | None:
        """Return the mean of min(duration, tau) in seconds, the area under S up to tau; None beyond what was followed.

        Exact up to the exact size, by Horner's rule from the last step back, so that one reduction is enough.
        """
        if self._unknown_at(tau):
            return None
        steps = bisect_right(self.at, tau)
        edges = [*self.at[:steps], tau]
        if not self.table.exact:
            return self._area(edges)
        area, scale = edges[-1] - edges[-2] if steps else tau, 1
        for step in reversed(range(steps)):
            width = edges[step] - (edges[step - 1] if step else 0)
            scale *= self.at_risk[step]
            area = width * scale + (self.at_risk[step] - self.ended[step]) * area
        return Fraction(area, scale)

    def numbers_at_risk(self, times: Sequence[int]) -> list[int]:
        """Count, per time, those with entry < t <= exit."""
        return [self.table.at_risk_at(t) for t in times]

    def censor_marks(self) -> list[tuple[int, int]]:
        """Return (time, how many) wherever somebody's follow-up stopped without an ending."""
        return [(t, count) for t, count in zip(self.table.at, self.table.censored, strict=True) if count]

    @cached_property
    def _lowest_limits(self) -> tuple[list[float], list[float]]:
        """The least of each limit so far, negated, so that it never falls."""
        known = [limits or (2.0, 2.0) for limits in self.limits]
        lower, upper = (list(accumulate((-limits[side] for limits in known), max)) for side in (0, 1))
        return lower, upper

    def _first_below(self, side: int, level: float) -> int | None:
        step = bisect_left(self._lowest_limits[side], -level)
        return self.at[step] if step < len(self.at) else None

    def _area(self, edges: list[int]) -> float:
        area = float(edges[0])
        for step, survival in enumerate(self.survival[: len(edges) - 1]):
            area += float(survival) * (edges[step + 1] - edges[step])
        return area

    def _unknown_at(self, t: int) -> bool:
        if self.readable_until is None:
            return True
        return t > self.readable_until and (not self.survival or self.survival[-1] > 0)

    def _reached(self, survival: Ratio, level: Ratio) -> bool:
        if isinstance(survival, Fraction):
            return survival <= level
        return survival <= float(level) + TIE_TOLERANCE


def kaplan_meier(spans: Iterable[Span] | Mapping[Span, int], *, followed_until: int | None = None) -> SurvivalCurve:
    """Estimate S(t) = prod(1 - ended / at risk) from spans, with delayed entry.

    `followed_until` (seconds) says how far somebody was followed after an exit, as a decision is after its first
    reopening; the curve can be read up to there.

    Source: Kaplan and Meier (1958); log-log limits by Kalbfleisch and Prentice (1980).
    """
    return curve_of(risk_table(spans), followed_until=followed_until)


def curve_of(table: RiskTable, *, followed_until: int | None = None) -> SurvivalCurve:
    """Estimate S(t) from a table of counts."""
    rows = [row for row in zip(table.at, table.at_risk, table.ended, strict=True) if row[2]]
    product = exact_product if table.exact else float_product
    last = [t for t in (table.last_exit, followed_until) if t is not None]
    return SurvivalCurve(
        table=table,
        at=tuple(row[0] for row in rows),
        at_risk=tuple(row[1] for row in rows),
        ended=tuple(row[2] for row in rows),
        survival=tuple(product([(at_risk, ended) for _, at_risk, ended in rows])),
        readable_until=max(last, default=None),
    )


def exact_product(rows: Sequence[tuple[int, int]]) -> list[Ratio]:
    """Return prod(1 - ended / at risk) after each row, as fractions."""
    survival = Fraction(1)
    path: list[Ratio] = []
    for at_risk, ended in rows:
        survival *= Fraction(at_risk - ended, at_risk)
        path.append(survival)
    return path


def float_product(rows: Sequence[tuple[int, int]]) -> list[Ratio]:
    """Return the same as floats; a run without censoring or entry is one division, so it equals the exact share."""
    path: list[Ratio] = []
    settled, run_began_with, left = 1.0, 1, 1
    for at_risk, ended in rows:
        if at_risk != left:
            settled *= left / run_began_with
            run_began_with = at_risk
        left = at_risk - ended
        path.append(settled * (left / run_began_with))
    return path


def as_fraction(p: Fraction | float) -> Fraction:
    """Read 0.9 as 9/10, not as the binary number next to it."""
    return p if isinstance(p, Fraction) else Fraction(str(p))
