"""Working-time clocks: business days over closures, alone and jointly, hours shared by two zones, and elapsed time."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAYS_PER_WEEK = 7
WORKDAYS_PER_WEEK = 5


@dataclass(frozen=True)
class Closures:
    """The days on which a calendar does not work, besides Saturdays and Sundays."""

    days: frozenset[date] = frozenset()

    @cached_property
    def _weekdays(self) -> list[int]:
        return sorted(day.toordinal() for day in self.days if day.weekday() < WORKDAYS_PER_WEEK)

    def works_on(self, day: date) -> bool:
        return day.weekday() < WORKDAYS_PER_WEEK and day not in self.days

    def business_days(self, start: date, end: date) -> int:
        """Count the business days d with start <= d < end; none where the end comes first."""
        first, last = start.toordinal(), max(start, end).toordinal()
        closed = bisect_left(self._weekdays, last) - bisect_left(self._weekdays, first)
        return _weekdays_before(last) - _weekdays_before(first) - closed

    def joint_with(self, other: "Closures") -> "Closures":
        """Return the calendar of the days on which both work."""
        return Closures(self.days | other.days)

    def either_with(self, other: "Closures") -> "Closures":
        """Return the calendar of the days on which at least one works."""
        return Closures(self.days & other.days)


@dataclass(frozen=True)
class WorkingHours:
    """The hours in which one place works, on its own wall clock."""

    zone: ZoneInfo
    opens: time
    closes: time

    def on(self, day: date) -> tuple[int, int]:
        """Return the epoch seconds between which the place works on a day of its own."""
        return _epoch(day, self.opens, self.zone), _epoch(day, self.closes, self.zone)


def business_days(start: date, end: date, closures: Iterable[date] = ()) -> int:
    """Count the business days d with start <= d < end."""
    return Closures(frozenset(closures)).business_days(start, end)


def joint_business_days(start: date, end: date, one: Closures, other: Closures) -> int:
    """Count the days of [start, end) on which both work."""
    return one.joint_with(other).business_days(start, end)


def either_business_days(start: date, end: date, one: Closures, other: Closures) -> int:
    """Count the days of [start, end) on which at least one works."""
    return one.either_with(other).business_days(start, end)


def shared_seconds(day: date, one: WorkingHours, other: WorkingHours) -> int:
    """Return the seconds of the one's working day in which the other works too, whatever the other's date."""
    opens, closes = one.on(day)
    theirs = [other.on(day + timedelta(days=shift)) for shift in (-1, 0, 1)]
    return sum(max(0, min(closes, until) - max(opens, since)) for since, until in theirs)


def elapsed_seconds(start: datetime, end: datetime) -> int:
    """Return the true seconds between two aware instants, over any change of the clocks.

    Python subtracts wall clocks where both share a zone, which is an hour off over a change.
    """
    return int(end.timestamp()) - int(start.timestamp())


def _weekdays_before(ordinal: int) -> int:
    weeks, rest = divmod(ordinal - 1, DAYS_PER_WEEK)
    return weeks * WORKDAYS_PER_WEEK + min(rest, WORKDAYS_PER_WEEK)


def _epoch(day: date, at: time, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, at, tzinfo=zone).timestamp())
