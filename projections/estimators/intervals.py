"""Intervals of integer seconds [start, end): their union, what is left of one without another, and their length."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Interval(NamedTuple):
    """From `start` to before `end`."""

    start: int
    end: int


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the same instants as intervals in order that neither touch nor overlap."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if merged and start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, end))
        else:
            merged.append(Interval(start, end))
    return merged


def clipped(intervals: Iterable[Interval], lo: int, hi: int) -> list[Interval]:
    """Return what lies in [lo, hi)."""
    cut = (Interval(max(start, lo), min(end, hi)) for start, end in intervals)
    return [interval for interval in cut if interval.end > interval.start]


def without(intervals: Sequence[Interval], taken: Sequence[Interval]) -> list[Interval]:
    """Return what is left of intervals, which do not overlap, where others, which do not either, are taken away."""
    left: list[Interval] = []
    for start, end in intervals:
        since = start
        for taken_from, taken_until in taken:
            if taken_until <= since or taken_from >= end:
                continue
            if taken_from > since:
                left.append(Interval(since, taken_from))
            since = max(since, taken_until)
        if since < end:
            left.append(Interval(since, end))
    return left


def length(intervals: Iterable[Interval]) -> int:
    """Return the seconds in intervals that do not overlap."""
    return sum(end - start for start, end in intervals)
