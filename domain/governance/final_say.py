"""Who decides a matter when the parties cannot agree: held, none, unknown or unreachable, and at which level."""

from dataclasses import dataclass
from typing import Literal

from domain.charter.language import CarveOut, FinalSay
from domain.charter.rules import Rules
from domain.governance.conditions import grounds, holds, unstated
from domain.governance.state import Governance, Item

BEYOND_EVERY_TIER = 1_000


@dataclass(frozen=True, slots=True)
class Say:
    """A final say as it stands. `lifted_by` names whose approval would open a carve-out; `because_of` are events."""

    state: Literal["held", "none", "unknown", "unreachable"]
    who: tuple[str, ...] = ()
    level: str | None = None
    clause: str | None = None
    carved_to: str | None = None
    lifted_by: str | None = None
    because_of: tuple[str, ...] = ()
    rule: FinalSay | None = None
    ripe: bool = True


def final_say(state: Governance, rules: Rules, item: Item, seconds: int) -> Say:
    """Return who has the final say on a decision, under its matter, its attributes, history and carve-outs."""
    matter = rules.matter(item.matter)
    if matter.decides:
        who = state.today(matter.decides)
        return Say("held", (who,), item.place, matter.clause, because_of=grounds(state, item))
    rule = _moved(state, rules, item) or _flip(state, rules, item, seconds) or _written(state, rules, item, seconds)
    if rule is None:
        unknown = matter.final_say is None and matter.unresolved in (None, "unknown", "final_say")
        return Say("unknown" if unknown else "none", clause=matter.clause)
    if rule.state != "held":
        return Say(rule.state, clause=rule.clause or matter.clause, because_of=grounds(state, item), rule=rule)
    return _carved(state, rules, item, rule, seconds)


def _written(state: Governance, rules: Rules, item: Item, seconds: int) -> FinalSay | None:
    written = rules.matter(item.matter).final_say or ()
    return next((rule for rule in written if holds(rule.when, state, rules, item, seconds)), None)


def _moved(state: Governance, rules: Rules, item: Item) -> FinalSay | None:
    """Return the final say that a report moved to somebody else, the latest one first."""
    names = {None, item.matter, rules.matter_name(item.matter)}
    for told in reversed(state.moved_rights):
        to, level = told.text("to"), told.text("level") or "final_say"
        if told.text("matter") in names and to and not past(rules, item.place, level):
            return FinalSay(who=(to,), level=level, clause=rules.matter(item.matter).clause)
    return None


def _flip(state: Governance, rules: Rules, item: Item, seconds: int) -> FinalSay | None:
    names = {item.matter, rules.matter_name(item.matter)}
    for index in sorted(state.flipped, reverse=True):
        if index >= len(rules.charter.flips):
            continue
        flip = rules.charter.flips[index]
        covered = (not flip.matters or names & set(flip.matters)) and not names & set(flip.except_matters)
        if covered and not past(rules, item.place, flip.final_say.level):
            return flip.final_say
    return None


def past(rules: Rules, place: str, level: str) -> bool:
    """Say whether a place on the ladder lies beyond a level. No place lies beyond the end of the ladder."""
    return level != "final_say" and tier_of(rules, place) > tier_of(rules, level)


def tier_of(rules: Rules, place: str) -> int:
    """Return the tier of a body; an end of the ladder lies beyond every tier."""
    body = rules.body(place)
    return BEYOND_EVERY_TIER if body is None else body.tier or 0


def _carved(state: Governance, rules: Rules, item: Item, rule: FinalSay, seconds: int) -> Say:
    matter = rules.matter(item.matter)
    kept = "assignment" in rule.survives
    who = tuple(party if kept else state.holder_of(party, rule.id) for party in rule.who)
    clause = rule.clause or matter.clause
    for carve in (*rule.carve_outs, *rules.charter.limits_on_any_decision):
        if carve.when is None or not _reaches(state, rules, item, carve, seconds):
            continue
        if carve.unless_approved_by and _approved(state, item, carve):
            continue
        return _beyond_it(state, item, rule, carve, carve.clause or clause)
    if item.declined and item.place != rule.level:
        return Say("unreachable", who, rule.level, clause, rule=rule)
    ripe = holds(rule.only_after, state, rules, item, seconds)
    return Say("held", who, rule.level, clause, because_of=grounds(state, item), rule=rule, ripe=ripe)


def _reaches(state: Governance, rules: Rules, item: Item, carve: CarveOut, seconds: int) -> bool:
    presumed = carve.presumed and carve.when is not None and unstated(carve.when, item.attributes)
    return presumed or holds(carve.when, state, rules, item, seconds)


def _beyond_it(state: Governance, item: Item, rule: FinalSay, carve: CarveOut, clause: str | None) -> Say:
    because = grounds(state, item)
    if carve.to:
        return Say("held", (carve.to,), carve.to, clause, carved_to=carve.to, because_of=because, rule=rule)
    lifted_by = state.today(carve.unless_approved_by) if carve.unless_approved_by else None
    return Say("none", (), rule.level, clause, lifted_by=lifted_by, because_of=because, rule=rule)


def _approved(state: Governance, item: Item, carve: CarveOut) -> bool:
    return any(party == state.today(carve.unless_approved_by or "") for party, _ in item.approvals)


def usable(say: Say, item: Item) -> bool:
    """Say whether a final say may be used now: at its level, or once the decision has left the bodies for it."""
    return say.state == "held" and say.ripe and item.place in (say.level, "final_say", "any_party")
