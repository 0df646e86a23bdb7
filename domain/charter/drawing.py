"""A charter as people read it: the ladder as a picture, its clocks in plain words, and who decides what."""

from collections.abc import Iterable, Iterator
from typing import Any

from domain.charter.language import Charter, FinalSay, Matter, Step
from domain.charter.naming import WORDS_FOR_HOLDERS
from domain.charter.words import MONTHS, Condition, Deadline, Effect, EndOf, EventIs, LengthOf

TRIGGERS = {
    "raised": "its raising",
    "entered": "its arrival there",
    "first_meeting": "the first meeting that fails to agree",
    "meeting_held": "the meeting",
    "escalation": "the step there",
    "brought_to_attention": "its being brought to their attention",
    "notice_received": "the receipt of the notice",
    "first_notice": "the first notice",
    "dispute_arose": "the day the dispute arose",
    "end_of_previous_tier": "the end of the limit before",
    "panel_formed": "the forming of the panel",
    "last_submission": "the last submission",
    "submitted": "its submission",
    "approval": "the approval",
    "occurrence": "the event itself",
    "receipt": "the receipt",
    "draft_received": "the receipt of the draft",
    "decided": "the decision",
    "unspecified": "a day that the contract does not state",
}


def length_said(length: LengthOf) -> str:
    """Return a length in words; what is not known says so."""
    match length.unit:
        case "redacted":
            return "a redacted time"
        case "none":
            return "no set time"
        case "fixed_date":
            return f"{length.day} {MONTHS[(length.month or 1) - 1].capitalize()}"
        case "promptly" | "next_meeting" | "stated_day":
            return {"promptly": "promptly", "next_meeting": "the next meeting", "stated_day": "the stated day"}[
                length.unit
            ]
        case _:
            return f"{length.value} {length.unit.replace('_', ' ')}"


def trigger_said(trigger: object) -> str:
    """Return what starts a clock, in words."""
    if isinstance(trigger, EndOf):
        return f"the end of {trigger.end_of}"
    if isinstance(trigger, EventIs):
        return trigger.event
    return TRIGGERS.get(str(trigger), str(trigger))


def ladder_drawn(charter: Charter) -> list[str]:
    """Return the ladder as lines of text, from the lowest tier up, every step beneath the body it leaves."""
    order = sorted(charter.bodies, key=lambda name: (charter.bodies[name].tier or 0, name))
    lines: list[str] = []
    for name in order:
        steps = [step for step in charter.ladder if name in step.at]
        tier = charter.bodies[name].tier
        lines.append(f"[{tier if tier is not None else '-'}] {name}")
        lines += [f"      └─ {_step_drawn(step)}" for step in steps]
    return lines


def _step_drawn(step: Step) -> str:
    arrow = {"automatic": "═▶", "permissive": "─▶", "gated": "─?▶"}[step.mode]
    target = step.to or (": ".join(filter(None, (step.then.effect, ", ".join(step.then.to)))) if step.then else "?")
    matters = f" for {', '.join(step.matters)}" if step.matters else ""
    clause = f"  ({step.clause})" if step.clause else ""
    return f"{length_said(step.limit)} {arrow} {target}{matters}{clause}"


def clause_said(clause: str | None) -> str:
    """Return a clause in brackets, or nothing."""
    return f" ({clause})" if clause else ""


def listed(names: Iterable[str]) -> str:
    """Return names in words, one after another."""
    return ", ".join(one.replace("_", " ") if one in WORDS_FOR_HOLDERS else one for one in names)


def steps_said(charter: Charter) -> Iterator[str]:
    """Yield each step of the ladder as a sentence."""
    for step in charter.ladder:
        where = " or ".join(step.at)
        what = f"a decision on {', '.join(step.matters)}" if step.matters else "a decision"
        to = step.to or "what follows"
        waits = "" if step.limit.unit == "none" else f"{length_said(step.limit)} from {trigger_said(step.clock_starts)}"
        match step.mode:
            case "automatic" if not waits:
                on = step.on.replace("_", " ")
                yield f"From {where} {what} goes to {to} at once on {on}{clause_said(step.clause)}."
            case "automatic":
                yield f"From {where} {what} goes to {to} by itself after {waits}{clause_said(step.clause)}."
            case "gated":
                gate = ", ".join(step.by) or where
                yield f"From {where} {what} goes to {to} only if {gate} says so{clause_said(step.clause)}."
            case _ if step.then and step.to is None:
                yield f"At {where}, for {what}: {waits or 'at once'}{effect_said(step.then)}{clause_said(step.clause)}."
            case _:
                who = ", ".join(step.by).replace("_", " ") or "any party"
                yield f"From {where} {who} may take {what} to {to}{_ripe_said(step, waits)}{clause_said(step.clause)}."


def _ripe_said(step: Step, waits: str) -> str:
    """Return when somebody may take a step, in words."""
    before = {"limit": "after", "latest": "at the latest"}.get(step.kind, f"({step.kind}:")
    when = f" {before} {waits}{')' if before.startswith('(') else ''}" if waits else ""
    if step.opens_when:
        when = f" once {condition_said(step.opens_when)}" + (f" (a clock beside it: {waits})" if waits else "")
    decided = " after it has been decided" if step.after_decision else ""
    window = f", and within {length_said(step.window)} of then" if step.window else ""
    bars = "".join(f", but not where {condition_said(bar.when)}" for bar in step.bars)
    return f"{decided}{when}{window}{bars}"


def condition_said(condition: Condition) -> str:
    """Return a condition in words: its keys and their values, nested ones in brackets."""
    plain = condition.model_dump(mode="json", exclude_defaults=True, exclude={"clause", "note", "all", "any", "none"})
    said = [f"{key.replace('_', ' ')} {_value_said(value)}" for key, value in plain.items()]
    for word, nested in ((" and ", condition.all), (" or ", condition.any)):
        said += [f"({word.join(condition_said(one) for one in nested)})"] if nested else []
    said += [f"not ({condition_said(one)})" for one in condition.none]
    return " and ".join(said) or "always"


def _value_said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key.replace('_', ' ')} {_value_said(one)}" for key, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def effect_said(then: Effect) -> str:
    """Return what a deadline brings, in words."""
    act = f" ({then.act.replace('_', ' ')})" if then.act else ""
    return f"; then {then.effect.replace('_', ' ')} {', '.join(then.to)}".rstrip() + act


def deadlines_said(charter: Charter) -> Iterator[str]:
    """Yield each deadline beside the ladder as a sentence."""
    for one in charter.deadlines:
        yield f"{one.id or one.kind}: {_deadline_said(one)}"
    for duty in charter.obligations:
        yield f"{duty.what or duty.id or 'a duty'}: {_deadline_said(duty)}"
    for rule in charter.minutes:
        bodies = ", ".join(rule.bodies) or "every body"
        for one in rule.deadlines:
            yield f"minutes of {bodies}, {one.id or one.kind}: {_deadline_said(one)}"


def _deadline_said(one: Deadline) -> str:
    before = "before" if one.before else "from"
    effect = effect_said(one.then) if one.then else ""
    return f"{length_said(one.length)} {before} {trigger_said(one.clock_starts)}{effect}{clause_said(one.clause)}."


def notes_said(charter: Charter) -> Iterator[str]:
    """Yield each clause that stays prose."""
    for note in charter.notes:
        yield f"Kept as prose: {note.says}{clause_said(note.clause)}."


def rights_matrix(charter: Charter) -> list[dict[str, Any]]:
    """Return who decides each matter, at which level: matter x party x level."""
    return [
        {"matter": name, **_decided_by(charter, matter), "clause": matter.clause}
        for name, matter in charter.matters.items()
    ]


def matrix_drawn(charter: Charter) -> list[str]:
    """Return the decision rights as a table of text: a line for each matter, a column for each party, the level."""
    rows = [["matter", *charter.parties, "in words"]]
    for row in rights_matrix(charter):
        cells = [row["parties"][party] or "-" for party in charter.parties]
        rows.append([row["matter"], *cells, row["says"]])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]


def _decided_by(charter: Charter, matter: Matter) -> dict[str, Any]:
    if matter.decides:
        return _row(charter, (matter.decides,), "alone", f"{matter.decides} alone")
    says = matter.final_say
    known = matter.unresolved not in (None, "unknown", "final_say")
    nobody = f"nobody; unresolved: {matter.unresolved}" if known else "nobody"
    if says is None:
        return _row(charter, (), None, nobody if known else "unknown")
    held = [one for one in says if one.state == "held"]
    if not held:
        return _row(charter, (), None, nobody if says[0].state == "none" else "unknown")
    return _row(charter, held[0].who, held[0].level, "; ".join(_say_said(one) for one in held))


def _say_said(one: FinalSay) -> str:
    limits = [carve.says or carve.clause or "a carve-out" for carve in one.carve_outs]
    but = f", but not: {'; '.join(limits)}" if limits else ""
    return f"{', '.join(one.who)} at {one.level}{but}"


def _row(charter: Charter, who: tuple[str, ...], level: str | None, says: str) -> dict[str, Any]:
    return {
        "parties": {party: level if party in who else None for party in charter.parties},
        "level": level,
        "says": says,
    }
