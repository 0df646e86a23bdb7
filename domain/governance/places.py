"""A place on the ladder: which steps lead from it, and which clocks are set up when a decision comes to it."""

from collections.abc import Iterator, Sequence
from datetime import date

from domain.charter.language import Step
from domain.charter.rules import Rules
from domain.charter.words import Deadline, Effect, EndOf
from domain.governance.conditions import holds, kind_of
from domain.governance.final_say import final_say
from domain.governance.state import WHOLE_CYCLE, Clock, Governance, Item, Visit
from domain.governance.timing import due_of
from domain.governance.told import Told
from domain.replacing import replace

ACT_OF_END = {
    "court": "sue", "arbitration": "arbitrate", "mediation": "mediate", "experts": "escalate",
    "each_alone": "go_alone", "final_say": "decide", "any_party": "escalate", "status_quo": "escalate",
}  # fmt: skip
ENDS_A_RIGHT = ("window", "latest", "cure")
CLOSING = ("right_ends", "deem", "status_quo")


def steps_from(state: Governance, rules: Rules, item: Item, place: str, seconds: int) -> list[Step]:
    """Return the steps that lead from a place for a decision.

    A step that names the matter, or whose `when` is met, takes the place of the general ones of that body. What one
    party decides alone goes up only by a step that names it: there is nothing on which to disagree.
    """
    if kind_of(item, rules) == "discuss" or not rules.matter(item.matter).escalates:
        return []
    found = [
        step
        for step in rules.charter.ladder
        if place in step.at and rules.names_matter(step, item.matter) and holds(step.when, state, rules, item, seconds)
    ]
    particular = [step for step in found if step.matters or step.when]
    return particular or ([] if rules.matter(item.matter).decides else found)


def open_steps(state: Governance, rules: Rules, item: Item, seconds: int) -> list[Step]:
    """Return the steps from where a decision is that do not wait for it to be decided first."""
    return [
        step for step in steps_from(state, rules, item, item.place, seconds)
        if item.kind == "appeal" or not step.after_decision
    ]  # fmt: skip


def target_of(state: Governance, rules: Rules, item: Item, step: Step, seconds: int) -> str | None:
    """Return where a step leads, past the tiers that the matter skips."""
    skip = rules.matter(item.matter).skip
    target, passed = step.to, set[str]()
    while target is not None and target in skip and target not in passed:
        passed.add(target)
        onward = steps_from(state, rules, item, target, seconds)
        target = onward[0].to if onward else None
    return target


def act_of(rules: Rules, step: Step) -> str:
    """Return the act by which a step is taken: the one it names, else the one its target calls for."""
    if step.act:
        return step.act
    body = rules.body(step.to or "")
    if body is not None:
        return {"mediation": "mediate", "arbitration": "arbitrate"}.get(body.kind, "escalate")
    return ACT_OF_END.get(step.to or "", "escalate")


def effect_of(state: Governance, rules: Rules, item: Item, step: Step, seconds: int) -> Effect | None:
    """Return what the end of a step's limit brings, or None where somebody has to act."""
    if step.then:
        return step.then
    if step.kind == "latest":
        return Effect(effect="right_ends", clause=step.clause)
    if step.mode != "automatic" or step.kind != "limit":
        return None
    target = target_of(state, rules, item, step, seconds)
    if target is None:
        return None
    match target:
        case "final_say":
            say = final_say(state, rules, item, seconds)
            if say.state != "held":
                return Effect(effect="unknown") if say.state == "unknown" else None
            return Effect(effect="right_opens", to=say.who, act="decide", clause=step.clause)
        case "each_alone":
            return Effect(effect="each_alone", clause=step.clause)
        case "status_quo":
            return Effect(effect="status_quo", clause=step.clause)
        case _:
            return Effect(effect="escalate", to=(target,), clause=step.clause)


def clocks_at(state: Governance, rules: Rules, item: Item, place: str, seconds: int) -> list[Clock]:
    """Return the clocks of a place, set up and not started."""
    version, visit = len(state.amendments), item.visit
    clocks: list[Clock] = []
    for step in steps_from(state, rules, item, place, seconds):
        if item.kind == "decision" and step.after_decision:
            continue
        clocks += _of_step(step, place, visit, version)
    for deadline in rules.charter.deadlines:
        if place in deadline.at and _applies(state, rules, item, deadline, seconds):
            clocks.append(clock_of(deadline, place=place, visit=visit, calendar_version=version))
    return [_as_agreed(state, clock) for clock in _once(clocks)]


def _as_agreed(state: Governance, clock: Clock) -> Clock:
    agreed = state.terms.get((clock.place, clock.id)) or state.terms.get((clock.place, clock.kind))
    return replace(clock, length=agreed) if agreed else clock


def cycle_clocks(state: Governance, rules: Rules, item: Item, place: str, seconds: int) -> list[Clock]:
    """Return the clocks that run over a whole cycle, wherever the decision is."""
    return [
        clock_of(deadline, place=place, visit=WHOLE_CYCLE, calendar_version=len(state.amendments))
        for deadline in rules.charter.deadlines
        if not deadline.at and _applies(state, rules, item, deadline, seconds)
    ]


def clock_of(deadline: Deadline, *, place: str, visit: int, calendar_version: int, obligor: str | None = None) -> Clock:
    """Return the clock of a deadline, not started."""
    return Clock(
        id=deadline.id or place,
        kind=deadline.kind,
        length=deadline.length.length(),
        trigger=deadline.clock_starts,
        visit=visit,
        place=place,
        calendar=deadline.calendar,
        calendar_version=calendar_version,
        roll=deadline.roll,
        before=deadline.before,
        obligor=obligor,
        stops=deadline.stops,
        then=deadline.then or (Effect(effect="right_ends") if deadline.kind in ENDS_A_RIGHT else None),
        rights=deadline.rights,
        clause=deadline.clause,
    )


def _applies(state: Governance, rules: Rules, item: Item, deadline: Deadline, seconds: int) -> bool:
    return rules.names_matter(deadline, item.matter) and holds(deadline.when, state, rules, item, seconds)


def _of_step(step: Step, place: str, visit: int, calendar_version: int) -> Iterator[Clock]:
    if step.limit.unit == "none":
        return
    limit = Clock(
        id=step.id or place,
        kind=step.kind,
        length=step.limit.length(),
        trigger=step.clock_starts,
        visit=visit,
        place=place,
        calendar=step.calendar,
        calendar_version=calendar_version,
        roll=step.roll,
        ends_early=step.ends_early,
        then=step.then if step.then and step.then.effect.startswith("right_") else None,
        clause=step.clause,
    )
    yield limit
    if step.window:
        yield replace(
            limit,
            id=f"{limit.id} window",
            ends_early=None,
            kind="window",
            length=step.window.length(),
            trigger=EndOf(end_of=limit.id),
            then=Effect(effect="right_ends", clause=step.clause),
        )


def _once(clocks: Sequence[Clock]) -> list[Clock]:
    seen: dict[tuple[object, ...], Clock] = {}
    for clock in clocks:
        seen.setdefault((clock.id, clock.kind, clock.length, str(clock.trigger)), clock)
    return list(seen.values())


def entering(
    state: Governance, rules: Rules, item: Item, place: str, told: Told, *, how: str, clocks: bool = True
) -> Item:
    """Return a decision that has come to a place: what ran at the last one stops, what runs at this one is set up."""
    stopped = tuple(
        replace(clock, stopped=told.day) if clock.visit != WHOLE_CYCLE and not clock.over else clock
        for clock in item.clocks
    )
    visits = (*item.visits, Visit(place, told.day, told.id, how, told.names("by")))
    moved = replace(item, visits=visits, failed_by=None, failed_on=None, approved_by_body=None, clocks=stopped)
    if not clocks:
        return moved
    fresh = clocks_at(state, rules, moved, place, told.seconds)
    return replace(moved, clocks=(*stopped, *fresh))


def previous_due(state: Governance, rules: Rules, item: Item) -> date | None:
    """Return the due day of the limit of the place before the present one."""
    before = [clock for clock in item.clocks if clock.visit == item.visit - 1 and clock.kind == "limit"]
    dues = [due for clock in before if (due := due_of(state, rules, clock))]
    return max(dues, default=None)


def lapsed_due(state: Governance, rules: Rules, item: Item, name: str) -> date | None:
    """Return the due day of a deadline of an item that has lapsed already: the latest one of that id."""
    dues = [due_of(state, rules, clock) for clock in item.clocks if clock.id == name and clock.lapsed_by]
    return max(filter(None, dues), default=None)
