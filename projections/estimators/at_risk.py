"""Who is at risk when: spans of follow-up counted into one table that every curve is built from."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, repeat
from operator import add, sub
from typing import NamedTuple, TypeVar

EXACT_DECISIONS_MAX = 10_000
"""Up to this many, curves are exact fractions; above, integer counts with floats multiplied in order of time."""

Ratio = Fraction | float


class Span(NamedTuple):
    """One follow-up in integer seconds since its clock began, at risk in `entry < t <= exit`.

    An entry of None or 0 means "from before 0", so that an ending at 0 is kept.
    """

    entry: int | None
    exit: int
    ended: bool


Counted = TypeVar("Counted", bound=Hashable)


def counted(spans: Iterable[Counted] | Mapping[Counted, int]) -> Iterator[tuple[Counted, int]]:
    """Yield each span with its count: a multiset (what shards merge) and a plain sequence read alike."""
    if isinstance(spans, Mapping):
        yield from spans.items()
    else:
        for span in spans:
            yield span, 1


@dataclass(frozen=True)
class RiskTable:
    """Columns over the distinct exits, in order: how many were at risk, how many ended, how many were censored."""

    at: tuple[int, ...]
    at_risk: tuple[int, ...]
    ended: tuple[int, ...]
    censored: tuple[int, ...]
    started: int
    entries: tuple[tuple[int, int], ...]

    @property
    def n(self) -> int:
        return self.started + self.entered_late

    @cached_property
    def entered_late(self) -> int:
        return sum(count for _, count in self.entries)

    @cached_property
    def observed(self) -> int:
        return sum(self.ended)

    @cached_property
    def last_exit(self) -> int | None:
        return self.at[-1] if self.at else None

    @property
    def exact(self) -> bool:
        return self.n <= EXACT_DECISIONS_MAX

    def at_risk_at(self, t: int) -> int:
        """Count those with entry < t <= exit."""
        entered = bisect_left(self._entry_times, t)
        exited = bisect_left(self.at, t)
        return self.started + self._entered_until[entered] - self._exited_until[exited]

    @cached_property
    def _entry_times(self) -> tuple[int, ...]:
        return tuple(at for at, _ in self.entries)

    @cached_property
    def _entered_until(self) -> tuple[int, ...]:
        return tuple(accumulate((count for _, count in self.entries), initial=0))

    @cached_property
    def _exited_until(self) -> tuple[int, ...]:
        return tuple(accumulate(map(int.__add__, self.ended, self.censored), initial=0))


def risk_table(spans: Iterable[Span] | Mapping[Span, int]) -> RiskTable:
    """Count spans, or a multiset of them, into a table.

    A late entry that exits at once was never at risk, and is left out. Any order and any split into shards that are
    added up gives the same table.
    """
    if isinstance(spans, Mapping):
        return _weighted(spans)
    present = [span for span in spans if not span[0] or span[0] < span[1]]
    entries = in_order([entry for entry, _, _ in present if entry])
    return tabulate(
        len(present) - sum(entries.values()),
        entries,
        in_order([left_at for _, left_at, has_ended in present if has_ended]),
        in_order([left_at for _, left_at, has_ended in present if not has_ended]),
    )


def in_order(times: list[int]) -> Counter[int]:
    """Count times, in their order: sorted first, counting and whoever reads the counts run through memory once."""
    times.sort()
    return Counter(times)


def _weighted(spans: Mapping[Span, int]) -> RiskTable:
    started = 0
    entries: Counter[int] = Counter()
    ended: Counter[int] = Counter()
    censored: Counter[int] = Counter()
    for (entry, left_at, has_ended), count in spans.items():
        if not entry:
            started += count
        elif entry < left_at:
            entries[entry] += count
        else:
            continue
        (ended if has_ended else censored)[left_at] += count
    return tabulate(started, entries, ended, censored)


def tabulate(
    started: int, entries: Mapping[int, int], ended: Mapping[int, int], censored: Mapping[int, int]
) -> RiskTable:
    """Put counts by time into the table; endings precede censorings at the same time."""
    times = list(dict.fromkeys(sorted([*ended, *censored])))
    ended_at = list(map(ended.get, times, repeat(0)))
    censored_at = list(map(censored.get, times, repeat(0)))
    left = accumulate(map(add, ended_at, censored_at), initial=0)
    late = sorted(entries.items())
    present: Iterable[int] = repeat(started, len(times))
    if late:
        entered = list(accumulate((count for _, count in late), initial=started))
        present = map(entered.__getitem__, map(bisect_left, repeat([at for at, _ in late]), times))
    return RiskTable(
        at=tuple(times),
        at_risk=tuple(map(sub, present, left)),
        ended=tuple(ended_at),
        censored=tuple(censored_at),
        started=started,
        entries=tuple(late),
    )
