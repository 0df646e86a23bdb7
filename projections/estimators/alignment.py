"""Alignment: how much of the open time was work, and how much of the shared time an understanding was shared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class OpenTime:
    """Every second of open decisions, each counted once."""

    worked: int = 0
    waiting: int = 0
    rework: int = 0
    unowned: int = 0
    in_hand: int = 0

    def __add__(self, other: "OpenTime") -> "OpenTime":
        return OpenTime(
            worked=self.worked + other.worked,
            waiting=self.waiting + other.waiting,
            rework=self.rework + other.rework,
            unowned=self.unowned + other.unowned,
            in_hand=self.in_hand + other.in_hand,
        )

    @property
    def total(self) -> int:
        return self.worked + self.waiting + self.rework + self.unowned + self.in_hand

    def efficiency(self) -> tuple[Fraction, Fraction] | None:
        """Return the band of alignment efficiency: what was surely worked, and what may have been."""
        if not self.total:
            return None
        return Fraction(self.worked, self.total), Fraction(self.worked + self.in_hand, self.total)


@dataclass(frozen=True)
class Exposure:
    """Seconds during which an understanding stood, and those during which it was not aligned."""

    exposed: int = 0
    misaligned: int = 0

    def __add__(self, other: "Exposure") -> "Exposure":
        return Exposure(exposed=self.exposed + other.exposed, misaligned=self.misaligned + other.misaligned)

    @property
    def availability(self) -> Fraction | None:
        """The share of time aligned; over many understandings the ratio of the sums."""
        return Fraction(self.exposed - self.misaligned, self.exposed) if self.exposed else None


def exposure(unsettled: Sequence[int], confirmed: Mapping[str, Sequence[int]], *, until: int) -> Exposure:
    """Measure one understanding from the first instant of `unsettled` (a change, or drift) until an instant.

    It is misaligned from each of those until every party of `confirmed` has confirmed after it.
    """
    if not unsettled:
        return Exposure()
    moments = sorted(unsettled)
    misaligned = 0
    for moment, following in zip(moments, [*moments[1:], until], strict=True):
        end = min(following, until)
        confirmations = [_first_from(instants, moment, end) for instants in confirmed.values()]
        misaligned += max(0, max(confirmations, default=end) - moment)
    return Exposure(exposed=max(0, until - moments[0]), misaligned=misaligned)


def _first_from(instants: Iterable[int], moment: int, end: int) -> int:
    return min((instant for instant in instants if moment <= instant < end), default=end)
