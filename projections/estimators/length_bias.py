"""Length bias: what is open at one instant is the long ones."""

from collections.abc import Sequence
from fractions import Fraction


def length_biased_mean(durations: Sequence[int]) -> Fraction | None:
    """Return the mean duration of those met at a random instant: sum d^2 / sum d; None where nothing lasts."""
    total = sum(durations)
    return Fraction(sum(duration * duration for duration in durations), total) if total else None


def share_met(durations: Sequence[int], *, lasting_at_least: int) -> Fraction | None:
    """Return the share of those met at a random instant that last at least so long."""
    total = sum(durations)
    long = sum(duration for duration in durations if duration >= lasting_at_least)
    return Fraction(long, total) if total else None
