"""Clocks that would run past the end of their calendar: what a message would set going is looked at beforehand."""

from collections.abc import Iterator

from domain.calendars import CalendarEnds
from domain.governance.fold import evolve
from domain.governance.state import Clock, Governance, Item
from domain.governance.timing import counted
from domain.governance.told import Told
from domain.governance.versions import NEVER
from domain.replacing import replace


def clocks_beyond(state: Governance, told: Told) -> Iterator[tuple[Clock, Item, str]]:
    """Yield each clock that a message would let run past the end of its calendar, its item, and the reason.

    A clock that ran past it before is not named again, nor one on a calendar that was recorded without dates.
    """
    after = evolve(state, told)
    if told.name == "CharterAmended":
        last = replace(after.charters[-1], needs=())
        after = replace(after, charters=(*after.charters[:-1], last))
    anew = after.charters != state.charters
    for key, item in after.items.items() if anew else after.items.changed_since(state.items):
        before = state.items.get(key)
        known = {_key(clock) for clock, _ in _beyond(state, before, told.seconds)} if before else set()
        for clock, says in _beyond(after, item, told.seconds):
            if _key(clock) not in known:
                yield clock, item, says


def _key(clock: Clock) -> tuple[str, str, int]:
    return clock.id, clock.place, clock.visit


def _beyond(state: Governance, item: Item, seconds: int) -> Iterator[tuple[Clock, str]]:
    if item.status != "open":
        return
    rules = state.rules_of(item, seconds)
    for clock in (*item.clocks, *(one for part in item.parts.values() for one in part)):
        if clock.over or clock.lapsed_by or state.calendar(rules, clock).last == NEVER:
            continue
        try:
            counted(state, rules, clock)
        except CalendarEnds as beyond:
            yield clock, beyond.says
