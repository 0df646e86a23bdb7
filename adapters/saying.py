"""Figures and instants in the words of people, and of machines."""

from fractions import Fraction

from adapters.instants import say_instant
from domain.values import SECONDS_PER_DAY


def days(seconds: float | None) -> str:
    """Return a duration in days, to a tenth; a dash where it is not known or not reached."""
    return "-" if seconds is None else f"{seconds / SECONDS_PER_DAY:,.1f}"


def day(seconds: int | None, zone: str) -> str:
    """Return the day of an instant in a zone, a dash where there is none."""
    return "-" if seconds is None else say_instant(seconds, zone=zone, precision="day")


def ratio_of(share_: Fraction | None) -> list[int] | None:
    """Return an exact share as numerator and denominator."""
    return None if share_ is None else [share_.numerator, share_.denominator]


def share(part: float, whole: float) -> str:
    """Return a part of a whole in per cent, a dash of nothing."""
    return "-" if not whole else f"{100 * part / whole:.0f} %"


def learned(recorded_at: int | None) -> str:
    """Return when something was recorded, to the minute, in UTC."""
    return "-" if recorded_at is None else say_instant(recorded_at // 1_000_000)


def turn(held_by: str | None, holder: str | None) -> str:
    """Return whose turn it is."""
    match held_by:
        case None:
            return holder or "not said"
        case "nobody":
            return "nobody"
        case _:
            return f"{holder} ({held_by})" if holder else held_by
