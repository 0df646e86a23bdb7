"""Flow: arrivals, departures and work in progress over a window [lo, hi), in whole units of time."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple


class Stay(NamedTuple):
    """One item in the flow from `opened` until `closed`, or None where it is still open; in [opened, closed)."""

    opened: int
    closed: int | None


@dataclass(frozen=True)
class Flow:
    """What went through a window. The two areas are the same number, found in two ways."""

    lo: int
    hi: int
    arrivals: int
    departures: int
    area_by_sweep: int
    area_by_dwell: int
    at_start: int
    at_end: int
    closed_time: int

    @property
    def mean_open(self) -> Fraction | None:
        """Work in progress, averaged over the window."""
        return Fraction(self.area_by_sweep, self.hi - self.lo) if self.hi > self.lo else None

    @property
    def area_per_arrival(self) -> Fraction | None:
        return Fraction(self.area_by_sweep, self.arrivals) if self.arrivals else None

    @property
    def naive_open(self) -> Fraction | None:
        """Little's law with what closed in the window: off wherever something was open at its edges."""
        return Fraction(self.closed_time, self.hi - self.lo) if self.hi > self.lo else None


def flow(stays: Sequence[Stay], *, lo: int, hi: int) -> Flow:
    """Count a window [lo, hi).

    Source: Little (1961); the sample-path identity by Stidham (1974).
    """
    return Flow(
        lo=lo,
        hi=hi,
        arrivals=sum(lo <= stay.opened < hi for stay in stays),
        departures=sum(stay.closed is not None and lo <= stay.closed < hi for stay in stays),
        area_by_sweep=_swept(stays, lo, hi),
        area_by_dwell=sum(_dwell(stay, lo, hi) for stay in stays),
        at_start=open_at(stays, lo),
        at_end=open_at(stays, hi),
        closed_time=sum(
            stay.closed - stay.opened for stay in stays if stay.closed is not None and lo <= stay.closed < hi
        ),
    )


def open_at(stays: Sequence[Stay], t: int) -> int:
    """Count what is open at an instant: opened <= t < closed."""
    return sum(stay.opened <= t and (stay.closed is None or t < stay.closed) for stay in stays)


def cumulative(stays: Sequence[Stay], t: int) -> tuple[int, int]:
    """Return how many have arrived, and how many have departed, by an instant."""
    arrived = sum(stay.opened <= t for stay in stays)
    return arrived, sum(stay.closed is not None and stay.closed <= t for stay in stays)


def open_per_unit(stays: Sequence[Stay], *, lo: int, hi: int) -> list[int]:
    """Return what is open at the start of each whole unit of a window; only for windows of few units."""
    return [open_at(stays, t) for t in range(lo, hi)]


def _swept(stays: Sequence[Stay], lo: int, hi: int) -> int:
    changes: Counter[int] = Counter()
    for stay in stays:
        changes[stay.opened] += 1
        if stay.closed is not None:
            changes[max(stay.closed, stay.opened)] -= 1
    area, present, since = 0, 0, lo
    for t in sorted(changes):
        if t >= hi:
            break
        if t > lo:
            area += present * (t - since)
            since = t
        present += changes[t]
    return area + present * max(0, hi - since)


def _dwell(stay: Stay, lo: int, hi: int) -> int:
    closed = hi if stay.closed is None else min(stay.closed, hi)
    return max(0, closed - max(stay.opened, lo))


@dataclass(frozen=True)
class Ledger:
    """Arrivals and departures in order with their running sums, so that any window is read without a pass over all."""

    arrivals: tuple[int, ...]
    departures: tuple[int, ...]
    arrived_sums: tuple[int, ...]
    departed_sums: tuple[int, ...]

    def arrived(self, t: int) -> int:
        """Count what has arrived by an instant."""
        return bisect_right(self.arrivals, t)

    def departed(self, t: int) -> int:
        """Count what has departed by an instant."""
        return bisect_right(self.departures, t)

    def open_at(self, t: int) -> int:
        """Count what is open at an instant."""
        return self.arrived(t) - self.departed(t)

    def between(self, lo: int, hi: int) -> tuple[int, int]:
        """Count arrivals and departures in [lo, hi)."""
        return (
            bisect_left(self.arrivals, hi) - bisect_left(self.arrivals, lo),
            bisect_left(self.departures, hi) - bisect_left(self.departures, lo),
        )

    def area(self, lo: int, hi: int) -> int:
        """Return the area under work in progress over [lo, hi)."""
        return self._area_until(hi) - self._area_until(lo)

    def _area_until(self, t: int) -> int:
        came, went = bisect_right(self.arrivals, t), bisect_right(self.departures, t)
        return came * t - self.arrived_sums[came] - (went * t - self.departed_sums[went])


def ledger(stays: Sequence[Stay]) -> Ledger:
    """Order arrivals and departures; a clock that goes backwards counts as zero."""
    arrivals = sorted(stay.opened for stay in stays)
    departures = sorted(max(stay.opened, stay.closed) for stay in stays if stay.closed is not None)
    return Ledger(
        arrivals=tuple(arrivals),
        departures=tuple(departures),
        arrived_sums=tuple(accumulate(arrivals, initial=0)),
        departed_sums=tuple(accumulate(departures, initial=0)),
    )
