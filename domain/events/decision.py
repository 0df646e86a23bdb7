"""A decision's life: raised or inherited, argued, paused, moved, ended in a cycle, and sometimes opened again."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from domain.events.event import Event, stream_of
from domain.values import Id, Scalar, SealedText, Text

Method = Literal["consensus", "vote", "final_say", "expert", "award", "deemed", "unstated"]
Holder = Literal["body", "party", "joint", "outside", "nobody"]

ENDED_WHEN_FIRST_SEEN = frozenset({"accepted", "rejected", "withdrawn", "superseded", "decided"})
"""What a decision may be inherited as, where it had ended before it was first seen."""
ENDINGS = ("decision-made", "status-quo-imposed", "decision-withdrawn", "decision-superseded", "decision-voided")
"""The events that end a cycle, by their names on disk."""


class DecisionEvent(Event):
    """A fact about one decision.

    `held_by` and `holder` say whose turn it is after the event, where a source or a rule says so.
    """

    NOUN: ClassVar[str] = "decision"
    SUBJECT: ClassVar[str | None] = "decision"
    decision: Id


class Handover(DecisionEvent):
    """A fact after which somebody holds the decision: who, at which tier of which rank."""

    held_by: Holder | None = None
    holder: Id | None = None
    tier: Id | None = None
    rank: int | None = None


class DecisionRaised(Handover, name="decision-raised"):
    """A question was put to a body."""

    body: Id | None = None
    matter: Id | None = None
    kind: Literal["approve", "discuss"] = "approve"
    title: Text | None = None
    by: Id | None = None
    similar_to: Id | None = None
    follows_from: Id | None = None
    serves: Id | None = None
    work_stream: Id | None = None
    phase: Id | None = None
    attributes: dict[str, Scalar] = Field(default_factory=dict)
    entered_at: int | None = None


class DecisionInherited(Handover, name="decision-inherited"):
    """First seen already under way, or already decided."""

    status: Literal["open", "paused", "accepted", "rejected", "withdrawn", "superseded", "decided", "unknown"]
    since: int | None = None
    body: Id | None = None
    matter: Id | None = None
    title: Text | None = None
    work_stream: Id | None = None
    phase: Id | None = None
    attributes: dict[str, Scalar] = Field(default_factory=dict)
    entered_at: int | None = None


class AttributesStated(Handover, name="attributes-stated"):
    """Facts about a decision that rules or groupings may read changed or became known."""

    matter: Id | None = None
    work_stream: Id | None = None
    phase: Id | None = None
    attributes: dict[str, Scalar] = Field(default_factory=dict)


class PositionStated(DecisionEvent, name="position-stated"):
    """A party said where it stands."""

    party: Id
    position: Text
    statement: SealedText | None = None


class PositionsSubmitted(DecisionEvent, name="positions-submitted"):
    """A party handed its written position in."""

    party: Id


class VoteCast(DecisionEvent, name="vote-cast"):
    """A vote was cast for a party, by a person."""

    party: Id
    person: Id | None = None
    vote: Literal["yes", "no", "abstain"]
    weight: int = 1
    body: Id | None = None
    via: Id | None = None


class ApprovalGiven(DecisionEvent, name="approval-given"):
    """One of the approvals that a decision needs was given."""

    party: Id | None = None
    body: Id | None = None
    of: Id | None = None


class InformationRequested(Handover, name="information-requested"):
    """Somebody was asked for information; the turn is theirs until they provide it."""

    of: Id | None = None
    what: Text | None = None
    by: Id | None = None


class InformationProvided(Handover, name="information-provided"):
    """What was asked for came: about a decision, or to set an obligation going."""

    decision: Id | None = None  # type: ignore[assignment]
    by: Id | None = None
    to: Id | None = None
    what: Text | None = None
    obligation: Id | None = None

    @model_validator(mode="after")
    def _names_its_item(self) -> "InformationProvided":
        if self.decision is None and self.obligation is None:
            rule = "name the decision or the obligation that the information is for"
            raise ValueError(rule)
        return self

    def stream(self, alliance: str) -> str:
        """Return the stream of the decision, or of the obligation where there is none."""
        if self.decision is None:
            return stream_of("obligation", alliance, str(self.obligation))
        return super().stream(alliance)


class ClockStarted(DecisionEvent, name="clock-started"):
    """A clock began, by the clause's own trigger or by a written agreement."""

    clock: Id
    started: date | None = None


class DeadlineExtended(DecisionEvent, name="deadline-extended"):
    """A limit was moved out by agreement, in writing."""

    clock: Id | None = None
    to: date
    by: tuple[Id, ...] | Id | None = None


class DeadlineLapsed(DecisionEvent, name="deadline-lapsed"):
    """A limit passed without what it waited for."""

    clock: Id
    due: date
    visit: int | None = None


class DecisionEscalated(Handover, name="decision-escalated"):
    """One step up the ladder."""

    from_: Id | None = Field(default=None, alias="from")
    to: Id | None = None
    by: Id | tuple[Id, ...] | None = None
    notice_received: date | None = None
    appeal: Id | None = None


class EscalationDeclined(DecisionEvent, name="escalation-declined"):
    """The gate said no."""

    by: Id | None = None
    to: Id | None = None


class DecisionReturned(Handover, name="decision-returned"):
    """One step back down the ladder."""

    from_: Id | None = Field(default=None, alias="from")
    to: Id | None = None
    by: Id | None = None


class DecisionTransferred(Handover, name="decision-transferred"):
    """It went to another body, or out of the alliance."""

    from_: Id | None = Field(default=None, alias="from")
    to: Id | None = None
    outside: bool = False


class DecisionOrphaned(DecisionEvent, name="decision-orphaned"):
    """Its body is gone and nobody holds it."""

    body: Id | None = None


class HolderContested(DecisionEvent, name="holder-contested"):
    """A party says that the turn is not its own; shown beside the figure, and changes nothing."""

    party: Id
    says: Id | None = None


class HolderContestEnded(DecisionEvent, name="holder-contest-ended"):
    """The contest about whose turn it is was settled or dropped."""

    party: Id


class WorkReported(DecisionEvent, name="work-reported"):
    """A party says that it worked on it, from an instant to an instant (seconds since 1970 UTC)."""

    party: Id
    from_: int = Field(alias="from")
    to: int
    hours: int | None = None
    people: int | None = None
    meetings: int | None = None


class ExpertsSelected(DecisionEvent, name="experts-selected"):
    """The panel is formed."""

    experts: tuple[Id, ...] = ()


class MediationStarted(DecisionEvent, name="mediation-started"):
    """A mediator has it."""

    by: Id | None = None
    notice_received: date | None = None


class MediationEnded(DecisionEvent, name="mediation-ended"):
    """Mediation is over, settled or failed."""

    result: Literal["settled", "failed"]


class ArbitrationStarted(DecisionEvent, name="arbitration-started"):
    """Arbitrators have it."""

    by: Id | None = None
    to: tuple[Id, ...] | Id | None = None
    notice_received: date | None = None


class DecisionMade(DecisionEvent, name="decision-made"):
    """It was decided: what, how, by whom."""

    outcome: Id
    method: Method = "unstated"
    by: Id | tuple[Id, ...] | None = None
    body: Id | None = None
    deemed_body: Id | None = None


class StatusQuoImposed(DecisionEvent, name="status-quo-imposed"):
    """Nobody decided, and the charter says to carry on as before."""

    by: Id | None = None
    body: Id | None = None


class DecisionWithdrawn(DecisionEvent, name="decision-withdrawn"):
    """Whoever raised it took it back."""

    by: Id | None = None


class DecisionSuperseded(DecisionEvent, name="decision-superseded"):
    """Another took its place; it was valid until then."""

    superseded_by: Id | None = None


class DecisionVoided(DecisionEvent, name="decision-voided"):
    """It was never effective."""


class DecisionReversed(DecisionEvent, name="decision-reversed"):
    """Its outcome was turned into another without being opened again."""

    outcome: Id


class DecisionReopened(Handover, name="decision-reopened"):
    """A new cycle began under the same id; what it is about is said again, for who reads only this."""

    body: Id | None = None
    by: Id | None = None
    cycle: int | None = None
    kind: Literal["approve", "discuss"] | None = None
    title: Text | None = None
    matter: Id | None = None
    work_stream: Id | None = None
    phase: Id | None = None
    attributes: dict[str, Scalar] = Field(default_factory=dict)


class DecisionCommunicated(DecisionEvent, name="decision-communicated"):
    """Those who must know were told."""

    to: Id | tuple[Id, ...] | None = None


class DecisionImplemented(DecisionEvent, name="decision-implemented"):
    """What was decided has been done."""


class ReceiptAcknowledged(DecisionEvent, name="receipt-acknowledged"):
    """A party acknowledged that it received the decision, or a notice."""

    decision: Id | None = None  # type: ignore[assignment]
    notice: Id | None = None
    party: Id

    @model_validator(mode="after")
    def _names_its_item(self) -> "ReceiptAcknowledged":
        if (self.decision is None) == (self.notice is None):
            rule = "name the decision or the notice that was received"
            raise ValueError(rule)
        return self

    def stream(self, alliance: str) -> str:
        """Return the stream of the decision, or of the notice."""
        if self.decision is None:
            return stream_of("notice", alliance, str(self.notice))
        return super().stream(alliance)
