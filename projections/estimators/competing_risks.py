"""Aalen-Johansen: how decisions end, as the chance of each ending by a time."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from projections.estimators.at_risk import Ratio, RiskTable, Span, counted, tabulate
from projections.estimators.survival import SurvivalCurve, curve_of, kaplan_meier


class EndingSpan(NamedTuple):
    """One follow-up, as `Span`, with the name of its ending, or None where it was censored."""

    entry: int | None
    exit: int
    ending: str | None


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of each ending, and S of any; at every time they sum to 1."""

    table: RiskTable
    any_ending: SurvivalCurve
    by_ending: Mapping[str, Mapping[int, int]]

    @property
    def endings(self) -> list[str]:
        return sorted(self.by_ending)

    def at(self, ending: str, t: int) -> Ratio | None:
        """Return the chance of this ending by t; None beyond the last exit where somebody was still open."""
        if self.any_ending.survival_at(t) is None:
            return None
        steps = bisect_right(self.any_ending.at, t)
        if not self.table.exact:
            return self.paths[ending][steps - 1] if steps else 0.0
        return self._exactly_after(ending, steps)

    @cached_property
    def paths(self) -> dict[str, tuple[float, ...]]:
        """The incidence of each ending after every time of `any_ending.at`, as floats, for drawing."""
        return {ending: self._path(ending) for ending in self.endings}

    def _exactly_after(self, ending: str, steps: int) -> Fraction:
        curve, by_time = self.any_ending, self.by_ending[ending]
        incidence, scale = 0, 1
        for step in reversed(range(steps)):
            at_risk = curve.at_risk[step]
            incidence = by_time.get(curve.at[step], 0) * scale + (at_risk - curve.ended[step]) * incidence
            scale *= at_risk
        return Fraction(incidence, scale)

    def _path(self, ending: str) -> tuple[float, ...]:
        curve, by_time = self.any_ending, self.by_ending[ending]
        path: list[float] = []
        incidence, before = 0.0, 1.0
        for t, at_risk, survival in zip(curve.at, curve.at_risk, curve.survival, strict=True):
            incidence += before * (by_time.get(t, 0) / at_risk)
            before = float(survival)
            path.append(incidence)
        return tuple(path)


def aalen_johansen(spans: Iterable[EndingSpan] | Mapping[EndingSpan, int]) -> Incidence:
    """Estimate the cumulative incidence of each ending from spans, with delayed entry.

    Source: Aalen and Johansen (1978).
    """
    started = 0
    entries: dict[int, int] = defaultdict(int)
    ended: dict[int, int] = defaultdict(int)
    censored: dict[int, int] = defaultdict(int)
    by_ending: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (entry, left_at, ending), count in counted(spans):
        if entry and entry >= left_at:
            continue
        if entry:
            entries[entry] += count
        else:
            started += count
        (censored if ending is None else ended)[left_at] += count
        if ending is not None:
            by_ending[ending][left_at] += count
    table = tabulate(started, entries, ended, censored)
    return Incidence(table=table, any_ending=curve_of(table), by_ending=dict(by_ending))


def one_minus_survival(spans: Iterable[EndingSpan] | Mapping[EndingSpan, int], ending: str) -> SurvivalCurve:
    """Return the naive curve of one ending, with the others counted as censored: shown only to be contrasted.

    1 - S of it overstates the chance: it pretends that what was withdrawn could still be decided.
    """
    alone: Counter[Span] = Counter()
    for (entry, left_at, how), count in counted(spans):
        alone[Span(entry, left_at, how == ending)] += count
    return kaplan_meier(alone)
