"""Who is at risk when: spans of follow-up counted into one table that every curve is built from."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, chain, repeat
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
        place = bisect_left(self.at, t)
        if place == len(self.at):
            return 0
        entered, until_exit = (bisect_left(self._entry_times, instant) for instant in (t, self.at[place]))
        return self.at_risk[place] - (self._entered_until[until_exit] - self._entered_until[entered])

    @cached_property
    def _entry_times(self) -> tuple[int, ...]:
        return tuple(at for at, _ in self.entries)

    @cached_property
    def _entered_until(self) -> tuple[int, ...]:
        return tuple(accumulate((count for _, count in self.entries), initial=0))


def risk_table(spans: Iterable[Span] | Mapping[Span, int]) -> RiskTable:
    """Count spans, or a multiset of them, into a table.

    A late entry that exits at once was never at risk, and is left out. Any order and any split into shards that are
    added up gives the same table.
    """
    if isinstance(spans, Mapping):
        return _weighted(spans)
    present = [span for span in spans if not span[0] or span[0] < span[1]]
    entries = in_order([entry for entry, _, _ in present if entry])
    exits = in_order([left_at for _, left_at, _ in present])
    censored = in_order([left_at for _, left_at, has_ended in present if not has_ended])
    return tabulate(len(present) - sum(entries.values()), entries, exits, censored)


def in_order(times: list[int]) -> Counter[int]:
    """Count times, in their order.

    Sorted numbers lie scattered in memory. Adding 0 makes them anew, one beside the other, which is what makes all that
    later runs through them fast.
    """
    times.sort()
    return Counter(list(map(add, times, repeat(0))))


def _weighted(spans: Mapping[Span, int]) -> RiskTable:
    started = 0
    entries: Counter[int] = Counter()
    exits: Counter[int] = Counter()
    censored: Counter[int] = Counter()
    for (entry, left_at, has_ended), count in spans.items():
        if not entry:
            started += count
        elif entry < left_at:
            entries[entry] += count
        else:
            continue
        exits[left_at] += count
        if not has_ended:
            censored[left_at] += count
    return tabulate(started, by_time(entries), by_time(exits), censored)


def by_time(counts: Mapping[int, int]) -> dict[int, int]:
    """Return the same counts in the order of their times."""
    return dict(sorted(counts.items()))


def tabulate(
    started: int, entries: Mapping[int, int], exits: Mapping[int, int], censored: Mapping[int, int]
) -> RiskTable:
    """Put counts by time, in its order, into the table; endings precede censorings at the same time."""
    times = list(exits)
    left = accumulate(exits.values(), initial=0)
    censored_at = tuple(map(censored.get, times, repeat(0)))
    return RiskTable(
        at=tuple(times),
        at_risk=tuple(map(sub, _entered_before(times, started, entries), left)),
        ended=tuple(map(sub, exits.values(), censored_at)),
        censored=censored_at,
        started=started,
        entries=tuple(entries.items()),
    )


def _entered_before(times: list[int], started: int, entries: Mapping[int, int]) -> Iterator[int]:
    """Yield, per time in order, how many entered before it; after the last entry it is all of them."""
    entered = list(accumulate(entries.values(), initial=started))
    entry_times = list(entries)
    settled = bisect_right(times, entry_times[-1]) if entry_times else 0
    places = map(bisect_left, repeat(entry_times), times[:settled])
    return chain(map(entered.__getitem__, places), repeat(entered[-1], len(times) - settled))
