"""The clerk: what the charter makes happen by itself, as events, when the time has come."""

from collections.abc import Iterator
from datetime import date

from domain.calendars import ONE_DAY
from domain.charter.rules import Rules
from domain.charter.words import OUTSIDE_ENDS
from domain.clocks import start_of
from domain.governance.conditions import holds
from domain.governance.consequence import step_day, step_effects, suspended
from domain.governance.final_say import final_say
from domain.governance.holding import present_clocks
from domain.governance.places import effect_of, open_steps, target_of
from domain.governance.state import Clock, Governance, Item
from domain.governance.timing import Reading, read
from domain.governance.told import Report
from domain.governance.votes import tied


def due_reports(state: Governance, now: int) -> list[Report]:
    """Return what is due at an instant and not yet written, the earliest first.

    Write the first, fold it, and ask again: what follows from it may come before what else was due.
    """
    if not state.charters:
        return []
    found = list(_all(state, now))
    return sorted((one for one in found if one.seconds <= now), key=lambda one: (one.seconds, _rank(one), one.identity))


def _rank(report: Report) -> int:
    return 0 if report.name in ("DeadlineLapsed", "LimitLapsed") else 1


def _all(state: Governance, now: int) -> Iterator[Report]:
    for item in state.items.values():
        rules = state.rules_of(item, now)
        yield from _lapses(state, rules, item, now)
        if item.status == "ended":
            continue
        if item.kind in ("decision", "appeal"):
            yield from _from_ended_bodies(state, rules, item)
            yield from _steps(state, rules, item, now)
            yield from _at_once(state, rules, item, now)
            yield from _ratified(state, rules, item)
        yield from _silences(state, rules, item, now)
    yield from _flips(state, state.rules_at(now), now)
    yield from _cascades(state, state.rules_at(now), now)


def _lapses(state: Governance, rules: Rules, item: Item, now: int) -> Iterator[Report]:
    for part, clocks in (("", item.clocks), *item.parts.items()):
        for clock in clocks:
            reading = read(state, rules, clock, now)
            if clock.lapsed_by or clock.over or reading.due is None or reading.due_before is None:
                continue
            yield _lapse(item, part, clock, reading.due, reading.due_before)


def _lapse(item: Item, part: str, clock: Clock, due: date, at: int) -> Report:
    identity = ("lapse", item.kind, item.id, part, str(item.cycle), str(clock.visit), clock.id, clock.kind, str(due))
    if item.kind == "decision":
        fields = {"decision": item.id, "clock": clock.id, "due": due, "visit": clock.visit}
        return Report("DeadlineLapsed", fields, at, identity, clock.clause, _because(clock))
    fields = {item.kind: item.id, "clock": clock.id, "due": due}
    return Report("LimitLapsed", fields | ({"part": part} if part else {}), at, identity, clock.clause, _because(clock))


def _because(clock: Clock) -> tuple[str, ...]:
    return (clock.started_by,) if clock.started_by else ()


def _steps(state: Governance, rules: Rules, item: Item, now: int) -> Iterator[Report]:
    for step, reading, effect in step_effects(state, rules, item, now):
        on = step_day(state, rules, step, reading)
        if on is None or reading.state not in ("running", "lapsed"):
            continue
        at = start_of(on, rules.zone)
        identity = _identity(item, step.id or item.place, on)
        if effect.effect == "deem":
            yield Report(
                "DecisionMade", _deemed(item, effect.to[0]), at, identity, step.clause, _because(reading.clock)
            )
        elif effect.effect == "status_quo":
            yield Report("StatusQuoImposed", {"decision": item.id}, at, identity, step.clause, _because(reading.clock))
        elif (
            effect.effect in ("escalate", "right_opens", "each_alone")
            and step.then is None
            and (to := target_of(state, rules, item, step, now)) is not None
        ):
            yield _moved(state, rules, item, to=to, at=at, identity=identity, clause=step.clause)


def _identity(item: Item, deadline: str, due: date) -> tuple[str, ...]:
    return ("step", item.kind, item.id, str(item.cycle), str(item.visit), deadline, str(due))


def _deemed(item: Item, outcome: str) -> dict[str, str]:
    return {"decision": item.id, "outcome": outcome, "method": "deemed", "deemed_body": item.place}


def _from_ended_bodies(state: Governance, rules: Rules, item: Item) -> Iterator[Report]:
    """Yield where a decision goes whose body has ended, or that a body takes over from one that had."""
    if item.kind != "decision":
        return
    left = item.visits[-2].place if len(item.visits) > 1 and item.visits[-1].how == "body_ended" else item.place
    known, body = state.bodies.get(left), rules.body(left)
    if known is None or known.ended is None:
        return
    if left != item.place:
        if known.assumed_by and known.assumed_on and item.place != known.assumed_by:
            because = (known.assumed_event,) if known.assumed_event else ()
            yield _transferred(state, rules, item, known.assumed_by, day=known.assumed_on, because=because)
        return
    on_end = body.on_end if body else None
    to = known.assumed_by or known.successor or ({"parties": "any_party"}.get(on_end.to, on_end.to) if on_end else None)
    because = (known.ended_by,) if known.ended_by else ()
    if to is not None:
        yield _transferred(state, rules, item, to, day=known.ended, because=because)
    else:
        at = start_of(known.ended, rules.zone)
        fields = {"decision": item.id, "body": left}
        yield Report("DecisionOrphaned", fields, at, _identity(item, "orphaned", known.ended), None, because)


def _transferred(
    state: Governance, rules: Rules, item: Item, to: str, *, day: date, because: tuple[str, ...]
) -> Report:
    at = start_of(day, rules.zone)
    fields = {"decision": item.id, "from": item.place, "to": to} | _held(state, rules, item, to, at)
    body = rules.body(item.place)
    clause = body.on_end.clause if body and body.on_end else None
    return Report("DecisionTransferred", fields, at, _identity(item, f"moved to {to}", day), clause, because)


def _held(state: Governance, rules: Rules, item: Item, to: str, at: int) -> dict[str, str]:
    """Return whose turn it is at an end of the ladder, for those who read only the event."""
    body = rules.body(to)
    if body is not None:
        return {"held_by": "outside", "holder": to} if body.outside else {}
    if to == "final_say":
        who = final_say(state, rules, item, at).who
        return {"held_by": "party", "holder": who[0]} if len(who) == 1 else {"held_by": "joint"}
    if to in OUTSIDE_ENDS:
        return {"held_by": "outside", "holder": to}
    return {"held_by": "joint"}


def _moved(
    state: Governance, rules: Rules, item: Item, *, to: str, at: int, identity: tuple[str, ...], clause: str | None
) -> Report:
    fields = {"decision": item.rule or item.id if item.kind == "appeal" else item.id, "from": item.place, "to": to}
    fields |= {"appeal": item.id} if item.kind == "appeal" else _held(state, rules, item, to, at)
    return Report("DecisionEscalated", fields, at, identity, clause)


def _at_once(state: Governance, rules: Rules, item: Item, now: int) -> Iterator[Report]:
    for step in open_steps(state, rules, item, now):
        if step.mode != "automatic" or step.limit.unit != "none" or suspended(state, rules, item, step, now):
            continue
        why = _occasion(rules, item, step.on)
        if why is None:
            continue
        event, day = why
        at = start_of(day, rules.zone)
        identity = _identity(item, f"{item.place} {step.on}", day)
        effect = effect_of(state, rules, item, step, now)
        to = target_of(state, rules, item, step, now)
        if effect is not None and effect.effect == "deem":
            yield Report("DecisionMade", _deemed(item, effect.to[0]), at, identity, step.clause, (event,))
        elif to == "status_quo":
            yield Report("StatusQuoImposed", {"decision": item.id}, at, identity, step.clause, (event,))
        elif to is not None and (to != "final_say" or final_say(state, rules, item, now).state == "held"):
            yield _moved(state, rules, item, to=to, at=at, identity=identity, clause=step.clause)


def _occasion(rules: Rules, item: Item, on: str) -> tuple[str, date] | None:
    day = item.failed_on or (item.ballot.day if item.ballot else item.entered)
    if on == "approval":
        return (item.approved_by_body, item.approved_on or day) if item.approved_by_body else None
    if on == "tie":
        here = item.ballot is not None and item.ballot.body == item.place and item.ballot.quorum is not False
        tie = here and item.ballot is not None and tied(rules, item.ballot)
        return (item.ballot.event, item.ballot.day) if tie and item.ballot else None
    return (item.failed_by, day) if item.failed_by else None


def _ratified(state: Governance, rules: Rules, item: Item) -> Iterator[Report]:
    body = rules.body(item.place)
    parties = state.parties(rules)
    done = [event for party, event in item.approvals if party in parties]
    if body is None or body.kind != "ratifying" or {party for party, _ in item.approvals} < set(parties):
        return
    fields = {"decision": item.id, "outcome": "approve", "method": "consensus", "body": item.place}
    at = start_of(item.approved_on or item.entered, rules.zone)
    yield Report("DecisionMade", fields, at, _identity(item, "ratified", item.entered), body.clause, tuple(done))


def _silences(state: Governance, rules: Rules, item: Item, now: int) -> Iterator[Report]:
    for clock in present_clocks(item):
        then = clock.then
        reading = read(state, rules, clock, now)
        if then is None or reading.due is None or reading.due_before is None or clock.over:
            continue
        if item.kind == "decision" and then.effect in ("status_quo", "escalate", "each_alone"):
            yield _moved_by_silence(state, rules, item, clock, reading)
        ends = item.kind == "obligation" and then.effect in ("right_ends", "status_quo") and clock.kind == "limit"
        if then.effect == "deem" or ends:
            yield _silence(rules, item, clock, reading)


def _moved_by_silence(state: Governance, rules: Rules, item: Item, clock: Clock, reading: Reading) -> Report:
    """Return what the end of a deadline beside the steps does to a decision, on the day after it."""
    due = reading.due or date.max
    at, identity = start_of(due + ONE_DAY, rules.zone), _identity(item, clock.id, due)
    if clock.then is None or clock.then.effect == "status_quo":
        return Report("StatusQuoImposed", {"decision": item.id}, at, identity, clock.clause, _because(clock))
    to = clock.then.to[0] if clock.then.to else clock.then.effect
    return _moved(state, rules, item, to=to, at=at, identity=identity, clause=clock.clause)


def _silence(rules: Rules, item: Item, clock: Clock, reading: Reading) -> Report:
    due = reading.due or date.max
    at = start_of(due + ONE_DAY, rules.zone)
    identity = _identity(item, clock.id, due)
    kept = clock.then is not None and clock.then.effect == "status_quo"
    outcome = clock.then.to[0] if clock.then and clock.then.to else "status_quo" if kept else "right_ended"
    if item.kind == "decision":
        return Report("DecisionMade", _deemed(item, outcome), at, identity, clock.clause, _because(clock))
    fields = {item.kind: item.id, "outcome": outcome, "due": due}
    return Report("OutcomeDeemed", fields, at, identity, clock.clause, _because(clock))


def _flips(state: Governance, rules: Rules, now: int) -> Iterator[Report]:
    for index, flip in enumerate(rules.charter.flips):
        if index in state.flipped:
            continue
        uses = state.counted.get(flip.when.counter or "", ())
        days = [day for day, _ in uses] or [told.day for told in state.happened]
        on = start_of(max(days), rules.zone) if days else now
        if holds(flip.when, state, rules, None, on):
            fields = {"trigger": f"flip-{index}", "level": flip.final_say.level}
            fields |= {"to": flip.final_say.who[0]} if flip.final_say.who else {}
            because = tuple(event for _, event in uses)
            yield Report("DecisionRightsFlipped", fields, on, ("flip", str(index)), flip.clause, because)


def _cascades(state: Governance, rules: Rules, now: int) -> Iterator[Report]:
    for name, body in rules.charter.bodies.items():
        if body.ends and body.ends.when and state.sits(name) and holds(body.ends.when, state, rules, None, now):
            told = state.happened[-1] if state.happened else None
            at = start_of(told.day, rules.zone) if told else now
            why = (told.id,) if told else ()
            yield Report("BodyDisbanded", {"body": name}, at, ("ends", name), body.ends.clause, why)
            continue
        others = body.ends.with_last_of if body.ends else ()
        if not others or not state.sits(name) or any(state.sits(other) for other in others):
            continue
        ended = [state.bodies[other] for other in others]
        day = max(one.ended for one in ended if one.ended)
        because = tuple(one.ended_by for one in ended if one.ended_by)
        clause = body.ends.clause if body.ends else None
        yield Report("BodyDisbanded", {"body": name}, start_of(day, rules.zone), ("cascade", name), clause, because)
