"""Reading a clock at an instant: its state, its due day, what is left of it, and the counting behind it."""

from dataclasses import dataclass
from datetime import date

from domain.calendars import CalendarEnds
from domain.charter.rules import Rules
from domain.clocks import ClockState, Counting, count, count_back, instant_after
from domain.governance.state import Clock, Governance
from domain.replacing import replace


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clock says at an instant. `due_before` is exclusive, in seconds since 1970 UTC."""

    clock: Clock
    state: ClockState
    due: date | None = None
    due_before: int | None = None
    remaining: int | None = None
    causes: tuple[str, ...] = ()
    counting: Counting | None = None
    unknown_because: str | None = None

    @property
    def lapsed(self) -> bool:
        return self.state == "lapsed"

    @property
    def live(self) -> bool:
        return self.state in ("running", "paused", "not_started", "unknown") and not self.clock.over


def counted(state: Governance, rules: Rules, clock: Clock) -> Counting | None:
    """Return the counting of a clock that has started and whose length is known, else None. Raise CalendarEnds."""
    calendar = state.calendar(rules, clock)
    if clock.before and clock.stated and clock.length.known:
        return count_back(clock.length, clock.stated, calendar, obligor=clock.obligor)
    if clock.started is None or not clock.length.known:
        return None
    return count(
        clock.length,
        clock.started,
        calendar,
        obligor=clock.obligor,
        pauses=clock.pauses,
        roll=clock.roll,
        stated=clock.stated,
    )


def read(state: Governance, rules: Rules, clock: Clock, seconds: int) -> Reading:
    """Return what a clock says at an instant."""
    try:
        counting = counted(state, rules, clock)
    except CalendarEnds as beyond:
        return Reading(clock, "unknown", unknown_because=beyond.says)
    paused = any(pause.until is None for pause in clock.pauses) and not clock.lapsed_by
    if clock.extended_to and not (paused and counting and counting.due is None):
        counting = replace(counting or Counting(None, 0, ()), due=clock.extended_to)
    if counting is None:
        return _without_due(clock)
    if counting.due is None:
        causes = tuple(sorted({pause.cause for pause in clock.pauses if pause.until is None}))
        return Reading(
            clock, "met" if clock.over else "paused", remaining=counting.remaining, causes=causes, counting=counting
        )
    due_before = instant_after(counting.due, rules.zone)
    return Reading(clock, _state(clock, counting.due, due_before, seconds), counting.due, due_before, counting=counting)


def due_of(state: Governance, rules: Rules, clock: Clock) -> date | None:
    """Return the due day of a clock, or None where there is none or nobody knows."""
    return read(state, rules, clock, 0).due


def _state(clock: Clock, due: date, due_before: int, seconds: int) -> ClockState:
    if clock.lapsed_by is not None:
        return "lapsed"
    ended = clock.met or clock.stopped
    if ended is not None:
        return "lapsed" if ended > due else "met"
    return "lapsed" if seconds >= due_before else "running"


def _without_due(clock: Clock) -> Reading:
    if clock.over:
        return Reading(clock, "met")
    return Reading(clock, "not_started" if clock.length.known else "unknown")
