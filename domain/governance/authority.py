"""Authority: who may do what about an item, at an instant. Commands, findings and explanations all ask here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.charter.language import Step
from domain.charter.rules import Rules
from domain.charter.words import OUTSIDE_ENDS, Right
from domain.governance.conditions import holds, kind_of
from domain.governance.final_say import Say, final_say, usable
from domain.governance.places import ACT_OF_END, CLOSING, act_of, open_steps, steps_from, target_of
from domain.governance.state import WHOLE_CYCLE, Clock, Governance, Item
from domain.governance.timing import Reading, read
from domain.governance.votes import unacknowledged

OPEN_ACTS_OF_MINUTES = ("sign", "approve", "respond", "object", "submit")
ACT_UNRESOLVED = {
    **{end: ACT_OF_END[end] for end in (*OUTSIDE_ENDS, "each_alone")}, "right_to_terminate": "terminate",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class May:
    """Somebody may do something now, under a clause; `to` is where a step would lead."""

    who: str
    act: str
    clause: str | None = None
    to: str | None = None


def authority(state: Governance, rules: Rules, item: Item, seconds: int, part: str | None = None) -> list[May]:
    """Return everything that anybody may do about an item at an instant, each under its clause."""
    match item.kind:
        case "decision" | "appeal":
            found = _about_decision(state, rules, item, seconds)
        case "obligation":
            found = _about_obligation(state, rules, item, seconds, part)
        case "minutes":
            found = _about_minutes(state, rules, item, seconds)
        case "seat":
            found = _about_seat(state, rules, item)
        case _:
            found = _from_clocks(state, rules, item, item.clocks, seconds)
    return list(dict.fromkeys(found))


def may(found: Iterable[May], who: str | None, act: str) -> May | None:
    """Return the authority by which somebody may act, or None."""
    return next((one for one in found if one.act == act and (who is None or one.who == who)), None)


def persons(state: Governance, rules: Rules, item: Item | None, who: Sequence[str]) -> tuple[str, ...]:
    """Return the parties and bodies that a charter means: by id, or by a word such as `any_party` or `owed_by`."""
    found: list[str] = []
    for one in who:
        found += _meant(state, rules, item, one)
    return tuple(dict.fromkeys(found))


def _meant(state: Governance, rules: Rules, item: Item | None, word: str) -> list[str]:
    parties = list(state.parties(rules))
    match word:
        case "any_party" | "all_parties" | "either_party":
            return parties
        case "owed_by" | "owed_to" | "party" if item is not None:
            named = getattr(item, word)
            others = [one for one in parties if word == "owed_to" and one != item.owed_by]
            return [named] if named else others if item.owed_by in parties else []
        case "mover" if item is not None and item.visits:
            return list(item.visits[-1].by)
        case "other_party" if item is not None:
            moved_by = item.visits[-1].by if item.visits else ()
            acting = {item.party, item.owed_by, *moved_by}
            return [one for one in parties if one not in acting]
        case "proposer" if item is not None:
            return [by] if (by := item.opened.text("by")) else []
        case "sender" | "recipient" if item is not None:
            return list(item.opened.names({"sender": "by", "recipient": "to"}[word]))
        case _:
            return [state.today(word)]


def _about_decision(state: Governance, rules: Rules, item: Item, seconds: int) -> Iterator[May]:
    if item.status == "ended":
        yield from _after_decision(state, rules, item, seconds)
        return
    matter = rules.matter(item.matter)
    say = final_say(state, rules, item, seconds)
    if matter.decides:
        yield May(state.today(matter.decides), "decide", matter.clause)
    elif item.place not in ("each_alone", "court"):
        yield from _deciders(state, rules, item)
        yield from _final(state, rules, item, say)
    for step in open_steps(state, rules, item, seconds):
        yield from _by_step(state, rules, item, step, seconds)
    yield from _beyond_the_ladder(state, rules, item, say, seconds)
    here = [clock for clock in item.clocks if clock.visit in (item.visit, WHOLE_CYCLE)]
    yield from _from_clocks(state, rules, item, here, seconds)
    yield from _from_rights(state, rules, item, seconds)
    yield from _at_end(state, rules, item)
    if item.asked:
        yield May(item.asked, "respond")
    if item.ballot is not None and item.ballot.votes:
        for party in unacknowledged(state, rules, item.ballot):
            yield May(party, "respond", _email_clause(rules, item.ballot.body))


def _beyond_the_ladder(state: Governance, rules: Rules, item: Item, say: Say, seconds: int) -> Iterator[May]:
    """Yield what stays open to every party where no step leads on, nobody has the final say, and a matter ends so."""
    matter = rules.matter(item.matter)
    here = rules.body(item.place)
    act = ACT_UNRESOLVED.get(matter.unresolved or "")
    if act is None or matter.decides or not matter.escalates:
        return
    if say.state != "none" or here is None or here.outside or kind_of(item, rules) == "discuss":
        return
    if _spent(state, rules, item, seconds):
        yield from (May(party, act, matter.clause) for party in state.parties(rules))


def _spent(state: Governance, rules: Rules, item: Item, seconds: int) -> bool:
    steps = open_steps(state, rules, item, seconds)
    if steps:
        return all(step.kind == "latest" and _gone(state, rules, item, step, seconds) for step in steps)
    limits = [read(state, rules, clock, seconds) for clock in item.clocks if clock.visit == item.visit]
    return item.failed_by is not None or any(one.lapsed and one.clock.kind == "limit" for one in limits)


def _gone(state: Governance, rules: Rules, item: Item, step: Step, seconds: int) -> bool:
    reading = reading_of(state, rules, item, step.id or step_place(step, item), kind="latest", seconds=seconds)
    return reading is not None and reading.lapsed


def _email_clause(rules: Rules, body: str) -> str | None:
    found = rules.body(body)
    return found.email.clause or found.clause if found and found.email else None


def _deciders(state: Governance, rules: Rules, item: Item) -> Iterator[May]:
    for visit in item.visits:
        body = rules.body(visit.place)
        if body is None or not state.sits(visit.place):
            continue
        if body.kind == "ratifying":
            done = {party for party, _ in item.approvals}
            here = visit.place == item.place
            yield from (
                May(party, body.act, body.clause) for party in state.parties(rules) if here and party not in done
            )
        elif body.decides:
            yield May(visit.place, "decide", body.clause)


def _final(state: Governance, rules: Rules, item: Item, say: Say) -> Iterator[May]:
    if usable(say, item):
        yield from (May(who, "decide", say.clause) for who in say.who)
    if say.lifted_by:
        yield May(say.lifted_by, "approve", say.clause)
    done = {party for party, _ in item.approvals}
    for party in rules.matter(item.matter).needs_approval_of:
        if state.today(party) not in done:
            yield May(state.today(party), "approve", rules.matter(item.matter).clause)


def _by_step(state: Governance, rules: Rules, item: Item, step: Step, seconds: int) -> Iterator[May]:
    if barred(state, rules, item, step, seconds):
        return
    to = target_of(state, rules, item, step, seconds)
    if step.mode == "gated":
        gate = step.by or (item.place,)
        for who in persons(state, rules, item, gate):
            yield May(who, "escalate", step.clause, to)
            yield May(who, "decline", step.clause)
        return
    if step.early_by:
        yield from (
            May(who, act_of(rules, step), step.clause, to) for who in persons(state, rules, item, step.early_by)
        )
    if step.mode == "permissive" and opened(state, rules, item, step, seconds):
        takers = persons(state, rules, item, step.by or ("any_party",))
        yield from (May(who, act_of(rules, step), step.clause, to) for who in takers)


def barred(state: Governance, rules: Rules, item: Item, step: Step, seconds: int) -> bool:
    """Say whether a step may not be taken, because a bar of it holds."""
    return any(holds(bar.when, state, rules, item, seconds) for bar in step.bars)


def opened(state: Governance, rules: Rules, item: Item, step: Step, seconds: int) -> bool:
    """Say whether a permissive step is ripe: its limit has passed, its window is open, its latest day has not gone."""
    if step.opens_when is not None:
        return holds(step.opens_when, state, rules, item, seconds)
    if step.limit.unit == "none":
        return True
    limit = reading_of(state, rules, item, step.id or step_place(step, item), kind=step.kind, seconds=seconds)
    if limit is None:
        return False
    if step.kind == "latest":
        return limit.state in ("running", "not_started", "paused", "unknown")
    if step.window is not None:
        window = reading_of(state, rules, item, f"{limit.clock.id} window", kind="window", seconds=seconds)
        if window is not None and window.lapsed:
            return False
    return limit.lapsed


def step_place(step: Step, item: Item) -> str:
    """Return the place from which a step is taken, where it names several."""
    return item.place if item.place in step.at else step.at[0]


def reading_of(state: Governance, rules: Rules, item: Item, name: str, *, kind: str, seconds: int) -> Reading | None:
    """Return the reading of one clock of the present visit, or None where there is none of that name and kind."""
    found = [
        clock for clock in item.clocks
        if clock.id == name and clock.kind == kind and clock.visit in (item.visit, WHOLE_CYCLE)
    ]  # fmt: skip
    return read(state, rules, found[-1], seconds) if found else None


def _after_decision(state: Governance, rules: Rules, item: Item, seconds: int) -> Iterator[May]:
    if item.outcome is None or item.method is None or item.kind == "appeal":
        return
    appealed = {one.rule for one in state.items.values() if one.kind == "appeal"}
    for step in steps_from(state, rules, item, item.place, seconds):
        if step.after_decision and item.id not in appealed and not barred(state, rules, item, step, seconds):
            takers = persons(state, rules, item, step.by or ("any_party",))
            yield from (May(who, act_of(rules, step), step.clause, step.to) for who in takers)


def _at_end(state: Governance, rules: Rules, item: Item) -> Iterator[May]:
    if item.place == "each_alone":
        yield from (May(party, "go_alone") for party in state.parties(rules))


def _from_clocks(state: Governance, rules: Rules, item: Item, clocks: Sequence[Clock], seconds: int) -> Iterator[May]:
    for clock in clocks:
        reading = read(state, rules, clock, seconds)
        if reading.state == "running":
            yield from _granted(state, rules, item, clock.rights, seconds)
        then = clock.then
        if reading.lapsed and not clock.over and then and then.effect == "right_opens" and then.act:
            for who in persons(state, rules, item, then.to):
                yield May(who, then.act, then.clause or clock.clause)


def _from_rights(state: Governance, rules: Rules, item: Item, seconds: int) -> Iterator[May]:
    here = [right for right in rules.charter.rights if not right.at or item.place in right.at]
    yield from _granted(state, rules, item, here, seconds)


def _granted(state: Governance, rules: Rules, item: Item, rights: Iterable[Right], seconds: int) -> Iterator[May]:
    for right in rights:
        if holds(right.when, state, rules, item, seconds):
            for who in persons(state, rules, item, right.who):
                yield May(who, right.act, right.clause)


def _about_obligation(state: Governance, rules: Rules, item: Item, seconds: int, part: str | None) -> Iterator[May]:
    rule = rules.obligation(item.id, item.opened.text("clause"), item.opened.text("kind"))
    if rule is None:
        return
    if item.status == "ended":
        if item.method == "deemed":
            yield from _granted(state, rules, item, rule.rights_once_closed, seconds)
        return
    clocks = item.parts.get(part or "", item.clocks)
    readings = [read(state, rules, clock, seconds) for clock in clocks]
    closed = any(one.lapsed and one.clock.then and one.clock.then.effect in CLOSING for one in readings)
    if not closed:
        owed_by = persons(state, rules, item, ("owed_by",))
        yield from (May(who, act, rule.clause) for who in owed_by for act in rule.open_acts)
    else:
        yield from _granted(state, rules, item, rule.rights_once_closed, seconds)
    yield from _from_clocks(state, rules, item, clocks, seconds)


def _about_minutes(state: Governance, rules: Rules, item: Item, seconds: int) -> Iterator[May]:
    if item.status == "ended":
        return
    done = {party for party, _ in item.approvals}
    for clock in item.clocks:
        reading = read(state, rules, clock, seconds)
        waits = clock.started is None and not reading.lapsed
        shut = reading.lapsed and clock.then is not None and clock.then.effect in ("right_ends", "deem")
        if waits or shut or clock.over:
            continue
        for one in _granted(state, rules, item, clock.rights, seconds):
            if one.act not in OPEN_ACTS_OF_MINUTES or (item.drafted and one.who not in done) or one.act == "submit":
                yield one


def _about_seat(state: Governance, rules: Rules, item: Item) -> Iterator[May]:
    party = item.party or ""
    for rule in rules.seat_rules(item.body or ""):
        yield May(party, "name_person", rule.clause)
        if rule.seniority is not None:
            for who in persons(state, rules, item, (rule.seniority.unless_approved_by,)):
                yield May(who, "approve", rule.clause)
