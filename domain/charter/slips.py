"""Slips of the pen: rules that say nothing, or two things at once, and so would be passed over without a word."""

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel

from domain.charter.duties import MinutesRule, ObligationRule, SeatRule
from domain.charter.language import (
    Body,
    CalendarOf,
    CarveOut,
    Charter,
    ConfirmationRule,
    Counter,
    Majority,
    Matter,
    Quorum,
    Step,
    Toll,
)
from domain.charter.naming import clock_names, near, parts_of
from domain.charter.rules import clause_met
from domain.charter.words import (
    BUILT_IN_ENDS,
    Condition,
    Deadline,
    Effect,
    EndOf,
    EventIs,
    LengthOf,
    Range,
    Right,
)
from domain.events import EVENTS
from domain.events.understanding import UnderstandingKind

Slip = tuple[str, str | None, str]
Found = Iterator[tuple[str, str]]
LEAP_YEAR = 2024
OUTCOMES = (
    "approve", "reject", "no_objection", "may_proceed", "waived", "incumbents_stay", "status_quo",
)  # fmt: skip
LIKE_AN_OUTCOME = 0.8
ONLY_OF_DUTIES = ("owed_by", "owed_to", "accused", "sender", "recipient", "party")
STARTS_NO_DUTY = ("first_meeting", "draft_received", "panel_formed", "decided")
EVENTS_BY_NAME = {kind.__name__: kind for kind in EVENTS.values()}
PLACES_IN_EVENTS = ("body", "from", "to", "party", "owed_by", "owed_to")


def slips(charter: Charter) -> Iterator[Slip]:
    """Yield path, clause and sentence of each rule that says nothing, or contradicts itself."""
    for path, clause, part in parts_of(charter):
        for key, says in _in(charter, part):
            yield ".".join(filter(None, (path, key))), clause, says


def _in(charter: Charter, part: BaseModel) -> Found:
    match part:
        case Body() | CalendarOf() | Matter() | Toll() | Right() | EventIs() | Quorum():
            yield from _among(charter, part)
        case ObligationRule():
            yield from _obligation(part)
            yield from _deadline(part)
        case Deadline():
            yield from _deadline(part)
        case Step():
            yield from _step(part)
        case CarveOut():
            yield from _carve_out(part)
        case Condition():
            yield from _condition(part)
        case ConfirmationRule():
            yield from _confirmation(part)
        case Effect():
            yield from _effect(part)
        case LengthOf() | Range() | Majority() | Counter() | MinutesRule() | SeatRule():
            yield from _small(part)


def _among(charter: Charter, part: Body | CalendarOf | Matter | Toll | Right | EventIs | Quorum) -> Found:
    """Yield the slips of parts whose names have to be looked up in the charter."""
    match part:
        case Body():
            yield from _body(charter, part)
        case CalendarOf():
            yield from _calendar(charter, part)
        case Matter():
            yield from _matter(charter, part)
        case Toll():
            yield from _toll(charter, part)
        case Right():
            yield from _right(charter, part)
        case EventIs():
            yield from _event(charter, part)
        case _:
            yield from _quorum(charter, part)


def _small(part: LengthOf | Range | Majority | Counter | MinutesRule | SeatRule) -> Found:
    match part:
        case LengthOf():
            yield from _length(part)
        case Range():
            yield from _range(part)
        case Majority():
            yield from _majority(part)
        case Counter():
            yield from _counter(part)
        case MinutesRule():
            yield from _minutes(part)
        case _:
            yield from _seat(part)


def _quorum(charter: Charter, quorum: Quorum) -> Found:
    if quorum.total is None and quorum.per_party is None and quorum.of_seats is None:
        yield "", "it says how many nowhere: write `total`, `per_party` or `of_seats`, or leave the quorum out"
    if isinstance(quorum.per_party, dict):
        for name in quorum.per_party:
            if name not in charter.parties:
                yield "per_party", f"{name!r} is no party of this charter{near(name, charter.parties)}"


def _majority(majority: Majority) -> Found:
    if majority.at_least is None and majority.more_than_percent is None and not majority.unanimous:
        yield "", "it says how many nowhere: write `unanimous`, `majority`, `at_least` or `more_than_percent`"


def _body(charter: Charter, body: Body) -> Found:
    if not body.passes:
        yield "passes", "nobody could pass anything: write `unanimous` or `majority`, or leave it out"
    if body.weights and body.votes != "weighted":
        yield "weights", f"votes are counted {body.votes}: write `votes: weighted`, or leave the weights out"
    if body.weights and (silent := [name for name in charter.parties if name not in body.weights]):
        yield "weights", f"{', '.join(silent)} has no weight: give every party one, 0 where it has no vote"
    if any(weight < 0 for weight in body.weights.values()):
        yield "weights", "a weight is 0 or more"
    if body.votes != "weighted" and any(one.of == "weight" for one in body.passes):
        yield "passes", "it counts weights, and the votes have none: write `votes: weighted`"
    if body.ends and not (body.ends.by or body.ends.mutual or body.ends.with_last_of or body.ends.when):
        yield "ends", "it says no way to end: write `by`, `mutual`, `with_last_of` or `when`, or leave it out"


def _length(length: LengthOf) -> Found:
    if length.unit == "fixed_date" and length.month and length.day and not _is_day(length.month, length.day):
        yield "", f"no year has a day {length.day} in month {length.month}"


def _is_day(month: int, day: int) -> bool:
    try:
        return bool(date(LEAP_YEAR, month, day))
    except ValueError:
        return False


def _condition(condition: Condition) -> Found:
    if not condition.model_dump(exclude_defaults=True, exclude={"clause", "note"}):
        yield "", "it asks nothing, so it would always hold: write what must be so, or leave it out"
    if condition.counter and condition.more_than is None:
        yield "counter", "write beside it how many are too many: `more_than: 2`"
    if condition.more_than is not None and not condition.counter:
        yield "more_than", "write beside it what is counted: `counter: NAME`"
    for name, value in condition.attributes.items():
        if isinstance(value, str) and re.match(r"\s*([<>=]|at least|more than|less than|\d+ ?%)", value):
            yield f"attributes.{name}", f"{value!r} is compared letter by letter: for numbers write `{{more_than: 10}}`"


def _range(bounds: Range) -> Found:
    least = [*_given(bounds.at_least), *(one + 1 for one in _given(bounds.more_than))]
    most = [*_given(bounds.at_most), *(one - 1 for one in _given(bounds.less_than))]
    if not least and not most:
        yield "", "it has no bound: write `at_least`, `at_most`, `more_than` or `less_than`"
    if least and most and max(least) > min(most):
        yield "", "no number lies within these bounds"


def _given(bound: int | None) -> tuple[int, ...]:
    return () if bound is None else (bound,)


def _carve_out(carve: CarveOut) -> Found:
    if carve.when is None and not (carve.says or carve.note or carve.clause):
        yield "", "it carves nothing out: write `when`, or the sentence of the contract as prose"
    if carve.when is None and (carve.to or carve.unless_approved_by or carve.presumed):
        yield "", "it never applies without `when`: write what must be so for it"


def _matter(charter: Charter, matter: Matter) -> Found:
    if matter.decides and matter.final_say:
        says = f"{matter.decides} decides it alone, so nobody has a final say beside: leave one of the two out"
        yield "decides", says
    if matter.final_say == ():
        yield "final_say", "it is an empty list: write `none` where nobody has it, `redacted` where it is blacked out"
    for name in matter.start_bodies:
        if name in BUILT_IN_ENDS and name not in charter.bodies:
            yield "start_bodies", f"{name!r} is an end of the ladder, where nothing starts: name a body"
    for index, say in enumerate(matter.final_say or ()):
        for name in (one for one in say.who if one in ONLY_OF_DUTIES):
            yield (
                f"final_say.{index}.who",
                f"{name!r} means somebody only where something is owed: name a party or body",
            )


def _step(step: Step) -> Found:
    for key in ("by", "early_by"):
        for name in (one for one in getattr(step, key) if one in ONLY_OF_DUTIES):
            says = "nobody owes a step anything: name a party or a body, or write `any_party`, `proposer`, `mover`"
            yield key, f"{name!r} means somebody only where something is owed; {says} or `other_party`"
    if step.window and step.window.unit == "none":
        yield "window", "a window without a length never opens: write how long, or leave it out"
    if step.to and step.then:
        yield "then", f"the step leads to {step.to} already: write `to` or `then`, not both"
    if step.on_decline and step.mode != "gated":
        yield "on_decline", f"nobody declines a step that is {step.mode}: write `mode: gated`, or leave it out"
    if step.mode == "automatic":
        yield from _automatic(step)
    elif step.on != "no_consensus":
        yield "on", f"only a step with `mode: automatic` is taken on a {step.on}"
    if step.mode != "automatic" and "takes_effect" in step.model_fields_set:
        yield "takes_effect", f"only a step with `mode: automatic` has a day of its own; this one is {step.mode}"
    if isinstance(step.clock_starts, EndOf) and step.clock_starts.end_of in ((step.id,) if step.id else step.at):
        yield "clock_starts", "the clock would start at its own end"


def _automatic(step: Step) -> Found:
    if step.by:
        yield "by", "nobody takes a step that is automatic: leave `by` out, or write `early_by` for who may hasten it"
    if step.window:
        yield "window", "a step that is automatic has no window in which somebody may take it"
    if step.kind == "latest":
        yield "kind", "a last day to escalate leaves the step to somebody: write `mode: permissive`"
    if step.on != "no_consensus" and step.limit.unit != "none":
        yield "on", f"a step taken on a {step.on} is taken at once: write `limit: none`"


def _deadline(deadline: Deadline) -> Found:
    if isinstance(deadline.clock_starts, EndOf) and deadline.clock_starts.end_of == deadline.id:
        yield "clock_starts", "the clock would start at its own end"


def _obligation(rule: ObligationRule) -> Found:
    if not (rule.id or rule.clause or rule.obligation_kind):
        yield "", "nothing could ever set it going: give it an `id`, an `obligation_kind` or its `clause`"
    if rule.clock_starts in STARTS_NO_DUTY:
        says = f"an obligation begins with its ObligationStarted, not with `{rule.clock_starts}`"
        yield "clock_starts", f"{says}: write `occurrence`, `receipt` or `notice_received`"


def _effect(then: Effect) -> Found:
    if then.effect == "right_opens" and not then.act:
        yield "", "it opens a right to nothing: write `act`, as in `act: terminate`"
    if then.effect == "deem":
        for word in (one for one in then.to if one not in OUTCOMES):
            if like := get_close_matches(word, OUTCOMES, n=1, cutoff=LIKE_AN_OUTCOME):
                yield "to", f"{word!r} would be an outcome of its own: did you mean `{like[0]}`?"


def _right(charter: Charter, right: Right) -> Found:
    for name in right.at:
        if name not in charter.bodies and name not in BUILT_IN_ENDS:
            yield "at", f"body {name!r} is not declared under `bodies`{near(name, charter.bodies)}"


def _event(charter: Charter, wanted: EventIs) -> Found:
    kind = EVENTS_BY_NAME.get(wanted.event)
    if kind is None:
        return
    fields = {str(told.alias or name) for name, told in kind.model_fields.items()}
    for key in (*wanted.where, *filter(None, (wanted.day,))):
        if key not in fields:
            instead = near(key, fields) or f"; it has {', '.join(sorted(fields))}"
            yield f"where.{key}" if key in wanted.where else "day", f"{wanted.event} has no field {key!r}{instead}"
    known = {*charter.parties, *charter.bodies, *BUILT_IN_ENDS}
    for key, value in wanted.where.items():
        if key in PLACES_IN_EVENTS:
            for name in value if isinstance(value, list) else [value]:
                if str(name) not in known:
                    yield f"where.{key}", f"{name!r} is no party and no body of this charter{near(str(name), known)}"


def _toll(charter: Charter, toll: Toll) -> Found:
    rules = [*charter.obligations, *charter.deadlines, *charter.ladder]
    kinds = {rule.obligation_kind for rule in charter.obligations if rule.obligation_kind}
    matters = {name for key, one in charter.matters.items() for name in (key, *one.also)}
    known = {*clock_names(charter), *kinds, *matters, *charter.bodies}
    clauses = [one.clause for one in rules if one.clause]
    for name in toll.only:
        if name not in known and not any(clause_met(name, clause) for clause in clauses):
            says = (
                "is no id, kind or clause of a rule, no matter and no body; a work stream stands under `work_streams`"
            )
            yield "only", f"{name!r} {says}{near(name, known)}"


def _calendar(charter: Charter, calendar: CalendarOf) -> Found:
    if len(set(calendar.weekend)) == len(("mon", "tue", "wed", "thu", "fri", "sat", "sun")):
        yield "weekend", "every day would be closed, and nothing would ever be due"
    for key in ("plus", "minus"):
        for index, closure in enumerate(getattr(calendar, key)):
            if closure.party and closure.party not in charter.parties:
                says = f"{closure.party!r} is no party of this charter{near(closure.party, charter.parties)}"
                yield f"{key}.{index}.party", says
            first, last = calendar.first or closure.day, calendar.last or closure.day
            if not first <= closure.day <= last:
                yield f"{key}.{index}", f"{closure.day} lies outside the calendar, {calendar.first} to {calendar.last}"


def _counter(counter: Counter) -> Found:
    if counter.window.unit == "business_days":
        yield "window", "a window rolls by calendar days, weeks, months or years, not by business days"


def _minutes(rule: MinutesRule) -> Found:
    if not rule.deadlines and not rule.must_list and "official" not in rule.model_fields_set:
        yield "", "it says nothing of the minutes: write `official` or `deadlines`"


def _seat(rule: SeatRule) -> Found:
    if not (rule.seniority or rule.excluded_from or rule.appointment or rule.note):
        yield "", "it says nothing of the seats: write `seniority`, `excluded_from` or `appointment`"


def _confirmation(rule: ConfirmationRule) -> Found:
    if not rule.seats and not rule.functions and rule.level_min is None:
        yield "", "it names nobody who could confirm: write `seats`, `functions` or `level_min`"
    kinds = get_args(UnderstandingKind)
    for kind in rule.kinds:
        if kind not in kinds:
            instead = near(kind, kinds) or f"; there are {', '.join(kinds)}"
            yield "kinds", f"{kind!r} is no kind of understanding{instead}"
