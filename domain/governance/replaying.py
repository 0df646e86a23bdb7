"""What if: the same history under another charter, with the clerk at every step, and what differs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.charter.rules import Rules
from domain.clocks import day_of
from domain.corrections import in_effect
from domain.errors import Refused
from domain.governance.clerk import due_reports
from domain.governance.fold import evolve
from domain.governance.holding import present_limit
from domain.governance.state import CharterVersion, Governance, Item
from domain.governance.told import MICROSECONDS_PER_SECOND, Told, told_of
from domain.governance.versions import CHARTER_EVENTS
from domain.recorded import Recorded
from domain.replacing import replace

CLERK = "clerk"
CLERK_EVENTS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a decision: where it ended or stands, by whom, after how many days, with which due day."""

    decision: str
    state: str
    tier: str
    outcome: str | None
    method: str | None
    due: date | None
    lapses: int
    days: int


@dataclass(frozen=True, slots=True)
class Amends:
    """An amendment as it would speak: its rules, from an instant in seconds on, signed by all."""

    rules: Rules
    speaks_from: int


def replayed(events: Iterable[Recorded[Any]], rules: Rules, now: int, amends: Amends | None = None) -> Governance:
    """Return governance after a history under other rules. What the clerk wrote is left out, and written anew.

    `now` is in seconds; the clerk runs up to each event's recorded time, and then to `now`. With `amends` the rules
    hold until it speaks, and it from then on: what is open then moves to it or stays, as it says.
    """
    state = Governance(charters=_versions(rules, amends))
    for recorded in in_effect(events):
        message = recorded.meta.message
        if (message and message.source == CLERK) or type(recorded.fact).__name__ in CHARTER_EVENTS:
            continue
        at = max(recorded.recorded_at // MICROSECONDS_PER_SECOND, recorded.meta.effective_at)
        state = clerked(state, at)
        state = evolve(state, replace(told_of(recorded, rules.zone), known=at))
        state = clerked(state, at)
    return clerked(state, now)


def _versions(rules: Rules, amends: Amends | None) -> tuple[CharterVersion, ...]:
    first = CharterVersion(rules.charter.version, rules, speaks_from=0, needs=())
    if amends is None:
        return (first,)
    charter = amends.rules.charter
    version = charter.version if charter.version != first.version else f"{charter.version} amended"
    opens = charter.amendment.open_items
    return first, CharterVersion(version, amends.rules, speaks_from=amends.speaks_from, needs=(), open_items=opens)


def clerked(state: Governance, now: int, *, events_max: int = CLERK_EVENTS_MAX) -> Governance:
    """Return governance after everything that is due at an instant has been written. Raise Refused beyond a limit."""
    for _ in range(events_max):
        due = due_reports(state, now)
        if not due:
            return state
        report = due[0]
        zone = state.rules_at(report.seconds).zone
        day = day_of(report.seconds, zone)
        state = evolve(state, Told(report.name, report.fields, report.seconds, day, "/".join(report.identity), now))
    raise Refused("the clerk does not come to an end: the ladder goes round", rule="clerk_ends")


def courses(state: Governance, seconds: int) -> dict[str, Course]:
    """Return what became of each decision by an instant."""
    return {item.id: _course(state, item, seconds) for item in state.items.values() if item.kind == "decision"}


def _course(state: Governance, item: Item, seconds: int) -> Course:
    rules = state.rules_of(item, seconds)
    limit = present_limit(state, rules, item, seconds)
    until = item.ended_on or day_of(seconds, rules.zone)
    return Course(
        decision=item.id,
        state=item.status,
        tier=item.place,
        outcome=item.outcome,
        method=item.method,
        due=limit.due if limit else None,
        lapses=sum(clock.lapsed_by is not None for clock in item.clocks),
        days=(until - item.opened.day).days,
    )


def compared(before: Governance, after: Governance, seconds: int) -> Iterator[tuple[Course | None, Course | None]]:
    """Yield the decisions that another charter leads elsewhere, as they are and as they would be."""
    one, other = courses(before, seconds), courses(after, seconds)
    for name in sorted({*one, *other}):
        if one.get(name) != other.get(name):
            yield one.get(name), other.get(name)
