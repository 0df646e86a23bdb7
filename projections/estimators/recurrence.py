"""Mean cumulative function: how often something that can happen again has happened by a time, per decision."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from projections.estimators.at_risk import EXACT_DECISIONS_MAX, Ratio, RiskTable, Span, by_time, risk_table, tabulate


class Recurrent(NamedTuple):
    """One decision's follow-up in seconds, `entry < t <= exit`, and each time at which it happened."""

    entry: int | None
    exit: int
    times: tuple[int, ...]


@dataclass(frozen=True)
class CumulativeMean:
    """The mean number per decision after each time at which it happened."""

    n: int
    at: tuple[int, ...]
    at_risk: tuple[int, ...]
    happened: tuple[int, ...]
    mean: tuple[Ratio, ...]
    followed_until: int | None

    def mean_at(self, t: int) -> Ratio | None:
        """Return the mean number by t; None beyond the last follow-up."""
        if self.followed_until is None or t > self.followed_until:
            return None
        step = bisect_right(self.at, t)
        return self.mean[step - 1] if step else Fraction(0)


def mean_cumulative(units: Iterable[Recurrent]) -> CumulativeMean:
    """Estimate the mean cumulative function: the sum of happened / at risk.

    Source: Nelson (1988); Lawless and Nadeau (1995).
    """
    started = 0
    entries: Counter[int] = Counter()
    happened: Counter[int] = Counter()
    followed: Counter[int] = Counter()
    for entry, left_at, times in units:
        if entry and entry >= left_at:
            continue
        if entry:
            entries[entry] += 1
        else:
            started += 1
        followed[left_at] += 1
        happened.update(t for t in times if (entry or -1) < t <= left_at)
    exits = tabulate(started, by_time(entries), by_time(followed), followed)
    times_happened = sorted(happened)
    rows = [(t, exits.at_risk_at(t), happened[t]) for t in times_happened]
    return _accumulated(rows, n=exits.n, followed_until=exits.last_exit)


def nelson_aalen(spans: Iterable[Span]) -> CumulativeMean:
    """Estimate the cumulative hazard from spans; pieces (start, stop] of one decision may follow each other.

    Source: Nelson (1972); Aalen (1978).
    """
    table: RiskTable = risk_table(spans)
    rows = [row for row in zip(table.at, table.at_risk, table.ended, strict=True) if row[2]]
    return _accumulated(rows, n=table.n, followed_until=table.last_exit)


def _accumulated(rows: Sequence[tuple[int, int, int]], *, n: int, followed_until: int | None) -> CumulativeMean:
    total: Ratio = Fraction(0) if n <= EXACT_DECISIONS_MAX else 0.0
    mean: list[Ratio] = []
    for _, at_risk, count in rows:
        total += Fraction(count, at_risk) if isinstance(total, Fraction) else count / at_risk
        mean.append(total)
    return CumulativeMean(
        n=n,
        at=tuple(row[0] for row in rows),
        at_risk=tuple(row[1] for row in rows),
        happened=tuple(row[2] for row in rows),
        mean=tuple(mean),
        followed_until=followed_until,
    )
