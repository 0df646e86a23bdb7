"""The decisions a measure counts, as they stood at an instant, and those it leaves out, by reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.errors import Refused
from domain.values import SECONDS_PER_DAY
from projections.decision_times import Cycle, Pause, Row
from projections.decision_times import Span as HeldSpan
from projections.estimators.at_risk import Span
from projections.estimators.competing_risks import EndingSpan
from projections.estimators.follow_up import Life
from projections.estimators.intervals import Interval, clipped, length, union
from projections.measures.asking import Question, Rows

UNKNOWN_ENDING = "unknown"

as_tuple = tuple.__new__
"""Makes a named tuple from its fields in a third of the time: a measure makes millions."""


class Case(NamedTuple):
    """One cycle of a decision as it stood at an instant: open until then, or ended or transferred before."""

    row: Row
    cycle: Cycle
    number: int
    start: int
    until: int
    ended: bool
    transferred: bool

    @property
    def ending(self) -> str | None:
        return (self.cycle.ending or UNKNOWN_ENDING) if self.ended else None

    @property
    def stands(self) -> HeldSpan | None:
        """Where it stood and with whom."""
        reached = [span for span in self.cycle.spans if span.start <= self.until]
        return reached[-1] if reached else None

    def life(self) -> Life:
        """Return its follow-up on the calendar."""
        return Life(self.start, self.until, self.ended, self.cycle.entry)


@dataclass(frozen=True)
class Cohort:
    """The cases of a question; `excluded` counts decisions left out, by reason."""

    cases: list[Case]
    excluded: Counter[str]
    question: Question

    def spans(self) -> list[Span]:
        """Return the follow-up of each case on the question's clock."""
        return [Span(entry, left_at, ending is not None) for entry, left_at, ending in self.ending_spans()]

    def ending_spans(self) -> list[EndingSpan]:
        """Return the follow-up of each case on the question's clock, with the name of its ending."""
        return self._followed

    @cached_property
    def _followed(self) -> list[EndingSpan]:
        question = self.question
        if question.clock == "elapsed":
            return [
                as_tuple(
                    EndingSpan,
                    (
                        None if cycle.entry is None or cycle.entry <= start else cycle.entry - start,
                        until - start,
                        (cycle.ending or UNKNOWN_ENDING) if ended else None,
                    ),
                )
                for _, cycle, _, start, until, ended, _ in self.cases
            ]
        return [
            EndingSpan(
                time_between(case, case.start, case.cycle.entry or 0, question) or None,
                time_between(case, case.start, case.until, question),
                case.ending,
            )
            for case in self.cases
        ]

    def lives(self) -> list[Life]:
        """Return the cases on the calendar."""
        return [case.life() for case in self.cases]


def cohort(rows: Rows, question: Question) -> Cohort:
    """Return the cases at the question's instant: what came later had not happened."""
    cases: list[Case] = []
    excluded: Counter[str] = Counter()
    at, first_only = question.effective_at, question.cycles == "first"
    for row in rows.decision_times:
        for number, cycle in enumerate(row.cycles[:1] if first_only else row.cycles, start=1):
            status, start, end = cycle.status, cycle.start, cycle.end
            if start is None or start > at or status == "inherited" or cycle.entry is not None:
                if reason := _left_out(cycle, at):
                    excluded[reason] += 1
                    continue
                start = start or 0
            if end is None or end > at:
                cases.append(as_tuple(Case, (row, cycle, number, start, at, False, False)))
            else:
                until = max(start, end)
                over = (status == "ended", status == "transferred")
                cases.append(as_tuple(Case, (row, cycle, number, start, until, *over)))
    return Cohort(cases, excluded, question)


def _left_out(cycle: Cycle, at: int) -> str | None:
    if cycle.status == "inherited":
        return "first_seen_decided" if cycle.entry is None or cycle.entry <= at else "not_yet_raised"
    if cycle.start is None:
        return "start_unknown"
    if cycle.start > at:
        return "not_yet_raised"
    if cycle.entry is not None and cycle.entry > (at if cycle.end is None else min(cycle.end, at)):
        return "never_observed"
    return None


def paused(pauses: Sequence[Pause], lo: int, hi: int) -> int:
    """Return the paused seconds inside [lo, hi)."""
    return length(clipped(union(Interval(p.start, hi if p.end is None else p.end) for p in pauses), lo, hi))


def time_between(case: Case, lo: int, hi: int, question: Question) -> int:
    """Return the seconds of [lo, hi) that count on the question's clock; a business day counts as a day's seconds."""
    if hi <= lo:
        return 0
    if question.clock == "business":
        return _business_days(case, lo, hi, question) * SECONDS_PER_DAY
    return hi - lo - (paused(case.cycle.pauses, lo, hi) if question.clock == "active" else 0)


def _business_days(case: Case, lo: int, hi: int, question: Question) -> int:
    """Count business days turn by turn: in the calendar of the party that holds it, else in the joint one."""
    total = 0
    for span in case.cycle.spans:
        start, end = max(lo, span.start), min(hi, case.until if span.end is None else span.end)
        held_in = question.calendars.get(span.holder.removeprefix("party:"), question.joint_calendar)
        if end > start:
            zone = ZoneInfo(held_in.zone)
            first, last = (datetime.fromtimestamp(instant, zone).date() for instant in (start, end))
            total += held_in.closures.business_days(first, last)
    return total


def counted(chosen: Cohort, rows: Rows) -> dict[str, Any]:
    """Return what every answer says about what it counted."""
    question, cases = chosen.question, chosen.cases
    observed = _sum(cases, "ended")
    return {
        "n": len(cases),
        "observed": observed,
        "censored": len(cases) - observed,
        "transferred_out": _sum(cases, "transferred"),
        "entered_late": sum(map(bool, map(attrgetter("cycle.entry"), cases))),
        "excluded": dict(sorted(chosen.excluded.items())),
        "clocks_backwards": _sum(cases, "cycle.clamped"),
        "contradicted_endings": _sum(cases, "cycle.contradicted"),
        "window": window(chosen, rows),
        "clock": clock(question),
        "cycles": question.cycles,
        "baseline": None,
        "flags": flags(rows, question.effective_at),
    }


def _sum(cases: Sequence[Case], of: str) -> int:
    total: int = sum(map(attrgetter(of), cases))
    return total


def clock(question: Question) -> dict[str, Any]:
    """Say which time counts."""
    named: dict[str, Any] = {"name": question.clock}
    if question.clock == "business":
        named |= {"calendar": question.calendar, "parties": sorted(question.calendars)}
    return named


def window(chosen: Cohort, rows: Rows) -> dict[str, int | None]:
    """Return from when to when was looked."""
    declared = [seen.since for seen in _observed(rows) if seen.since is not None]
    first = min(declared, default=None) if declared else min(map(attrgetter("start"), chosen.cases), default=None)
    return {"from": first, "until": chosen.question.effective_at}


def flags(rows: Rows, at: int) -> list[str]:
    """Return what a reader must know before believing a figure as it was at an instant."""
    known = []
    if selected_on_end(rows):
        known.append(
            "selected on the closing date: what is still open is missing, so that times look shorter than they are"
        )
    for seen in sorted(_observed(rows), key=lambda seen: seen.source):
        until = seen.cut_off or seen.until
        if until is not None and until < at:
            day = datetime.fromtimestamp(until, UTC).date()
            known.append(f"{seen.source} was watched until {day} only: what it left open counts as open ever since")
    return known


def selected_on_end(rows: Rows) -> bool:
    """Say whether some history holds only what ended in a period."""
    return any(seen.selected_on == "end" for seen in _observed(rows))


def refuse_cohort_figures(rows: Rows, what: str) -> None:
    """Refuse what a history selected on its closing date cannot tell. Raise Refused."""
    if selected_on_end(rows):
        sources = ", ".join(sorted(seen.source for seen in _observed(rows) if seen.selected_on == "end"))
        raise Refused(
            f"{what} cannot be told from {sources}: it holds what ended in a period, "
            "and nothing says what else was open or came in",
            rule="cohort_figures_need_all_that_started",
        )


def observed_until(rows: Rows) -> int | None:
    """Return the last instant that every import covers, None where none says."""
    said = [instant for seen in _observed(rows) if (instant := seen.cut_off or seen.until) is not None]
    return max(said, default=None)


def days(seconds: Fraction | float | None) -> float | None:
    """Return seconds as days, None where not reached."""
    return None if seconds is None else float(seconds) / SECONDS_PER_DAY


def said_day(instant: int) -> str:
    """Return the day of an instant, in UTC."""
    return datetime.fromtimestamp(instant, UTC).date().isoformat()


def ratio(value: Fraction | None) -> list[int] | None:
    """Return a ratio as [n, d], None where there is none."""
    return None if value is None else [value.numerator, value.denominator]


def _observed(rows: Rows) -> Iterator[Any]:
    for row in rows.periods:
        yield from row.observed.values()
