"""What happens if nobody acts: the next effect of a running clock, else what the charter leaves standing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from domain.calendars import ONE_DAY, CalendarEnds
from domain.charter.language import Step
from domain.charter.rules import Rules
from domain.charter.words import Effect
from domain.governance.authority import persons, reading_of, step_place
from domain.governance.final_say import final_say
from domain.governance.holding import present_clocks
from domain.governance.places import effect_of, open_steps
from domain.governance.state import Clock, Governance, Item
from domain.governance.timing import Reading, read

STANDING = ("stay", "final_say")


@dataclass(frozen=True, slots=True)
class Consequence:
    """An effect, whom or what it brings, and the day on which it takes effect, None where nobody can know it."""

    effect: str
    to: tuple[str, ...] = ()
    on: date | None = None
    dated: bool = False
    clause: str | None = None


def if_nothing(state: Governance, rules: Rules, item: Item, seconds: int, part: str | None = None) -> Consequence:
    """Return what happens to an item if nobody acts."""
    coming = sorted(_coming(state, rules, item, seconds, part), key=lambda one: one.on or date.max)
    if coming:
        return coming[0]
    return _standing(state, rules, item, seconds)


def _coming(state: Governance, rules: Rules, item: Item, seconds: int, part: str | None) -> Iterator[Consequence]:
    if item.status == "ended":
        return
    for step, reading, effect in step_effects(state, rules, item, seconds):
        if reading.state == "running" and reading.due:
            on = step_day(state, rules, step, reading)
            yield _named(state, rules, item, effect, on=on, clause=step.clause)
        elif reading.state == "unknown" and effect.effect != "unknown":
            yield _named(state, rules, item, effect, on=None, clause=step.clause)
    for clock in present_clocks(item, part):
        reading = read(state, rules, clock, seconds)
        if clock.then and reading.state == "running" and reading.due and clock.then.effect != "stay":
            yield _named(state, rules, item, clock.then, on=reading.due + ONE_DAY, clause=clock.clause)


def step_effects(state: Governance, rules: Rules, item: Item, seconds: int) -> Iterator[tuple[Step, Reading, Effect]]:
    """Yield the steps from where a decision is whose limit has an effect of its own, with its reading."""
    if item.kind not in ("decision", "appeal"):
        return
    for step in open_steps(state, rules, item, seconds):
        if suspended(state, rules, item, step, seconds):
            continue
        effect = effect_of(state, rules, item, step, seconds)
        reading = reading_of(state, rules, item, step.id or step_place(step, item), kind=step.kind, seconds=seconds)
        if effect is not None and reading is not None and not reading.clock.over:
            yield step, reading, effect


def suspended(state: Governance, rules: Rules, item: Item, step: Step, seconds: int) -> bool:
    """Say whether a final say held at this body suspends its automatic step."""
    if step.mode != "automatic" or step.on == "approval":
        return False
    say = final_say(state, rules, item, seconds)
    return bool(say.rule) and say.level == item.place and (say.state == "held" or say.lifted_by is not None)


def step_day(state: Governance, rules: Rules, step: Step, reading: Reading) -> date | None:
    """Return the day on which an automatic step takes effect: the day after the due day, or the next business day."""
    if reading.due is None:
        return None
    if step.takes_effect == "next_business_day":
        try:
            return state.calendar(rules, reading.clock).next_open(reading.due, reading.clock.obligor)
        except CalendarEnds:
            return None
    return reading.due + ONE_DAY


def _named(
    state: Governance, rules: Rules, item: Item, effect: Effect, *, on: date | None, clause: str | None
) -> Consequence:
    to = persons(state, rules, item, effect.to) if effect.effect == "right_opens" else effect.to
    dated = effect.effect not in ("unknown", "stay")
    return Consequence(effect.effect, to, on if dated else None, dated, effect.clause or clause)


def _standing(state: Governance, rules: Rules, item: Item, seconds: int) -> Consequence:
    if item.kind not in ("decision", "appeal") or item.status == "ended":
        return _of_lapsed(state, rules, item, seconds)
    lapsed_into = [clock for clock in present_clocks(item) if _ends_unknown(state, rules, clock, seconds)]
    if lapsed_into:
        return Consequence("unknown", clause=lapsed_into[0].clause)
    matter = rules.matter(item.matter)
    say = final_say(state, rules, item, seconds)
    if say.state == "held":
        return Consequence("stay", clause=say.clause)
    gate_said_no = say.state == "unreachable" and matter.unresolved is None
    if (rules.matter("default") if gate_said_no else matter).unresolved == "status_quo":
        return Consequence("status_quo", clause=matter.clause)
    if open_steps(state, rules, item, seconds) or matter.unresolved not in (None, "unknown", "final_say"):
        return Consequence("stay", clause=matter.clause)
    return Consequence("unknown" if say.state == "unknown" else "stay", clause=matter.clause)


def _ends_unknown(state: Governance, rules: Rules, clock: Clock, seconds: int) -> bool:
    return bool(clock.then and clock.then.effect == "unknown" and read(state, rules, clock, seconds).lapsed)


def _of_lapsed(state: Governance, rules: Rules, item: Item, seconds: int) -> Consequence:
    return Consequence("stay")
