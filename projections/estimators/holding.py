"""Ball in court: who had it for how long, as exact shares of the open time."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

Holder = TypeVar("Holder", bound=Hashable)


class Turn(NamedTuple, Generic[Holder]):
    """One stretch in integer seconds during which a decision was with one holder."""

    holder: Holder
    start: int
    end: int


@dataclass(frozen=True)
class Holding(Generic[Holder]):
    """Seconds per holder; they add up to the total."""

    seconds: dict[Holder, int]

    @property
    def total(self) -> int:
        return sum(self.seconds.values())

    def share(self, holder: Holder) -> Fraction | None:
        """Return the holder's part of all open time; None where there was none."""
        return Fraction(self.seconds.get(holder, 0), self.total) if self.total else None

    def shares(self) -> dict[Holder, Fraction]:
        """Return every holder's part; they add up to 1."""
        total = self.total
        return {holder: Fraction(seconds, total) for holder, seconds in self.seconds.items()} if total else {}


def holding(turns: Iterable[Turn[Holder]]) -> Holding[Holder]:
    """Add up the turns of any number of decisions; a clock that goes backwards counts as zero."""
    seconds: Counter[Holder] = Counter()
    for turn in turns:
        seconds[turn.holder] += max(0, turn.end - turn.start)
    return Holding(seconds=dict(seconds))
