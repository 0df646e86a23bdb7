"""Kaplan-Meier: how long until an ending, with those still open counted as open."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, compress
from math import exp, log, sqrt
from operator import mul, sub, truediv

from projections.estimators.at_risk import Ratio, RiskTable, Span, risk_table

Z_95 = 1.959964
TIE_TOLERANCE = 1e-12
"""Above the exact size a product of floats that misses 1 - p by less has reached it."""

ROUNDING = 1e-9
"""By more than this no limit is misjudged by rounding when stretches of a curve are passed over."""


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
        steps = len(self.at)
        return self._first_below(0, level, 0, steps), self._first_below(1, level, 0, steps)

    @cached_property
    def limits(self) -> tuple[tuple[float, float] | None, ...]:
        """The log-log Greenwood interval of S after each ending; None where S is 0, where it is not defined."""
        return tuple(map(log_log_limits, self.survival, self._greenwood))

    def limits_at(self, t: int) -> tuple[float | None, float | None]:
        """Return the interval of S(t): (1, 1) before the first ending, (None, None) where S is 0."""
        step = bisect_right(self.at, t)
        if not step:
            return 1.0, 1.0
        return log_log_limits(self.survival[step - 1], self._greenwood[step - 1]) or (None, None)

    def rmst(self, tau: int) -> Ratio | None:
        """Return the mean of min(duration, tau) in seconds, the area under S up to tau; None beyond what was followed.

        Exact up to the exact size, by Horner's rule from the last step back, so that one reduction is enough.
        """
        if self._unknown_at(tau):
            return None
        steps = bisect_right(self.at, tau)
        if not self.table.exact:
            return self._area(steps, tau)
        edges = [*self.at[:steps], tau]
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
    def _greenwood(self) -> tuple[float, ...]:
        """Greenwood's sum of ended / (at risk x left) after each ending; from where none is left it says nothing."""
        left = [count or 1 for count in map(sub, self.at_risk, self.ended)]
        return tuple(accumulate(map(truediv, self.ended, map(mul, self.at_risk, left))))

    def _first_below(self, side: int, level: float, first: int, end: int) -> int | None:
        """Return the first time in a stretch of steps at which one limit is at most a level.

        Limits go up and down, so each counts; but no step of a stretch has to be looked at that cannot come so low.
        """
        if first >= end or not self._may_fall_to(side, level, first, end - 1):
            return None
        if end - first == 1:
            limits = log_log_limits(self.survival[first], self._greenwood[first])
            return self.at[first] if limits and limits[side] <= level else None
        middle = (first + end) // 2
        earlier = self._first_below(side, level, first, middle)
        return self._first_below(side, level, middle, end) if earlier is None else earlier

    def _may_fall_to(self, side: int, level: float, first: int, last: int) -> bool:
        """Say whether a limit in a stretch could be as low, were its least S met by the sum that stretches it most.

        On the scale of log(-log) a limit is log(L) +- z sqrt(sum) / L with L = -log(S); both L and the sum never fall.
        """
        highest, lowest = float(self.survival[first]), float(self.survival[last])
        if not (0 < level < 1 and 0 < lowest <= highest < 1):
            return True
        spread = (
            sqrt(self._greenwood[last]) / -log(highest) if side == 0 else -sqrt(self._greenwood[first]) / -log(lowest)
        )
        return log(-log(lowest)) + Z_95 * spread >= log(-log(level)) - ROUNDING

    @cached_property
    def _area_until(self) -> list[float]:
        """The area under S up to each ending, summed in the order of time."""
        widths = map(sub, self.at[1:], self.at)
        return list(accumulate(map(mul, map(float, self.survival), widths), initial=float(self.at[0])))

    def _area(self, steps: int, tau: int) -> float:
        if not steps:
            return float(tau)
        return self._area_until[steps - 1] + float(self.survival[steps - 1]) * (tau - self.at[steps - 1])

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
    at_risk, ended = (tuple(compress(column, table.ended)) for column in (table.at_risk, table.ended))
    product = exact_product if table.exact else float_product
    last = [t for t in (table.last_exit, followed_until) if t is not None]
    return SurvivalCurve(
        table=table,
        at=tuple(compress(table.at, table.ended)),
        at_risk=at_risk,
        ended=ended,
        survival=tuple(product(zip(at_risk, ended, strict=True))),
        readable_until=max(last, default=None),
    )


def log_log_limits(survival: Ratio, greenwood: float) -> tuple[float, float] | None:
    """Return the interval of S from Greenwood's sum; None where S is 0, to the last digit of a float."""
    estimate = float(survival)
    if not estimate:
        return None
    log_survival = log(estimate)
    spread = exp(Z_95 * sqrt(greenwood) / -log_survival)
    return exp(log_survival * spread), exp(log_survival / spread)


def exact_product(rows: Iterable[tuple[int, int]]) -> list[Ratio]:
    """Return prod(1 - ended / at risk) after each row, as fractions."""
    survival = Fraction(1)
    path: list[Ratio] = []
    for at_risk, ended in rows:
        survival *= Fraction(at_risk - ended, at_risk)
        path.append(survival)
    return path


def float_product(rows: Iterable[tuple[int, int]]) -> list[Ratio]:
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
