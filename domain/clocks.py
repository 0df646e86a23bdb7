"""Clocks: from a day, a length and a calendar to a due day, with the counting shown day by day."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from domain.calendars import ONE_DAY, Calendar, CalendarEnds

Unit = Literal[
    "business_days", "calendar_days", "weeks", "months", "years", "fixed_date", "stated_day", "next_meeting",
    "promptly", "redacted", "unstated_unit", "none",
]  # fmt: skip
Kind = Literal["limit", "target", "cap", "meet_by", "latest", "window", "notice", "cure"]
Roll = Literal["none", "forward", "backward"]
ClockState = Literal["not_started", "running", "paused", "lapsed", "met", "unknown"]
COUNT_DAYS_MAX = 40_000
KNOWN_UNITS = ("business_days", "calendar_days", "weeks", "months", "years", "fixed_date", "stated_day")
MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True)
class Length:
    """How long: a number of units, a fixed date of the year (month, day), or a word for what is not known."""

    unit: Unit
    value: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def known(self) -> bool:
        """Say whether a due day can be counted from it."""
        return self.unit in ("fixed_date", "stated_day") or (self.unit in KNOWN_UNITS and self.value is not None)

    def says(self) -> str:
        """Return the length in words, as a charter would write it."""
        if self.unit == "fixed_date":
            return f"{self.month:02d}-{self.day:02d} of each year"
        return f"{self.value} {self.unit}" if self.value is not None else self.unit


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause from a day up to and including another; open while `until` is None."""

    pause: str
    cause: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class DayCounted:
    """One day of the counting: its number, or why it was not counted."""

    day: date
    number: int | None
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Counting:
    """A due day, or None while a pause is open, and how it was found. `remaining` is what the open pause left."""

    due: date | None
    remaining: int
    days: tuple[DayCounted, ...]
    rolled_from: date | None = None


def plus_months(day: date, months: int) -> date:
    """Return the same day number n months on, or the last day of a shorter month."""
    year, month = divmod(day.year * MONTHS_PER_YEAR + day.month - 1 + months, MONTHS_PER_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_after(day: date, month: int, day_of_month: int) -> date:
    """Return the first day after `day` that is that day of that month; 29 February is 28 February in other years."""
    this_year, next_year = (
        date(year, month, min(day_of_month, monthrange(year, month)[1])) for year in (day.year, day.year + 1)
    )
    return this_year if this_year > day else next_year


def instant_after(day: date, zone: str) -> int:
    """Return the first second after the end of a day in a zone, in seconds since 1970 UTC."""
    return start_of(day + ONE_DAY, zone)


def start_of(day: date, zone: str) -> int:
    """Return the first second of a day in a zone, in seconds since 1970 UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())


def day_of(seconds: int, zone: str) -> date:
    """Return the day in a zone on which an instant lies."""
    return datetime.fromtimestamp(seconds, ZoneInfo(zone)).date()


def iso(seconds: int) -> str:
    """Return an instant as people read it, in UTC."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return text.replace(":00Z", "Z")


def count(
    length: Length,
    start: date,
    calendar: Calendar,
    *,
    obligor: str | None = None,
    pauses: Sequence[Pause] = (),
    roll: Roll = "none",
    stated: date | None = None,
) -> Counting:
    """Count a known length forward from day 0, leaving out what pauses and closures take.

    Raise CalendarEnds for a day beyond the calendar, or more than COUNT_DAYS_MAX days away.

    Lengths that are no number of days (months, fixed dates, a stated day) are turned into calendar days first, so that
    what a pause leaves of them is counted in days.
    """
    business = length.unit == "business_days"
    wanted = (_plain_due(length, start, stated) - start).days
    closed = calendar if business else None
    days: list[DayCounted] = []
    counted = 0
    for day in _days_after(start):
        if counted >= wanted:
            due = days[-1].day if days else start
            return _rolled(due, tuple(days), calendar, roll=roll, obligor=obligor)
        skipped = _paused(day, pauses) or (closed.closed(day, obligor) if closed else None)
        if skipped is None:
            counted += 1
        elif skipped == "pause open":
            return Counting(None, wanted - counted, tuple(days))
        days.append(DayCounted(day, None if skipped else counted, skipped))
    says = f"{length.says()} from {start} are more than {COUNT_DAYS_MAX} days: no due day is counted so far"
    raise CalendarEnds(says, rule="calendar_ends")


def count_back(length: Length, day: date, calendar: Calendar, *, obligor: str | None = None) -> Counting:
    """Count a number of days backwards from a planned day, which is day 0."""
    business = length.unit == "business_days"
    wanted = length.value or 0
    if not business:
        day0 = plus_months(day, -wanted) if length.unit == "months" else day - timedelta(days=_days_in(length))
        return Counting(day0, 0, (DayCounted(day0, (day - day0).days),))
    days: list[DayCounted] = []
    counted = 0
    while counted < wanted:
        day -= ONE_DAY
        skipped = calendar.closed(day, obligor)
        counted += skipped is None
        days.append(DayCounted(day, None if skipped else counted, skipped))
    return Counting(day, 0, tuple(days))


def _days_in(length: Length) -> int:
    return (length.value or 0) * {"weeks": 7}.get(length.unit, 1)


def _plain_due(length: Length, start: date, stated: date | None) -> date:
    match length.unit:
        case "months":
            return plus_months(start, length.value or 0)
        case "years":
            return plus_months(start, (length.value or 0) * MONTHS_PER_YEAR)
        case "fixed_date":
            return first_after(start, length.month or 1, length.day or 1)
        case "stated_day":
            return max(stated or start, start)
        case _:
            return start + timedelta(days=_days_in(length))


def _days_after(day: date) -> Iterator[date]:
    for number in range(1, COUNT_DAYS_MAX):
        yield day + timedelta(days=number)


def _paused(day: date, pauses: Sequence[Pause]) -> str | None:
    over = [pause for pause in pauses if pause.since < day and (pause.until is None or day <= pause.until)]
    if any(pause.until is None for pause in over):
        return "pause open"
    return "paused: " + ", ".join(sorted({pause.cause for pause in over})) if over else None


def _rolled(
    due: date, days: tuple[DayCounted, ...], calendar: Calendar, *, roll: Roll, obligor: str | None
) -> Counting:
    moved = {"forward": calendar.open_from, "backward": calendar.open_until}.get(roll)
    if moved is None:
        return Counting(due, 0, days)
    rolled = moved(due, obligor)
    return Counting(rolled, 0, days, rolled_from=due if rolled != due else None)


def within_months(uses: Sequence[date], months: int, on: date) -> list[date]:
    """Return the uses that lie in one period of n months with `on`, each period ending the day before its anniversary.

    Source: a period of 12 months that starts on a date ends the day before the same date a year later.
    """
    return [use for use in uses if use <= on < plus_months(use, months)]
