"""Whether a condition of the charter holds for an item, at an instant."""

from collections.abc import Mapping
from typing import Any

from domain.charter.rules import Rules
from domain.charter.words import Condition, EventIs, Range
from domain.clocks import day_of, within_months
from domain.governance.state import Governance, Item
from domain.governance.told import Told

MONTHS_PER_UNIT = {"months": 1, "years": 12}


def holds(condition: Condition | None, state: Governance, rules: Rules, item: Item | None, seconds: int) -> bool:
    """Say whether every key of a condition holds. What is not known does not hold."""
    if condition is None:
        return True
    about_item = item is None or _item_is(condition, state, rules, item, seconds)
    if item is None and _needs_item(condition):
        return False
    return (
        about_item and _history_is(condition, state, rules, seconds) and _nested(condition, state, rules, item, seconds)
    )


def _needs_item(condition: Condition) -> bool:
    return bool(condition.matters or condition.attributes or condition.kind or condition.raised_by)


def _item_is(condition: Condition, state: Governance, rules: Rules, item: Item, seconds: int) -> bool:
    names = {item.matter, rules.matter_name(item.matter)}
    told = (
        (not condition.matters or bool(names & set(condition.matters))),
        not names & set(condition.except_matters),
        condition.kind is None or kind_of(item, rules) == condition.kind,
        attributes_match(condition.attributes, item.attributes),
        not condition.raised_by or item.opened.text("by") in condition.raised_by,
        condition.decided is None or condition.decided == (item.outcome is not None),
        condition.failed is None or condition.failed == (item.failed_by is not None),
        condition.lapsed is None or any(c.lapsed_by and condition.lapsed in (c.id, c.kind) for c in item.clocks),
        condition.held is None or any(body == condition.held for body, _ in item.held_at),
        all(any(by == state.today(party) for by, _ in item.approvals) for party in condition.approved_by),
        _positions_stated(state, rules, item, condition.positions_of),
        condition.similar_to is None or bool(like_before(state, item, condition.similar_to)),
    )
    return all(told)


def _positions_stated(state: Governance, rules: Rules, item: Item, wanted: tuple[str, ...]) -> bool:
    stated = {party for party, _ in item.positions} | set(item.submissions)
    everybody = set(state.parties(rules)) if {"any_party", "all_parties"} & set(wanted) else set()
    named = {state.today(party) for party in wanted if party not in ("any_party", "all_parties")}
    return named | everybody <= stated


def _history_is(condition: Condition, state: Governance, rules: Rules, seconds: int) -> bool:
    day = day_of(seconds, rules.zone)
    told = (
        condition.counter is None
        or counted_within(state, rules, condition.counter, seconds) > (condition.more_than or 0),
        all(party in state.opted_out for party in condition.opted_out),
        condition.happened is None or any(event_is(condition.happened, told) for told in state.happened),
        condition.from_day is None or condition.from_day <= day,
        condition.until_day is None or day <= condition.until_day,
    )
    return all(told)


def _nested(condition: Condition, state: Governance, rules: Rules, item: Item | None, seconds: int) -> bool:
    return (
        all(holds(one, state, rules, item, seconds) for one in condition.all)
        and (not condition.any or any(holds(one, state, rules, item, seconds) for one in condition.any))
        and not any(holds(one, state, rules, item, seconds) for one in condition.none)
    )


def attributes_match(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Say whether each wanted attribute has its value, or one of its values."""
    return all(
        key in given and any(_same(one, given[key]) for one in (value if isinstance(value, tuple | list) else (value,)))
        for key, value in wanted.items()
    )


def unstated(condition: Condition, given: Mapping[str, Any]) -> bool:
    """Say whether an attribute that a condition reads was never stated."""
    nested = (*condition.all, *condition.any, *condition.none)
    return any(key not in given for key in condition.attributes) or any(unstated(one, given) for one in nested)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Range):
        return one.holds(other)
    return (type(one) is type(other) and one == other) or str(one) == str(other)


def kind_of(item: Item, rules: Rules) -> str:
    """Return the kind of a decision: `discuss` where it was raised so or its matter is so."""
    return "discuss" if "discuss" in (item.opened["kind"], rules.matter(item.matter).kind) else "approve"


def like_before(state: Governance, item: Item, what: str) -> tuple[str, ...]:
    """Return the events by which the decision that this one is said to resemble was escalated, or decided."""
    earlier = state.item("decision", item.opened.text("similar_to") or "")
    if earlier is None:
        return ()
    return earlier.escalations if what == "escalated" else (earlier.ended_by,) if earlier.ended_by else ()


def event_is(wanted: EventIs, told: Told) -> bool:
    """Say whether an event has the name and the fields that are wanted."""
    return told.name == wanted.event and all(
        _same(value, told[key]) or (isinstance(value, list) and told[key] in value)
        for key, value in wanted.where.items()
    )


def counted_within(state: Governance, rules: Rules, counter: str, seconds: int) -> int:
    """Return how often a counter was used in the window that ends on the day of an instant."""
    rule = rules.charter.counters.get(counter)
    if rule is None:
        return 0
    day = day_of(seconds, rules.zone)
    uses = [use for use, _ in state.counted.get(counter, ()) if use <= day]
    length = rule.window.length()
    if length.unit in MONTHS_PER_UNIT:
        return len(within_months(uses, (length.value or 0) * MONTHS_PER_UNIT[length.unit], day))
    return sum((day - use).days < (length.value or 0) * (7 if length.unit == "weeks" else 1) for use in uses)


def grounds(state: Governance, item: Item) -> tuple[str, ...]:
    """Return the events on which the class of a decision rests: how it was raised, and how it was classified."""
    return tuple(dict.fromkeys(one for one in (item.matter_event, item.opened.id) if one))
