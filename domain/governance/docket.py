"""The docket: everything that is due from somebody, by day, with its clause, its consequence and its age."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.charter.rules import Rules
from domain.clocks import day_of
from domain.governance.authority import authority
from domain.governance.consequence import Consequence, if_nothing
from domain.governance.holding import holder_of, present_clocks
from domain.governance.state import Clock, Governance, Item
from domain.governance.timing import Reading, read

ITEMS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is due: from whom, by when, under which clause, what follows, and how old it is in days."""

    alliance: str
    kind: str
    id: str
    title: str | None
    work_stream: str | None
    tier: str | None
    holder_kind: str
    holder: str | None
    parties: tuple[str, ...]
    clock: str
    clock_kind: str
    state: str
    due: date | None
    clause: str | None
    effect: str
    effect_to: tuple[str, ...]
    effect_on: date | None
    age_days: int


def docket(
    state: Governance,
    alliance: str,
    seconds: int,
    *,
    party: str | None = None,
    until: date | None = None,
    body: str | None = None,
) -> list[Entry]:
    """Return what is due at an instant, by day; of one party or body, until a day, where these are given.

    What lies with a body is due from all its parties. What has no due day stands last.
    """
    if not state.charters:
        return []
    found = [
        entry
        for item in state.items.values()
        if item.status == "open"
        for entry in _entries(state, state.rules_of(item, seconds), item, alliance, seconds)
        if (party is None or party in entry.parties)
        and (until is None or (entry.due is not None and entry.due <= until))
        and (body is None or body in (entry.tier, entry.holder))
    ]
    return sorted(found, key=lambda one: (one.due or date.max, one.kind, one.id, one.clock))


def _entries(state: Governance, rules: Rules, item: Item, alliance: str, seconds: int) -> Iterator[Entry]:
    holder = holder_of(state, rules, item, seconds)
    nothing = if_nothing(state, rules, item, seconds)
    parties = _parties(state, rules, item, holder.id, seconds)
    clocks = [(clock, read(state, rules, clock, seconds)) for clock in present_clocks(item)]
    shown = [(clock, reading) for clock, reading in clocks if reading.live or (reading.lapsed and not clock.over)]
    running = [(clock, reading) for clock, reading in shown if clock.started is not None or reading.due is not None]
    for clock, reading in running or shown[:1]:
        yield Entry(
            alliance=alliance,
            kind=item.kind,
            id=item.id,
            title=item.opened.text("title"),
            work_stream=item.opened.text("work_stream"),
            tier=item.place or item.body,
            holder_kind=holder.kind,
            holder=holder.id,
            parties=parties,
            clock=clock.id,
            clock_kind=clock.kind,
            state=reading.state,
            due=reading.due,
            clause=clock.clause,
            effect=nothing.effect if _brings(clock, reading, nothing) else "stay",
            effect_to=nothing.to if _brings(clock, reading, nothing) else (),
            effect_on=nothing.on if _brings(clock, reading, nothing) else None,
            age_days=(day_of(seconds, rules.zone) - item.opened.day).days,
        )


def _brings(clock: Clock, reading: Reading, nothing: Consequence) -> bool:
    return nothing.on is None or (reading.due is not None and nothing.on > reading.due and clock.lapsed_by is None)


def _parties(state: Governance, rules: Rules, item: Item, holder: str | None, seconds: int) -> tuple[str, ...]:
    everybody = state.parties(rules)
    if holder in everybody:
        return (holder,)
    of = rules.body(holder or "")
    if of is not None and of.of:
        return (of.of,)
    acting = {one.who for one in authority(state, rules, item, seconds) if one.who in everybody}
    return tuple(sorted(acting)) if holder is None and acting else everybody
