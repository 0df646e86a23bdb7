"""Calendars: which days are open, as dates frozen when a charter is adopted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import Refused
from domain.replacing import replace

SATURDAY_AND_SUNDAY = (5, 6)
ROLL_DAYS_MAX = 366
ONE_DAY = timedelta(days=1)


class Closure(BaseModel):
    """A day that is closed: where (a place, or everywhere), for whom (a party, or everybody), and what it is called."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    place: str | None = None
    party: str | None = None
    name: str | None = None

    def says(self) -> str:
        """Return the closure in words: its name and its place or party."""
        where = self.place or self.party
        return f"{self.name or 'closed'} [{where}]" if where else self.name or "closed"


class CalendarEnds(Refused):
    """A day beyond what the frozen calendar knows: it was asked about, and is never guessed."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Closed days as dates. Several places are a union; a closure of a party counts only where that party owes the act.

    `first` and `last` bound what is known. `weekend` holds weekdays, Monday being 0.
    """

    name: str
    first: date
    last: date
    closures: Mapping[date, tuple[Closure, ...]] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    weekend: tuple[int, ...] = SATURDAY_AND_SUNDAY

    def closed(self, day: date, obligor: str | None = None) -> str | None:
        """Return why a day is closed for an act owed by `obligor`, or None where it is open.

        Raise CalendarEnds outside the frozen dates.
        """
        if not self.first <= day <= self.last:
            says = f"calendar {self.name} holds {self.first} to {self.last}, not {day}: amend it with a later `to`"
            raise CalendarEnds(says, rule="calendar_ends")
        if day.weekday() in self.weekend:
            return "weekend"
        whose = [one.says() for one in self.closures.get(day, ()) if one.party in (None, obligor)]
        return ", ".join(whose) or None

    def open_from(self, day: date, obligor: str | None = None) -> date:
        """Return the day itself if it is open, else the next open one."""
        return self._open(day, ONE_DAY, obligor)

    def open_until(self, day: date, obligor: str | None = None) -> date:
        """Return the day itself if it is open, else the last open one before it."""
        return self._open(day, -ONE_DAY, obligor)

    def next_open(self, day: date, obligor: str | None = None) -> date:
        """Return the first open day after a day."""
        return self.open_from(day + ONE_DAY, obligor)

    def _open(self, day: date, step: timedelta, obligor: str | None) -> date:
        for _ in range(ROLL_DAYS_MAX):
            if self.closed(day, obligor) is None:
                return day
            day += step
        says = f"calendar {self.name} has no open day within a year of {day}"
        raise CalendarEnds(says, rule="calendar_ends")

    def amended(self, plus: Iterable[Closure], minus: Iterable[Closure]) -> "Calendar":
        """Return the calendar with closures added and taken away. A closure of a foreign place changes nothing."""
        days = {day: tuple(closures) for day, closures in self.closures.items()}
        for one in minus:
            days[one.day] = tuple(kept for kept in days.get(one.day, ()) if not _covers(one, kept))
        for one in plus:
            if one.place is None or one.place in self.places:
                days[one.day] = (*days.get(one.day, ()), one)
        return replace(self, closures={day: closures for day, closures in days.items() if closures})


def _covers(taken: Closure, kept: Closure) -> bool:
    return taken.place in (None, kept.place) and taken.party in (None, kept.party)


class FrozenCalendar(BaseModel):
    """A calendar as an adopted charter stores it: every closed day but weekends, and where the dates came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: date
    last: date
    places: tuple[str, ...] = ()
    weekend: tuple[Annotated[int, Field(ge=0, le=6)], ...] = SATURDAY_AND_SUNDAY
    closures: tuple[Closure, ...] = ()
    source: str | None = None

    def opened(self, name: str) -> Calendar:
        """Return the calendar, ready to be asked."""
        days: dict[date, tuple[Closure, ...]] = {}
        for one in self.closures:
            days[one.day] = (*days.get(one.day, ()), one)
        return Calendar(name, self.first, self.last, days, self.places, self.weekend)
