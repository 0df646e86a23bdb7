"""Whose turn it is, and which deadline is theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.charter.rules import Rules
from domain.charter.words import OUTSIDE_ENDS
from domain.governance.final_say import final_say
from domain.governance.state import WHOLE_CYCLE, Clock, Governance, Item
from domain.governance.timing import Reading, read


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose turn it is: a body, a party, several jointly, somebody outside, nobody."""

    kind: str
    id: str | None = None


def holder_of(state: Governance, rules: Rules, item: Item, seconds: int) -> Holder:
    """Return whose turn it is."""
    match item.kind:
        case "decision" | "appeal":
            return _of_decision(state, rules, item, seconds)
        case "obligation":
            return Holder("body" if rules.body(item.owed_by or "") else "party", item.owed_by)
        case "minutes":
            return _of_minutes(state, rules, item)
        case "seat":
            return Holder("party", item.party)
        case _:
            return Holder("nobody")


def _of_decision(state: Governance, rules: Rules, item: Item, seconds: int) -> Holder:
    if item.status == "ended":
        return Holder("nobody")
    if item.asked:
        return Holder("body" if rules.body(item.asked) else "party", item.asked)
    body = rules.body(item.place)
    if body is not None and body.kind == "ratifying":
        done = {party for party, _ in item.approvals}
        return _jointly([party for party in state.parties(rules) if party not in done])
    if body is not None:
        return Holder("outside" if body.outside else "body", item.place)
    if item.place == "final_say":
        return _jointly(list(final_say(state, rules, item, seconds).who))
    if item.place in OUTSIDE_ENDS:
        return Holder("outside", item.place)
    if item.place in ("each_alone", "any_party"):
        return Holder("joint")
    return Holder("nobody") if item.place in ("nobody", "") else Holder("body", item.place)


def _jointly(parties: Sequence[str]) -> Holder:
    if not parties:
        return Holder("nobody")
    return Holder("party", parties[0]) if len(parties) == 1 else Holder("joint")


def _of_minutes(state: Governance, rules: Rules, item: Item) -> Holder:
    rule = rules.minutes_of(item.body or "")
    if item.status == "ended" or rule is None:
        return Holder("nobody")
    if item.drafted and rule.official == "each_party_approves":
        done = {party for party, _ in item.approvals}
        return _jointly([party for party in state.parties(rules) if party not in done])
    return Holder("body", item.body)


def present_clocks(item: Item, part: str | None = None) -> tuple[Clock, ...]:
    """Return the clocks that belong to whoever holds the item now; at an end of the ladder, the last body's."""
    if item.kind not in ("decision", "appeal"):
        return item.parts.get(part or "", item.clocks)
    here = tuple(clock for clock in item.clocks if clock.visit in (item.visit, WHOLE_CYCLE))
    if here or item.visit < 1 or item.visits[-1].how in ("declined", "body_ended", "orphaned"):
        return here
    ends = ("final_say", "each_alone", "any_party", "status_quo")
    return tuple(clock for clock in item.clocks if clock.visit == item.visit - 1) if item.place in ends else ()


def present_limit(state: Governance, rules: Rules, item: Item, seconds: int, part: str | None = None) -> Reading | None:
    """Return the earliest deadline of kind `limit` that binds now; where none runs any more, the last one."""
    limits = [read(state, rules, clock, seconds) for clock in present_clocks(item, part) if clock.kind == "limit"]
    if item.status == "open":
        live = [one for one in limits if one.state == "running" and not one.clock.over]
        waiting = [one for one in limits if one.state in ("paused", "not_started", "unknown") and not one.clock.over]
        if live or waiting:
            return min(live, key=_due) if live else waiting[0]
    done = [one for one in limits if one.due is not None]
    return max(done, key=_due) if done else None


def _due(reading: Reading) -> date:
    return reading.due or date.max
