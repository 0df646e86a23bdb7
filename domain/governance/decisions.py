"""How decisions and their appeals change with what is told about them."""

from collections.abc import Callable

from domain.charter.rules import Rules
from domain.clocks import Pause
from domain.governance.places import cycle_clocks, entering, open_steps, steps_from
from domain.governance.starting import after_lapse, started_by, started_on_entry, stopped_by
from domain.governance.state import WHOLE_CYCLE, Ballot, Clock, Governance, Item, Vote
from domain.governance.told import Told, day_from
from domain.governance.votes import quorate
from domain.replacing import replace

Change = Callable[[Governance, Rules, Item, Told], Item]


def raised(state: Governance, rules: Rules, told: Told, version: str) -> Item:
    """Return a decision that was raised, or first seen under way, with the clocks of the body it came to."""
    name = told.text("matter") or "default"
    start = rules.matter(name).start_bodies
    body = told.text("body") or (start[0] if start else "")
    item = Item(
        kind="decision",
        id=str(told["decision"]),
        opened=told,
        version=version,
        matter=name,
        attributes=dict(told["attributes"] or {}),
        findings=told.findings,
    )
    return come_to(state, rules, item, body, told, how="raised")


def come_to(
    state: Governance, rules: Rules, item: Item, place: str, told: Told, *, how: str, clock: str = "restarts"
) -> Item:
    """Return a decision that came to a place, by whatever way, with the clocks started that its coming starts.

    `clock` says whether clocks restart there, carry on from the last place, or none are set up.
    """
    if how == "declined":
        clock = "none"
    moved = entering(state, rules, item, place, told, how=how, clocks=clock == "restarts")
    if clock == "carries":
        moved = _carried(item, moved)
    if how == "raised":
        moved = replace(moved, clocks=(*moved.clocks, *cycle_clocks(state, rules, moved, place, told.seconds)))
    return started_on_entry(state, rules, moved, told)


def _carried(item: Item, moved: Item) -> Item:
    """Return a decision whose clocks went on with it to the body that took over."""
    running = tuple(replace(clock, visit=moved.visit) for clock in item.clocks if clock.visit == item.visit)
    kept = tuple(clock for clock in moved.clocks if clock.visit != item.visit)
    return replace(moved, clocks=(*kept, *running))


def appealed(state: Governance, rules: Rules, decision: Item, told: Told) -> Item:
    """Return the appeal against a decision that stands: an item of its own, on its own clock."""
    appeal = Item(
        kind="appeal",
        id=str(told["appeal"]),
        opened=told,
        version=decision.version,
        matter=decision.matter,
        matter_event=decision.opened.id,
        attributes=decision.attributes,
        rule=decision.id,
        findings=told.findings,
    )
    return come_to(state, rules, appeal, str(told["to"]), told, how="escalated")


def ended(item: Item, told: Told, *, outcome: str | None, method: str | None = None) -> Item:
    """Return an item that is over; what still ran stops on that day."""
    clocks = tuple(replace(clock, stopped=told.day) if not clock.over else clock for clock in item.clocks)
    return replace(
        item,
        status="ended",
        outcome=outcome,
        method=method,
        ended_on=told.day,
        ended_by=told.id,
        clocks=clocks,
    )


def escalated(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after a step up."""
    to = told.text("to") or _next(state, rules, item, told)
    moved = come_to(state, rules, item, to, told, how="escalated")
    return replace(moved, escalations=(*item.escalations, told.id))


def _next(state: Governance, rules: Rules, item: Item, told: Told) -> str:
    steps = open_steps(state, rules, item, told.seconds)
    return next((step.to for step in steps if step.to), "final_say")


def declined(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after the gate said no: back where the charter says, with or without a clock."""
    gates = [step for step in open_steps(state, rules, item, told.seconds) if step.mode == "gated"]
    rule = gates[0].on_decline if gates else None
    back = item.visits[-2].place if len(item.visits) > 1 else item.place
    to = told.text("to") or (rule.to if rule and rule.to else back)
    how = "returned" if rule and rule.clock == "restarts" else "declined"
    moved = come_to(state, rules, item, to, told, how=how)
    return replace(moved, declined=rule is None or rule.final_say == "unreachable")


def returned(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after a step back down."""
    back = item.visits[-2].place if len(item.visits) > 1 else item.place
    return come_to(state, rules, item, told.text("to") or back, told, how="returned")


def transferred(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision that went to another body, or out of the alliance."""
    if told["outside"]:
        return ended(item, told, outcome="transferred")
    to, here = str(told["to"]), rules.body(item.place)
    if not state.sits(item.place):
        clock = here.on_end.clock if here and here.on_end else "restarts"
        return come_to(state, rules, item, to, told, how="body_ended", clock=clock)
    left = item.visits[-2].place if len(item.visits) > 1 else ""
    how = "assumed" if item.visits[-1].how == "body_ended" and not state.sits(left) else "transferred"
    return come_to(state, rules, item, to, told, how=how)


def orphaned(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision that nobody holds."""
    return entering(state, rules, item, "nobody", told, how="orphaned", clocks=False)


def to_outside(kind: str) -> Change:
    """Return the change by which mediators, arbitrators or experts come to hold a decision.

    Experts who are chosen once arbitrators hold it are those arbitrators: it stays where it is.
    """
    holding = (kind, "arbitration") if kind == "experts" else (kind,)

    def change(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
        named = [step.to for step in steps_from(state, rules, item, item.place, told.seconds) if step.to]
        declared = [name for name, body in rules.charter.bodies.items() if body.kind == kind]
        here = rules.body(item.place)
        if (here is not None and here.kind in holding) or item.place in holding:
            return started_by(rules, item, told)
        place = next((name for name in named if name in declared or name == kind), next(iter(declared), kind))
        return come_to(state, rules, item, place, told, how="escalated")

    return change


def made(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision that was made; where the approval of a body has to be ratified, it only rises."""
    body = told.text("body") or ""
    rises = [step for step in steps_from(state, rules, item, body, told.seconds) if step.on == "approval"]
    if rises and item.place == body and told.text("outcome") == "approve":
        return replace(item, approved_by_body=told.id, approved_on=told.day)
    return ended(item, told, outcome=told.text("outcome"), method=told.text("method"))


def approved(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after one of the approvals it needs."""
    if told["party"]:
        item = replace(item, approvals=(*item.approvals, (str(told["party"]), told.id)), approved_on=told.day)
    elif told["body"] == item.place:
        item = replace(item, approved_by_body=told.id, approved_on=told.day)
    return started_by(rules, item, told)


def reopened(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision in a new cycle, with clocks of its own."""
    first = item.visits[0].place if item.visits else ""
    fresh = replace(
        item, status="open", outcome=None, method=None, ended_on=None, ended_by=None, cycle=item.cycle + 1,
        visits=(), clocks=(), approvals=(), positions=(), submissions=(), ballot=None, held_at=(), declined=False,
    )  # fmt: skip
    return come_to(state, rules, fresh, told.text("body") or first, told, how="raised")


def classified(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision under another matter: its clocks are set up anew where it is, from that day."""
    moved = replace(item, matter=str(told["matter"]), matter_event=told.id)
    kept = replace(moved, visits=moved.visits[:-1])
    return come_to(state, rules, kept, item.place, told, how="raised")


def stated(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision whose attributes became known."""
    item = replace(item, attributes={**item.attributes, **dict(told["attributes"] or {})})
    return classified(state, rules, item, told) if told["matter"] and told["matter"] != item.matter else item


def positioned(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after a party said where it stands."""
    others = tuple(one for one in item.positions if one[0] != told["party"])
    item = replace(item, positions=(*others, (str(told["party"]), str(told["position"]))))
    return started_by(rules, item, told)


def submitted(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after a party handed its written position in."""
    item = replace(item, submissions=(*item.submissions, str(told["party"])))
    item = started_by(rules, item, told)
    everybody = set(item.submissions) >= set(rules.parties)
    return stopped_by(item, replace(told, name="EveryPartySubmitted")) if everybody else item


def considered(state: Governance, rules: Rules, item: Item, told: Told, result: str) -> Item:
    """Return a decision after a meeting considered it: the ballot opens, and a failure to agree is remembered."""
    body = str(told["body"])
    quorum = quorate(state, rules, body, told["present"])
    meeting = told.text("meeting") or told.id
    ballot = Ballot(body, meeting, told.id, told.day, told["present"], quorum, result)
    item = replace(item, ballot=ballot)
    if quorum is not False and result != "deferred":
        item = replace(item, held_at=(*item.held_at, (body, told.day)))
        if result in ("no_consensus", "tie") and body == item.place:
            item = replace(item, failed_by=told.id, failed_on=told.day)
    return stopped_by(started_by(rules, item, told), told)


def voted(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after a vote."""
    vote = Vote(str(told["party"]), told.text("person"), str(told["vote"]), told.id, int(told["weight"] or 1))
    ballot = item.ballot
    by_email = told["via"] in ("e-mail", "email")
    if ballot is None or (by_email and not ballot.by_email):
        ballot = Ballot(told.text("body") or item.place, None if by_email else told.id, told.id, told.day)
    return replace(item, ballot=replace(ballot, votes=(*ballot.votes, vote)))


def mediated(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after mediation ended; a failed one is a failure to agree, there."""
    item = replace(item, held_at=(*item.held_at, (item.place, told.day)))
    failed = replace(item, failed_by=told.id, failed_on=told.day) if told["result"] == "failed" else item
    return stopped_by(started_by(rules, failed, told), told)


def acknowledged(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after a party acknowledged the e-mails."""
    if item.ballot is None:
        return item
    parties = (*item.ballot.acknowledged, str(told["party"]))
    return replace(item, ballot=replace(item.ballot, acknowledged=parties))


def noticed(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision after a notice about it arrived."""
    return started_by(rules, replace(item, noticed_on=told.day), told)


def asked(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision that waits for information from somebody."""
    return replace(item, asked=told.text("of"))


def informed(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision whose information came: the turn goes back to the body."""
    return started_by(rules, replace(item, asked=None), told)


def clock_started(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision one of whose clocks was started by agreement."""

    def start(clock: Clock) -> Clock:
        waits = clock.id == told["clock"] and clock.started is None and not clock.over
        return replace(clock, started=told.day_in("started"), started_by=told.id) if waits else clock

    return replace(item, clocks=tuple(start(clock) for clock in item.clocks))


def extended(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return a decision one of whose limits was moved out by agreement."""

    def extend(clock: Clock) -> Clock:
        here = clock.visit in (item.visit, WHOLE_CYCLE) and not clock.over and clock.lapsed_by is None
        named = told["clock"] in (clock.id, clock.kind) if told["clock"] else clock.kind == "limit"
        return replace(clock, extended_to=day_from(told["to"])) if here and named else clock

    return replace(item, clocks=tuple(extend(clock) for clock in item.clocks))


def lapsed(state: Governance, rules: Rules, item: Item, told: Told) -> Item:
    """Return an item one of whose deadlines passed; what waits for its end starts on its due day."""
    due = told.day_in("due")
    visit = told["visit"]

    def mark(clock: Clock) -> Clock:
        same = clock.id == told["clock"] and not clock.lapsed_by and clock.started and not clock.met
        return replace(clock, lapsed_by=told.id, lapsed_on=due) if same and visit in (None, clock.visit) else clock

    marked = replace(item, clocks=tuple(mark(clock) for clock in item.clocks))
    return after_lapse(marked, str(told["clock"]), due, told)


def paused(clocks: tuple[Clock, ...], told: Told) -> tuple[Clock, ...]:
    """Return clocks with a pause opened on those that are not over."""
    pause = Pause(str(told["pause"] or "all"), str(told["cause"] or "unstated"), told.day)
    return tuple(
        replace(clock, pauses=(*clock.pauses, pause)) if not clock.over and not clock.lapsed_by else clock
        for clock in clocks
    )


def resumed(clocks: tuple[Clock, ...], told: Told) -> tuple[Clock, ...]:
    """Return clocks with the pause of that id closed on a day; the rest of it runs from there."""
    name = str(told["pause"] or "all")

    def close(pause: Pause) -> Pause:
        return replace(pause, until=told.day) if pause.pause == name and pause.until is None else pause

    return tuple(replace(clock, pauses=tuple(close(pause) for pause in clock.pauses)) for clock in clocks)


def over(outcome: str | None) -> Change:
    """Return the change by which a decision ends without having been decided."""
    return lambda _state, _rules, item, told: ended(item, told, outcome=outcome)


CHANGES: dict[str, Change] = {
    "DecisionEscalated": escalated,
    "EscalationDeclined": declined,
    "DecisionReturned": returned,
    "DecisionTransferred": transferred,
    "DecisionOrphaned": orphaned,
    "MediationStarted": to_outside("mediation"),
    "MediationEnded": mediated,
    "ArbitrationStarted": to_outside("arbitration"),
    "ExpertsSelected": to_outside("experts"),
    "DecisionMade": made,
    "ApprovalGiven": approved,
    "StatusQuoImposed": over("status_quo"),
    "DecisionWithdrawn": over("withdrawn"),
    "DecisionSuperseded": over("superseded"),
    "DecisionVoided": over("voided"),
    "DecisionReopened": reopened,
    "DecisionReversed": lambda _state, _rules, item, told: replace(item, outcome=told.text("outcome")),
    "MatterClassified": classified,
    "AttributesStated": stated,
    "InformationRequested": asked,
    "InformationProvided": informed,
    "PositionStated": positioned,
    "PositionsSubmitted": submitted,
    "VoteCast": voted,
    "ReceiptAcknowledged": acknowledged,
    "NoticeReceived": noticed,
    "ClockStarted": clock_started,
    "DeadlineExtended": extended,
    "DeadlineLapsed": lapsed,
}
