"""How bodies, seats and parties change with what is told about them."""

from collections.abc import Mapping
from typing import Any

from domain.charter.rules import Rules
from domain.governance.duties import seat
from domain.governance.state import BodyState, Governance, Item
from domain.governance.told import Told
from domain.replacing import replace


def found(item: Item, told: Told) -> Item:
    """Return an item with what was found of an event about it."""
    return replace(item, findings=(*item.findings, *told.findings)) if told.findings else item


def seated(state: Governance, rules: Rules, told: Told) -> Governance:
    """Return the state after a person took a seat."""
    state = replace(state, seats={**state.seats, str(told["seat"]): told})
    state = _seat_known(state, str(told["body"]), {key: told[key] for key in ("seat", "party", "person", "seniority")})
    return state.with_item(seat(state, rules, told, state.version_at(told.seconds).version))


def _seat_known(state: Governance, body: str, taken: Mapping[str, Any]) -> Governance:
    known = state.bodies.get(body) or BodyState(body)
    others = tuple(one for one in known.seats if one["seat"] != taken["seat"])
    return replace(state, bodies={**state.bodies, body: replace(known, seats=(*others, taken))})


def vacated(state: Governance, rules: Rules, told: Told) -> Governance:
    """Return the state after a seat fell empty."""
    body = str(told["body"])
    known = state.bodies.get(body) or BodyState(body)
    seats = tuple(one for one in known.seats if one["seat"] != told["seat"])
    state = replace(state, bodies={**state.bodies, body: replace(known, seats=seats)})
    item = state.item("seat", str(told["seat"]))
    return state if item is None else state.with_item(replace(item, person=None))


def constituted(state: Governance, rules: Rules, told: Told) -> Governance:
    """Return the state after a body came to be with its seats."""
    for one in told["seats"] or ():
        state = _seat_known(state, str(told["body"]), one)
        taken = replace(told, fields={**one, "body": told["body"]})
        state = replace(state, seats={**state.seats, str(one["seat"]): taken})
    return state


def disbanded(state: Governance, rules: Rules, told: Told) -> Governance:
    """Return the state after a body ended. What it held is moved by the clerk, as events."""
    body = str(told["body"])
    known = state.bodies.get(body) or BodyState(body)
    ended = replace(known, ended=told.day, ended_by=told.id, successor=told.text("successor"))
    state = replace(state, bodies={**state.bodies, body: ended})
    if told.findings:
        for item in tuple(state.items.values()):
            if item.status == "open" and item.place == body:
                state = state.with_item(found(item, told))
    return state


def assumed(state: Governance, rules: Rules, told: Told) -> Governance:
    """Return the state after a body took over from one that ended."""
    of, by = str(told["of"]), str(told["by"])
    known = state.bodies.get(of) or BodyState(of)
    taken = replace(known, assumed_by=by, assumed_on=told.day, assumed_event=told.id)
    return replace(state, bodies={**state.bodies, of: taken})


def succeeded(state: Governance, rules: Rules, told: Told) -> Governance:
    """Return the state after a contract was assigned; a change of owner moves nothing."""
    if told["kind"] != "assignment":
        return state
    old, new = str(told["old"]), str(told["new"])
    kept = (*told.names("rights_kept_by_old"), *rules.charter.succession.rights_kept_by_old)
    state = replace(state, successors={**state.successors, old: (new, kept)})
    for item in tuple(state.items.values()):
        if old in (item.owed_by, item.owed_to):
            owed_by = new if item.owed_by == old else item.owed_by
            owed_to = new if item.owed_to == old else item.owed_to
            state = state.with_item(replace(item, owed_by=owed_by, owed_to=owed_to))
    return state


def proxied(state: Governance, rules: Rules, told: Told) -> Governance:
    """Return the state after a proxy was granted."""
    key = (str(told["body"]), str(told["from"]))
    return replace(state, proxies={**state.proxies, key: bool(told["written"])})
