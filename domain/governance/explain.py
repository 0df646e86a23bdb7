"""Explain: for any item, whose turn it is, until when, under which clause, and what happens if nobody acts."""

from collections.abc import Mapping
from typing import Any

from domain.charter.rules import Rules
from domain.clocks import Counting, day_of, iso
from domain.governance.authority import authority
from domain.governance.conditions import counted_within
from domain.governance.consequence import if_nothing
from domain.governance.final_say import final_say
from domain.governance.holding import holder_of, present_clocks, present_limit
from domain.governance.state import Clock, Governance, Item
from domain.governance.timing import Reading, read
from domain.governance.told import Told
from domain.governance.votes import tally

Answer = dict[str, Any]
DAYS_LISTED_MAX = 400
SUBJECTS = ("decision", "appeal", "obligation", "notice", "minutes", "seat", "body", "counter")


def explain(
    state: Governance,
    subject: Mapping[str, str],
    seconds: int,
    *,
    refused: Told | None = None,
    charters: Governance | None = None,
) -> Answer:
    """Return the answer about a subject at an instant, in the words of the scenario form.

    `refused` is a command about the subject that was refused; `charters` is the state that knows every signature.
    """
    kind = next((one for one in SUBJECTS if one in subject), None)
    if kind is None:
        return {"state": "unknown"}
    versions = charters or state
    name = str(subject[kind])
    if kind == "counter":
        return {"counters": {name: counted_within(state, state.rules_at(seconds), name, seconds)}}
    if kind == "body":
        return _body(state, name)
    item = state.item(kind, name) or (_asked_seat(refused, versions, seconds) if kind == "seat" else None)
    if item is None:
        return {"state": "unknown" if refused is None else "refused"}
    rules = versions.rules_of(item, seconds)
    answer = _about(state, rules, item, seconds, subject.get("part"))
    answer["charter_version"] = versions.version_of(item, seconds).version
    return answer


def _body(state: Governance, name: str) -> Answer:
    known = state.bodies.get(name)
    ended = known is not None and known.ended is not None
    return {"state": "ended" if ended else "open", "ended_by": known.ended_by if known else None}


def _asked_seat(refused: Told | None, versions: Governance, seconds: int) -> Item | None:
    if refused is None:
        return None
    return Item(
        kind="seat", id=str(refused["seat"]), opened=refused, version=versions.version_at(seconds).version,
        body=refused.text("body"), party=refused.text("party"),
    )  # fmt: skip


def _about(state: Governance, rules: Rules, item: Item, seconds: int, part: str | None) -> Answer:
    holder = holder_of(state, rules, item, seconds)
    limit = present_limit(state, rules, item, seconds, part)
    answer: Answer = {
        "state": item.status,
        "outcome": item.outcome,
        "method": item.method,
        "holder": {"kind": holder.kind, "id": holder.id},
        "due": limit.due if limit else None,
        "lapsed": bool(limit and limit.lapsed),
        "due_before": iso(limit.due_before) if limit and limit.due_before is not None else None,
        "clocks": [_clock(state, rules, clock, seconds) for clock in _in_order(item, part)],
        "may_act": _acts(state, rules, item, seconds, part),
        "if_nothing": _nothing(state, rules, item, seconds, part),
        "findings": list(item.findings),
        "contradicted": list(item.contradicted),
        "notes": [note.model_dump(exclude_none=True) for note in rules.charter.notes if _about_item(note.about, item)],
    }
    if item.kind in ("decision", "appeal"):
        answer |= _decision(state, rules, item, seconds)
    if item.kind == "minutes":
        answer["official"] = item.status == "ended" and item.outcome is not None
    if item.kind == "notice":
        day = day_of(seconds, rules.zone)
        answer["received"] = item.received if item.received and item.received <= day else None
    return answer


def _about_item(about: tuple[str, ...], item: Item) -> bool:
    return bool({item.matter, item.place, item.body, item.id, item.opened.text("clause")} & set(about))


def _decision(state: Governance, rules: Rules, item: Item, seconds: int) -> Answer:
    say = final_say(state, rules, item, seconds)
    ballot = item.ballot
    clauses = [step for step in rules.charter.ladder if item.place in step.at]
    return {
        "tier": item.place,
        "matter": item.matter,
        "elapsed_days": ((item.ended_on or day_of(seconds, rules.zone)) - item.entered).days,
        "final_say": {
            "state": say.state,
            "who": list(say.who),
            "level": say.level,
            "clause": say.clause,
            "because_of": list(say.because_of),
            "requires": say.rule.requires if say.rule else None,
            "price": say.rule.price if say.rule else None,
            "carve_outs": [one.says or one.clause for one in say.rule.carve_outs] if say.rule else [],
        },
        "quorum": ballot.quorum if ballot else None,
        "votes": tally(rules, ballot) if ballot and ballot.votes else None,
        "entered_by": item.visits[-1].event if item.visits else None,
        "clauses": [clause for step in clauses if (clause := step.clause)],
    }


def _in_order(item: Item, part: str | None) -> list[Clock]:
    here = present_clocks(item, part)
    return [*here, *(clock for clock in item.clocks if clock not in here and not part)]


def _clock(state: Governance, rules: Rules, clock: Clock, seconds: int) -> Answer:
    reading = read(state, rules, clock, seconds)
    return {
        "id": clock.id,
        "kind": clock.kind,
        "state": reading.state,
        "started": clock.started,
        "started_by": clock.started_by,
        "due": reading.due,
        "due_before": iso(reading.due_before) if reading.due_before is not None else None,
        "remaining": reading.remaining,
        "causes": list(reading.causes),
        "length": clock.length.says(),
        "calendar": clock.calendar,
        "clause": clock.clause,
        "unknown_because": reading.unknown_because,
        "counting": arithmetic(reading),
    }


def arithmetic(reading: Reading) -> list[str]:
    """Return the counting day by day: what day 0 was, each day counted, and each day skipped with its reason."""
    counting: Counting | None = reading.counting
    start = reading.clock.stated if reading.clock.before else reading.clock.started
    if counting is None or start is None:
        return []
    lines = [f"0 {start:%a %Y-%m-%d}"]
    listed = counting.days if len(counting.days) <= DAYS_LISTED_MAX else counting.days[-1:]
    lines += [f"{day.number if day.number is not None else '-'} {day.day:%a %Y-%m-%d}" + (
        f" ({day.skipped})" if day.skipped else "") for day in listed]  # fmt: skip
    if counting.rolled_from:
        lines.append(f"due day {counting.rolled_from:%a %Y-%m-%d} is closed, moved to {counting.due:%a %Y-%m-%d}")
    return lines


def _acts(state: Governance, rules: Rules, item: Item, seconds: int, part: str | None) -> list[Answer]:
    found = authority(state, rules, item, seconds, part)
    return [{"who": one.who, "act": one.act, "clause": one.clause, "to": one.to} for one in found]


def _nothing(state: Governance, rules: Rules, item: Item, seconds: int, part: str | None) -> Answer:
    one = if_nothing(state, rules, item, seconds, part)
    answer: Answer = {"effect": one.effect, "clause": one.clause}
    if one.to:
        answer["to"] = one.to[0] if len(one.to) == 1 else list(one.to)
    if one.dated:
        answer["on"] = one.on
    return answer
