"""What a measure is asked, and the rows that it reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal

from projections.alignment import Row as Understanding
from projections.approvals import Row as Approval
from projections.ball_in_court import Row as Ball
from projections.decision_times import Row as Times
from projections.estimators.working_time import Closures
from projections.flow import Row as Stays
from projections.meeting_times import Row as Meetings
from projections.periods import Row as Periods
from projections.tier_visits import Row as Climb

DAYS_SHOWN = (7, 30, 90, 180, 365, 730, 1095, 1825)
MEANS_SHOWN = (180, 730, 1825)
Clock = Literal["elapsed", "active", "business"]
QUANTILES_SHOWN = ("0.25", "0.5", "0.75", "0.9")


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that may have changed the pace: the old way until, the new way from, an instant or two apart."""

    name: str
    old_until: int
    new_from: int


@dataclass(frozen=True)
class WorkCalendar:
    """When one party works: its closures, and the zone in which its days begin."""

    closures: Closures = field(default_factory=Closures)
    zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked. Instants are whole seconds since 1970 UTC.

    `clock` says which time counts: all that elapsed, what is left without pauses, or business days. `window` is
    [from, until) for what happens in a period. `calendars` go from a party to when it works; where no party holds a
    decision, the days count on which all of them work. `drawn` asks for the points of curves as well.
    """

    effective_at: int
    clock: Clock = "elapsed"
    cycles: Literal["first", "all"] = "first"
    group_by: str | None = None
    where: Mapping[str, str] = field(default_factory=dict)
    at_days: tuple[int, ...] = DAYS_SHOWN
    within_days: int = 90
    change: Change | None = None
    baseline_years: tuple[int, ...] = (5, 8)
    window: tuple[int, int] | None = None
    weeks: int = 12
    history_weeks: int = 52
    seed: int = 1
    calendars: Mapping[str, WorkCalendar] = field(default_factory=dict)
    calendar: str = "weekdays"
    drawn: bool = False

    @cached_property
    def joint_calendar(self) -> WorkCalendar:
        """The days on which all parties work, in their zone where they share one."""
        known = self.calendars.values()
        zones = {calendar.zone for calendar in known}
        closed = frozenset[date]().union(*(calendar.closures.days for calendar in known))
        return WorkCalendar(Closures(closed), zones.pop() if len(zones) == 1 else "UTC")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of the read models, of one position of the log."""

    decision_times: Sequence[Times] = ()
    ball_in_court: Sequence[Ball] = ()
    tier_visits: Sequence[Climb] = ()
    flow: Sequence[Stays] = ()
    approvals: Sequence[Approval] = ()
    meeting_times: Sequence[Meetings] = ()
    periods: Sequence[Periods] = ()
    alignment: Mapping[tuple[str, ...], Understanding] = field(default_factory=dict)

    def only(self, keep: Callable[[str, str], bool]) -> "Rows":
        """Return the rows of those decisions (alliance, decision) that are to be kept; the rest of them stays."""
        return replace(
            self,
            decision_times=[row for row in self.decision_times if keep(row.alliance, row.decision)],
            ball_in_court=[row for row in self.ball_in_court if keep(row.alliance, row.decision)],
            tier_visits=[row for row in self.tier_visits if keep(row.alliance, row.decision)],
            flow=[row for row in self.flow if keep(row.alliance, row.decision)],
            approvals=[row for row in self.approvals if keep(row.alliance, row.decision)],
        )


@dataclass(frozen=True)
class Table:
    """What people read, and what a CSV holds: columns, and rows of them. None is shown as not reached."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def figures(title: str, said: Mapping[str, Any]) -> Table:
    """Return named figures as a table of two columns."""
    rows = ((name.replace("_", " "), value) for name, value in said.items() if not isinstance(value, (dict, list)))
    return Table(title, ("figure", "value"), tuple(rows))


@dataclass(frozen=True)
class Measure:
    """One measure: its name on the command line, what it asks in a sentence, its answer, and the answer's tables."""

    name: str
    asks: str
    answer: Callable[[Rows, Question], dict[str, Any]]
    tables: Callable[[Mapping[str, Any]], list[Table]]
    in_short: Mapping[str, Callable[[Mapping[str, Any]], Any]] = field(default_factory=dict)

    def groups_table(self, data: Mapping[str, Any]) -> Table:
        """Return one row for each group of an answer: what it counted, and its figures in short."""
        counts = ("n", "observed", "censored")
        rows = []
        for name, answer in data.get("groups", {}).items():
            refused = "refused" in answer
            figures_of = [None if refused else answer[count] for count in counts]
            figures_of += [None if refused else figure(answer) for figure in self.in_short.values()]
            rows.append((name, *figures_of))
        columns = (str(data.get("group_by")), *counts, *self.in_short)
        return Table(f"By {str(data.get('group_by')).replace('_', ' ')}", columns, tuple(rows))
