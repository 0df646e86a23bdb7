"""A decision is raised to a body, may be escalated and returned, and is made once per cycle."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from domain.commands import decision as asks
from domain.commands.command import Command
from domain.errors import Impossible, Refused
from domain.events import charter as charter_told
from domain.events import decision as told
from domain.events import obligation as clocks_told
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace
from domain.values import Finding, Scalar

if TYPE_CHECKING:
    from domain.book import Book

Ending = (
    told.DecisionMade | told.StatusQuoImposed | told.DecisionWithdrawn | told.DecisionSuperseded | told.DecisionVoided
)
AFTER_THE_END = (
    told.DecisionCommunicated
    | told.DecisionImplemented
    | told.ReceiptAcknowledged
    | told.AttributesStated
    | told.DecisionSuperseded
    | told.DecisionVoided
    | told.DecisionReopened
    | told.DecisionReversed
    | told.HolderContestEnded
    | charter_told.MatterClassified
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the next message about a decision needs.

    `path` are the bodies it climbed to, the present one last. `ended_at` is in whole seconds, `pauses` the ids of the
    pauses that stop its clocks.
    """

    status: Literal["open", "ended"]
    kind: str
    matter: str | None
    raised_by_event: str
    title: str | None = None
    work_stream: str | None = None
    phase: str | None = None
    path: tuple[str, ...] = ()
    cycle: int = 1
    pauses: frozenset[str] = frozenset()
    outcome: str | None = None
    ended_at: int | None = None
    ended_by_event: str | None = None
    attributes: Mapping[str, Scalar] = field(default_factory=dict)

    @property
    def body(self) -> str | None:
        """Return the body that holds it, or None."""
        return self.path[-1] if self.path else None


def decide_decision(
    message: Any,  # noqa: ANN401
    decision: Decision | None,
    book: "Book",
    envelope: Envelope,
) -> list[Decided[Any]]:
    """Return the facts that follow from *message*, or refuse it.

    A command is refused where a rule forbids it. A report is refused only where it cannot have happened, and carries
    a finding for every rule it broke.
    """
    fact = _asked(message, decision)
    _possible(fact, decision, envelope)
    broken = _broken(fact, decision)
    if broken and isinstance(message, Command):
        first = broken[0]
        raise Refused(_SAYS[first.rule], rule=first.rule, clause=first.clause, because_of=first.because_of)
    return [Decided(_resolved(fact, decision, book), findings=tuple(broken))]


_SAYS = {
    "discuss_may_not_be_escalated": "a decision of kind discuss may not be escalated",
    "open_decisions_only": "the decision has ended in this cycle; reopen it first",
    "one_step": "an escalation starts at the body that holds the decision",
}


def _broken(fact: Any, decision: Decision | None) -> list[Finding]:  # noqa: ANN401
    if decision is None:
        return []
    broken = []
    match fact:
        case told.DecisionEscalated(appeal=None) if decision.kind == "discuss":
            broken.append(Finding("discuss_may_not_be_escalated", because_of=(decision.raised_by_event,)))
        case told.DecisionEscalated(from_=str(start)) if decision.status == "open" and decision.body not in {
            None,
            start,
        }:
            broken.append(Finding("one_step", because_of=(decision.raised_by_event,)))
        case _:
            pass
    may_follow = isinstance(fact, AFTER_THE_END)
    appealed = isinstance(fact, told.DecisionEscalated) and fact.appeal is not None
    if decision.status == "ended" and not may_follow and not appealed:
        broken.append(Finding("open_decisions_only", because_of=(decision.ended_by_event or decision.raised_by_event,)))
    return broken


def _possible(fact: Any, decision: Decision | None, envelope: Envelope) -> None:  # noqa: ANN401
    first = isinstance(fact, told.DecisionRaised | told.DecisionInherited)
    match fact, decision:
        case _, None if not first:
            _impossible(f"decision {fact.decision} was never raised", "raised_first")
        case _, Decision() if first:
            _impossible(f"decision {fact.decision} was raised already", "raised_once")
        case told.DecisionReopened(), Decision(status="open"):
            _impossible(f"decision {fact.decision} is open", "ended_before_reopened")
        case told.DecisionReversed(), Decision(status="open"):
            _impossible(f"decision {fact.decision} is open", "ended_before_reversed")
        case clocks_told.ClockResumed(), Decision(status="open") if fact.pause not in decision.pauses:
            _impossible(f"no pause {fact.pause!r} is running", "paused_before_resumed")
        case clocks_told.ClockPaused(), Decision(status="open") if fact.pause in decision.pauses:
            _impossible(f"pause {fact.pause!r} is running already", "paused_once")
        case told.WorkReported(), Decision() if not fact.from_ <= fact.to <= envelope.effective_at:
            _impossible("work is reported from an instant to a later one, not in the future", "work_in_the_past")
        case _:
            pass


def _impossible(says: str, rule: str) -> NoReturn:
    raise Impossible(says, rule=rule)


def _asked(message: Any, decision: Decision | None) -> Any:  # noqa: ANN401
    if not isinstance(message, Command):
        return message
    said = message.model_dump(by_alias=True, exclude_unset=True)
    match message:
        case asks.EscalateDecision() if decision is not None:
            return told.DecisionEscalated.model_validate({"from": decision.body} | said)
        case asks.ReturnDecision() if decision is not None:
            below = decision.path[-2] if len(decision.path) > 1 else None
            return told.DecisionReturned.model_validate({"from": decision.body, "to": below} | said)
        case asks.TransferDecision() if decision is not None:
            return told.DecisionTransferred.model_validate({"from": decision.body} | said)
        case asks.MakeDecision() if decision is not None:
            return told.DecisionMade.model_validate({"body": decision.body, "method": message.method} | said)
        case _:
            return _TOLD[type(message)].model_validate(said)


_TOLD: dict[type[Command], Any] = {
    asks.RaiseDecision: told.DecisionRaised,
    asks.StatePosition: told.PositionStated,
    asks.CastVote: told.VoteCast,
    asks.RequestInformation: told.InformationRequested,
    asks.ProvideInformation: told.InformationProvided,
    asks.EscalateDecision: told.DecisionEscalated,
    asks.DeclineEscalation: told.EscalationDeclined,
    asks.ReturnDecision: told.DecisionReturned,
    asks.TransferDecision: told.DecisionTransferred,
    asks.PauseClock: clocks_told.ClockPaused,
    asks.ResumeClock: clocks_told.ClockResumed,
    asks.ExtendDeadline: told.DeadlineExtended,
    asks.MakeDecision: told.DecisionMade,
    asks.ImposeStatusQuo: told.StatusQuoImposed,
    asks.WithdrawDecision: told.DecisionWithdrawn,
    asks.SupersedeDecision: told.DecisionSuperseded,
    asks.VoidDecision: told.DecisionVoided,
    asks.ReverseDecision: told.DecisionReversed,
    asks.ReopenDecision: told.DecisionReopened,
    asks.ContestHolder: told.HolderContested,
}


def _resolved(fact: Any, decision: Decision | None, book: "Book") -> Any:  # noqa: ANN401
    """Return the fact with its holder, tier and rank filled in where nobody said them.

    A reopening says again what the decision is about, so that who reads only open decisions knows it.
    """
    if isinstance(fact, told.DecisionReopened) and decision is not None:
        fact = fact.model_copy(
            update={
                "body": fact.body or decision.body,
                "cycle": decision.cycle + 1,
                "kind": decision.kind,
                "title": decision.title,
                "matter": decision.matter,
                "work_stream": decision.work_stream,
                "phase": decision.phase,
                "attributes": dict(decision.attributes),
            }
        )
    if not isinstance(fact, told.Handover) or isinstance(fact, told.AttributesStated):
        return fact
    named = _named_holder(fact, decision)
    if named is None:
        return fact
    held_by, holder = named
    if held_by == "body" and holder in book.parties:
        held_by = "party"
    said: dict[str, Any] = {}
    if fact.held_by is None and fact.holder is None:
        said |= {"held_by": held_by, "holder": holder}
    if fact.tier is None and held_by == "body":
        said |= {"tier": holder}
    if fact.rank is None and held_by == "body" and holder and (rank := book.rank(holder)) is not None:
        said |= {"rank": rank}
    return fact.model_copy(update=said)


def _named_holder(fact: told.Handover, decision: Decision | None) -> tuple[told.Holder, str | None] | None:
    match fact:
        case told.InformationRequested(of=str(party)):
            return "party", party
        case told.InformationProvided() if decision is not None and decision.body:
            return "body", decision.body
        case told.DecisionTransferred(outside=True):
            return "outside", fact.to
        case told.DecisionEscalated() | told.DecisionReturned() | told.DecisionTransferred() if fact.to:
            return "body", fact.to
        case told.DecisionRaised() | told.DecisionInherited() | told.DecisionReopened() if fact.body:
            return "body", fact.body
        case _:
            return None


def evolve_decision(decision: Decision | None, recorded: Recorded[Any]) -> Decision | None:
    """Return the decision after the event; nothing comes of events whose raising was retracted."""
    fact, event_id = recorded.fact, recorded.meta.event_id
    match fact:
        case told.DecisionRaised():
            return Decision(
                status="open",
                kind=fact.kind,
                matter=fact.matter,
                raised_by_event=event_id,
                title=fact.title,
                work_stream=fact.work_stream,
                phase=fact.phase,
                path=(fact.body,) if fact.body else (),
                attributes=fact.attributes,
            )
        case told.DecisionInherited():
            return _inherited(fact, recorded)
        case _:
            return None if decision is None else _moved(decision, recorded)


def _inherited(fact: told.DecisionInherited, recorded: Recorded[Any]) -> Decision:
    ended = fact.status in told.ENDED_WHEN_FIRST_SEEN
    return Decision(
        status="ended" if ended else "open",
        kind="approve",
        matter=fact.matter,
        raised_by_event=recorded.meta.event_id,
        title=fact.title,
        work_stream=fact.work_stream,
        phase=fact.phase,
        path=(fact.body,) if fact.body else (),
        pauses=frozenset({"all"}) if fact.status == "paused" else frozenset(),
        outcome=fact.status if ended else None,
        ended_at=recorded.at if ended else None,
        ended_by_event=recorded.meta.event_id if ended else None,
        attributes=fact.attributes,
    )


def _moved(decision: Decision, recorded: Recorded[Any]) -> Decision:
    fact = recorded.fact
    match fact:
        case told.DecisionEscalated(appeal=None, to=str(to)) if decision.status == "open":
            return replace(decision, path=(*decision.path, to))
        case told.DecisionReturned(to=str(to)) if decision.status == "open":
            kept = decision.path[: decision.path.index(to)] if to in decision.path else ()
            return replace(decision, path=(*kept, to))
        case told.DecisionTransferred() if decision.status == "open":
            return replace(decision, path=(*decision.path[:-1], fact.to) if fact.to else ())
        case told.DecisionOrphaned() if decision.status == "open":
            return replace(decision, path=())
        case clocks_told.ClockPaused():
            return replace(decision, pauses=decision.pauses | {fact.pause})
        case clocks_told.ClockResumed():
            return replace(decision, pauses=decision.pauses - {fact.pause})
        case told.AttributesStated():
            return replace(
                decision,
                matter=fact.matter or decision.matter,
                work_stream=fact.work_stream or decision.work_stream,
                phase=fact.phase or decision.phase,
                attributes={**decision.attributes, **fact.attributes},
            )
        case charter_told.MatterClassified():
            return replace(decision, matter=fact.matter)
        case told.DecisionReopened():
            path = (fact.body,) if fact.body else decision.path
            return replace(
                decision,
                status="open",
                cycle=decision.cycle + 1,
                pauses=frozenset(),
                outcome=None,
                ended_at=None,
                ended_by_event=None,
                path=path,
            )
        case told.DecisionReversed():
            return replace(decision, outcome=fact.outcome)
        case _ if isinstance(fact, Ending):
            return _ended(decision, recorded)
        case _:
            return decision


def _ended(decision: Decision, recorded: Recorded[Any]) -> Decision:
    earlier = decision.ended_at is None or recorded.at < decision.ended_at
    later_fate = isinstance(recorded.fact, told.DecisionSuperseded | told.DecisionVoided)
    if not earlier and not later_fate:
        return decision
    return replace(
        decision,
        status="ended",
        outcome=outcome_of(recorded.fact),
        ended_at=recorded.at if earlier else decision.ended_at,
        ended_by_event=recorded.meta.event_id,
        pauses=frozenset(),
    )


def outcome_of(fact: Any) -> str:  # noqa: ANN401
    """Return how an ending is counted: the outcome of a decision made, else its own word."""
    match fact:
        case told.DecisionMade():
            return fact.outcome
        case told.StatusQuoImposed():
            return "status_quo"
        case told.DecisionWithdrawn():
            return "withdrawn"
        case told.DecisionSuperseded():
            return "superseded"
        case _:
            return "voided"
