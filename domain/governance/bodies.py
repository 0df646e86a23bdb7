"""How bodies, seats and parties change with what is told about them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.charter.rules import Rules
from domain.governance.decisions import come_to
from domain.governance.duties import seat
from domain.governance.state import BodyState, Governance, Item
from domain.governance.told import Told


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
    """Return the state after a body ended: what it held goes where the charter says."""
    body = str(told["body"])
    known = state.bodies.get(body) or BodyState(body)
    state = replace(state, bodies={**state.bodies, body: replace(known, ended=told.day, ended_by=told.id)})
    for item in tuple(state.items.values()):
        if item.status == "open" and item.kind in ("decision", "appeal") and item.place == body:
            own = state.rules_of(item, told.seconds)
            place = told.text("successor") or body
            state = state.with_item(found(come_to(state, own, item, place, told, how="body_ended"), told))
    return state


def assumed(state: Governance, rules: Rules, told: Told) -> Governance:
    """Return the state after a body took over from one that ended."""
    of, by = str(told["of"]), str(told["by"])
    known = state.bodies.get(of) or BodyState(of)
    state = replace(state, bodies={**state.bodies, of: replace(known, assumed_by=by)})
    for item in tuple(state.items.values()):
        left = item.visits[-2].place if len(item.visits) > 1 else None
        if item.status == "open" and left == of and item.visits[-1].how == "body_ended":
            own = state.rules_of(item, told.seconds)
            state = state.with_item(come_to(state, own, item, by, told, how="assumed"))
    return state


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
