"""What a message breaks: the same faults refuse a command and are found on a report."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.charter.language import Step
from domain.charter.rules import Rules
from domain.charter.words import ACTS
from domain.governance.authority import authority, barred, may, opened, persons, reading_of, step_place
from domain.governance.conditions import grounds, holds, kind_of, like_before
from domain.governance.final_say import final_say, usable
from domain.governance.pausing import toll_for, tolls_for
from domain.governance.places import steps_from, target_of
from domain.governance.state import Governance, Item
from domain.governance.timing import read
from domain.governance.told import Told
from domain.governance.votes import passed, too_few_senders, unacknowledged


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is broken: in words, by its clause, and the events it follows from. `only_commands`: no finding."""

    says: str
    clause: str | None
    because_of: tuple[str, ...] = ()
    only_commands: bool = False
    rule: str = "charter"


Judge = Callable[[Governance, Rules, Told], Iterator[Fault]]


def faults(state: Governance, told: Told) -> list[Fault]:
    """Return what a message breaks under the charter in force at its effective time."""
    judge = JUDGES.get(told.name)
    if judge is None or not state.charters:
        return []
    item = state.item("decision", str(told["decision"])) if told["decision"] else None
    rules = state.rules_of(item, told.seconds) if item else state.rules_at(told.seconds)
    return list(judge(state, rules, told))


def not_permitted(state: Governance, told: Told, act: str) -> list[Fault]:
    """Return why somebody may not do an act that is no event with a rule of its own: nobody gave them the right."""
    kind = next((one for one in ("decision", "obligation", "minutes") if told[one] is not None), None)
    item = state.item(kind, str(told[kind])) if kind else None
    by = told.names("by") or told.names("party")
    if item is None or not by or act not in ACTS or not state.charters:
        return []
    rules = state.rules_of(item, told.seconds)
    found = authority(state, rules, item, told.seconds, told.text("part"))
    if all(may(found, who, act) for who in by):
        return []
    clause = rules.matter(item.matter).clause if item.matter else next((one.clause for one in item.clocks), None)
    return [Fault(f"{', '.join(by)} may not {act} now", clause, grounds(state, item))]


def _decided(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    item = state.item("decision", str(told["decision"]))
    if item is None or told["method"] == "deemed":
        return
    if item.status == "ended":
        yield Fault("it has been decided already", rules.matter(item.matter).clause, (item.ended_by or "",))
        return
    body = told.text("body")
    by = told.names("by")
    if told["method"] == "final_say":
        yield from _final_say_used(state, rules, item, told, by)
        return
    for who in by or ((body,) if body else ()):
        if may(authority(state, rules, item, told.seconds), who, "decide") is None:
            clause = rules.matter(item.matter).clause or _clause_of(rules, who)
            yield Fault(f"{who} may not decide it here", clause, grounds(state, item))
    if body and set(by) <= {body}:
        yield from _form(state, rules, item, body)


def _raised(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    matter, body = told.text("matter"), told.text("body")
    if matter is not None and not rules.declared(matter) and "default" not in rules.charter.matters:
        yield Fault(f"the charter knows no matter {matter}", None)
    start = rules.matter(matter).start_bodies
    if body and start and body not in start:
        clause = rules.matter(matter).clause
        yield Fault(f"{matter or 'it'} starts at {', '.join(start)}", clause)


def _classified(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    rule = rules.matter(told.text("matter"))
    by = told.text("by")
    if by and rule.classified_by and by not in persons(state, rules, None, rule.classified_by):
        yield Fault(f"{', '.join(rule.classified_by)} says what belongs to it", rule.clause)


def _extended(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    item = state.item("decision", str(told["decision"]))
    to = told.day_in("to")
    for clock in item.clocks if item else ():
        cap = read(state, rules, clock, told.seconds).due if clock.kind == "cap" else None
        if cap is not None and to > cap:
            yield Fault(f"no extension beyond {cap}", clock.clause, (clock.started_by,) if clock.started_by else ())


def _clause_of(rules: Rules, body: str) -> str | None:
    found = rules.body(body)
    return found.clause if found else None


def _final_say_used(state: Governance, rules: Rules, item: Item, told: Told, by: tuple[str, ...]) -> Iterator[Fault]:
    say = final_say(state, rules, item, told.seconds)
    if say.state == "unknown":
        yield Fault("nobody knows who has the final say: report it instead", say.clause, only_commands=True)
        return
    held = usable(say, item) and set(by) <= set(say.who)
    if not held:
        yield Fault("no final say on this matter, here and now", say.clause, say.because_of or grounds(state, item))


def _form(state: Governance, rules: Rules, item: Item, body: str) -> Iterator[Fault]:
    ballot = item.ballot
    rule = rules.body(body)
    if ballot is None or rule is None or ballot.body != body:
        return
    votes = tuple(vote.event for vote in ballot.votes)
    if ballot.quorum is False:
        clause = (rule.quorum.clause if rule.quorum else None) or rule.clause
        yield Fault("the meeting had no quorum", clause, (ballot.event,))
        return
    email = (rule.email.clause if rule.email else None) or rule.clause
    if unacknowledged(state, rules, ballot):
        yield Fault("receipt of the e-mails is not acknowledged", email, votes)
    elif too_few_senders(state, rules, ballot):
        yield Fault("too few persons of a party sent the e-mail", email, votes)
    if votes and not passed(state, rules, ballot):
        yield Fault("the votes are not enough", rule.passes[0].clause or rule.clause, votes)


def _escalated(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    item = state.item("decision", str(told["decision"]))
    if item is None:
        return
    if kind_of(item, rules) == "discuss" or not rules.matter(item.matter).escalates:
        yield Fault("it may be discussed, not escalated", rules.matter(item.matter).clause, grounds(state, item))
        return
    subject = state.item("appeal", told.text("appeal") or "") or item
    to = told.text("to")
    every = steps_from(state, rules, subject, subject.place, told.seconds)
    steps = [
        step for step in every if to is None or to in (step.to, target_of(state, rules, subject, step, told.seconds))
    ]
    if not steps:
        clause = every[0].clause if every else rules.matter(item.matter).clause
        yield Fault(f"no step leads from {subject.place} to {to}", clause, grounds(state, item))
        return
    problems = [list(_step_taken(state, rules, subject, step, told)) for step in steps]
    if all(problems):
        yield from problems[0]


def _step_taken(state: Governance, rules: Rules, item: Item, step: Step, told: Told) -> Iterator[Fault]:
    if barred(state, rules, item, step, told.seconds):
        bar = next(bar for bar in step.bars if holds(bar.when, state, rules, item, told.seconds))
        because = like_before(state, item, bar.when.similar_to or "escalated") or grounds(state, item)
        yield Fault("the step is barred", bar.clause or step.clause, because)
        return
    by = told.names("by")
    if step.after_decision and item.kind == "decision":
        takers = persons(state, rules, item, step.by or ("any_party",))
        if item.outcome is None or not set(by) <= set(takers):
            why = "only after it has been decided" if item.outcome is None else "somebody else may"
            yield Fault(
                f"it may be escalated by {', '.join(takers)}: {why}", step.clause, (item.ended_by or item.opened.id,)
            )
        return
    if item.status == "ended":
        yield Fault("it has been decided already", step.clause, (item.ended_by or "",))
        return
    yield from _ripe(state, rules, item, step, told)


def _ripe(state: Governance, rules: Rules, item: Item, step: Step, told: Told) -> Iterator[Fault]:
    by = told.names("by")
    reading = reading_of(state, rules, item, step.id or step_place(step, item), kind=step.kind, seconds=told.seconds)
    because = (reading.clock.started_by,) if reading and reading.clock.started_by else ()
    unknown = reading is not None and reading.state == "unknown"
    early = set(persons(state, rules, item, step.early_by))
    if by and set(by) <= early:
        return
    if step.mode == "gated":
        if by and not set(by) <= set(persons(state, rules, item, step.by or (item.place,))):
            yield Fault("the gate decides whether it goes up", step.clause, because)
        return
    if step.mode == "permissive":
        takers = persons(state, rules, item, step.by or ("any_party",))
        if by and not set(by) <= {*takers, item.place}:
            yield Fault(f"it may be taken up by {', '.join(takers)}", step.clause, because)
        elif not opened(state, rules, item, step, told.seconds):
            says = "the latest day has passed" if step.kind == "latest" else "its time has not come"
            yield Fault(says, step.clause, because, only_commands=unknown)
        return
    early_now = reading is not None and reading.state in ("running", "not_started", "paused")
    says = "the step happens by itself" + (" after its limit" if early_now else ": report it when it has")
    yield Fault(says, step.clause, because, only_commands=not early_now)


def _voted(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    item = state.item("decision", str(told["decision"]))
    ballot = item.ballot if item else None
    if ballot is None or ballot.quorum is not False:
        return
    rule = rules.body(ballot.body)
    if rule is not None and rule.quorum is not None and rule.quorum.forbids == "vote":
        yield Fault("no vote without a quorum", rule.quorum.clause or rule.clause, (ballot.event,))


def _seated(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    item = state.item("decision", told.text("decision") or "")
    before = state.seats.get(str(told["seat"]))
    for rule in rules.seat_rules(str(told["body"])):
        if rule.seniority and before is not None and _less_senior(told, before):
            yield Fault("a seat may not go to somebody less senior", rule.clause, (before.id,))
        for lower in rule.excluded_from:
            sits = [one for one in state.seats.values() if one["body"] == lower and one["person"] == told["person"]]
            if sits and item is not None and item.was_at(lower):
                yield Fault(
                    f"a person who sits in {lower} may not decide what came from there", rule.clause, (sits[0].id,)
                )


def _less_senior(told: Told, before: Told) -> bool:
    now, then = told["seniority"], before["seniority"]
    return now is not None and then is not None and now < then


def _met(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    called_by = state.notices_of_meetings.get(told.text("meeting") or "")
    called = state.item("notice", called_by or "")
    for clock in called.clocks if called else ():
        due = read(state, rules, clock, told.seconds).due
        if due is not None and told.day < due:
            yield Fault(f"the notice allows a meeting from {due}", clock.clause, (called.opened.id,) if called else ())


def _minuted(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    item = state.item("minutes", str(told["meeting"]))
    rule = rules.minutes_of(item.body or "") if item else None
    if item is None or rule is None:
        return
    done = {party for party, _ in item.approvals} | set(told.names("party") or state.parties(rules))
    ends = told.name == "MinutesFinalized" or (
        rule.official == "each_party_approves" and done >= set(state.parties(rules))
    )
    for clock in item.clocks:
        stops = any(stop.event == told.name for stop in clock.stops)
        right = clock.then is not None and clock.then.effect in ("right_ends", "deem")
        due = read(state, rules, clock, told.seconds).due
        if due is None or clock.over or right or told.day <= due:
            continue
        if stops or (ends and not clock.stops):
            yield Fault(f"{clock.id} was due on {due}", clock.clause or rule.clause, (item.opened.id,))


def _obligation_met(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    item = state.item("obligation", str(told["obligation"]))
    if item is None or told["finding_for"]:
        return
    for clock in item.parts.get(told.text("part") or "", item.clocks):
        due = read(state, rules, clock, told.seconds).due
        if due is not None and told.day > due:
            yield Fault(f"it was due on {due}", clock.clause, (item.opened.id,))


def _paused(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    kind = next((noun for noun in ("decision", "obligation", "notice") if told[noun] is not None), None)
    item = state.item(kind, str(told[kind])) if kind else None
    if item is None or toll_for(state, rules, item, told) is not None:
        return
    known = tolls_for(rules, item, told)
    yield Fault("no clause lets this pause the clock", known[0].clause if known else None, (item.opened.id,))


def _disbanded(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    body = rules.body(str(told["body"]))
    by = set(told.names("by"))
    if body is None or body.ends is None or not by:
        return
    alone = bool(by & set(body.ends.by))
    together = body.ends.mutual and by >= set(state.parties(rules))
    if not alone and not together:
        yield Fault("it may not be ended so", body.ends.clause or body.clause)


def _declined(state: Governance, rules: Rules, told: Told) -> Iterator[Fault]:
    item = state.item("decision", str(told["decision"]))
    by = told.text("by")
    if item is None or by is None:
        return
    if may(authority(state, rules, item, told.seconds), by, "decline") is None:
        clause = next((step.clause for step in rules.charter.ladder if item.place in step.at), None)
        yield Fault(f"{by} is not the gate", clause, grounds(state, item))


JUDGES: dict[str, Judge] = {
    "DecisionRaised": _raised,
    "MatterClassified": _classified,
    "DeadlineExtended": _extended,
    "DecisionMade": _decided,
    "DecisionEscalated": _escalated,
    "EscalationDeclined": _declined,
    "VoteCast": _voted,
    "SeatFilled": _seated,
    "MeetingHeld": _met,
    "MinutesDrafted": _minuted,
    "MinutesApproved": _minuted,
    "MinutesFinalized": _minuted,
    "ObligationMet": _obligation_met,
    "ClockPaused": _paused,
    "BodyDisbanded": _disbanded,
}
