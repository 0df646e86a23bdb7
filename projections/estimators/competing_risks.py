"""Aalen-Johansen: how decisions end, as the chance of each ending by a time."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, chain
from operator import mul, truediv
from typing import NamedTuple

from projections.estimators.at_risk import Ratio, RiskTable, Span, by_time, counted, in_order, tabulate
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
            times, chances = self._paths[ending]
            reached = bisect_right(times, t)
            return chances[reached - 1] if reached else 0.0
        return self._exactly_after(ending, steps)

    def _exactly_after(self, ending: str, steps: int) -> Fraction:
        curve, happened = self.any_ending, self.by_ending[ending]
        incidence, scale = 0, 1
        for step in reversed(range(steps)):
            at_risk = curve.at_risk[step]
            incidence = happened.get(curve.at[step], 0) * scale + (at_risk - curve.ended[step]) * incidence
            scale *= at_risk
        return Fraction(incidence, scale)

    @cached_property
    def _paths(self) -> dict[str, tuple[list[int], list[float]]]:
        return {ending: self.path(ending) for ending in self.by_ending}

    @cached_property
    def _chance_of_one(self) -> dict[int, float]:
        """What one ending at a time adds: S just before it over the number at risk."""
        curve = self.any_ending
        before = chain((1.0,), map(float, curve.survival))
        return dict(zip(curve.at, map(truediv, before, curve.at_risk), strict=True))

    def path(self, ending: str) -> tuple[list[int], list[float]]:
        """Return the times of one ending and its incidence after each, as floats summed in the order of time."""
        happened = self.by_ending[ending]
        times = list(happened)
        added = map(mul, happened.values(), map(self._chance_of_one.__getitem__, times))
        return times, list(accumulate(added))


def aalen_johansen(spans: Iterable[EndingSpan] | Mapping[EndingSpan, int]) -> Incidence:
    """Estimate the cumulative incidence of each ending from spans, with delayed entry.

    Source: Aalen and Johansen (1978).
    """
    if isinstance(spans, Mapping):
        return _weighted(spans)
    present = [span for span in spans if not span[0] or span[0] < span[1]]
    entries = in_order([entry for entry, _, _ in present if entry])
    leaving: dict[str | None, list[int]] = defaultdict(list)
    for _, left_at, ending in present:
        leaving[ending].append(left_at)
    by_way = {ending: in_order(times) for ending, times in leaving.items()}
    exits = Counter(sorted(chain.from_iterable(times.elements() for times in by_way.values())))
    return _incidence(len(present) - sum(entries.values()), entries, exits, by_way)


def _weighted(spans: Mapping[EndingSpan, int]) -> Incidence:
    started = 0
    entries, exits = Counter[int](), Counter[int]()
    by_way: dict[str | None, Counter[int]] = defaultdict(Counter)
    for (entry, left_at, ending), count in sorted(spans.items(), key=lambda pair: pair[0].exit):
        if entry and entry >= left_at:
            continue
        if entry:
            entries[entry] += count
        else:
            started += count
        exits[left_at] += count
        by_way[ending][left_at] += count
    return _incidence(started, by_time(entries), exits, by_way)


def _incidence(
    started: int, entries: Mapping[int, int], exits: Mapping[int, int], by_way: Mapping[str | None, Mapping[int, int]]
) -> Incidence:
    table = tabulate(started, entries, exits, by_way.get(None, {}))
    by_ending = {ending: times for ending, times in by_way.items() if ending is not None}
    return Incidence(table=table, any_ending=curve_of(table), by_ending=by_ending)


def one_minus_survival(spans: Iterable[EndingSpan] | Mapping[EndingSpan, int], ending: str) -> SurvivalCurve:
    """Return the naive curve of one ending, with the others counted as censored: shown only to be contrasted.

    1 - S of it overstates the chance: it pretends that what was withdrawn could still be decided.
    """
    alone: Counter[Span] = Counter()
    for (entry, left_at, how), count in counted(spans):
        alone[Span(entry, left_at, how == ending)] += count
    return kaplan_meier(alone)
