"""What may be asked of a decision."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from domain.commands.command import Command
from domain.events.decision import Method
from domain.values import Id, Scalar, SealedText, Text


class DecisionCommand(Command, abstract=True):
    """A wish about one decision."""

    NOUN: ClassVar[str] = "decision"
    SUBJECT: ClassVar[str | None] = "decision"
    decision: Id


class RaiseDecision(DecisionCommand):
    """Put a question to a body."""

    body: Id
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


class StatePosition(DecisionCommand, also=("state_position_on_decision",)):
    """Say where a party stands."""

    party: Id
    position: Text
    statement: SealedText | None = None


class CastVote(DecisionCommand, also=("vote",)):
    """Cast a vote for a party."""

    party: Id
    person: Id | None = None
    vote: Literal["yes", "no", "abstain"]
    weight: int = 1


class RequestInformation(DecisionCommand):
    """Ask a party for information."""

    of: Id
    what: Text | None = None
    by: Id | None = None


class ProvideInformation(DecisionCommand):
    """Give what was asked for."""

    by: Id
    what: Text | None = None


class EscalateDecision(DecisionCommand, also=("escalate",)):
    """Take it one step up the ladder."""

    from_: Id | None = Field(default=None, alias="from")
    to: Id | None = None
    by: Id | None = None
    appeal: Id | None = None


class DeclineEscalation(DecisionCommand):
    """Say no at the gate."""

    by: Id
    to: Id | None = None


class ReturnDecision(DecisionCommand):
    """Take it one step back down."""

    to: Id | None = None
    by: Id | None = None


class TransferDecision(DecisionCommand):
    """Give it to another body, or out of the alliance."""

    to: Id | None = None
    outside: bool = False


class PauseClock(DecisionCommand):
    """Stop every clock of it, with a cause."""

    pause: Id = "all"
    cause: Id | None = None
    by: Id | None = None


class ResumeClock(DecisionCommand):
    """Let its clocks go on."""

    pause: Id = "all"
    by: Id | None = None


class ExtendDeadline(DecisionCommand):
    """Move a limit out, by agreement in writing."""

    clock: Id | None = None
    to: date
    by: tuple[Id, ...] = ()


class MakeDecision(DecisionCommand, also=("decide",)):
    """Decide it: what, how, by whom."""

    outcome: Id
    method: Method = "consensus"
    by: Id | None = None
    body: Id | None = None


class ImposeStatusQuo(DecisionCommand):
    """Carry on as before, since nobody decides."""

    by: Id | None = None


class WithdrawDecision(DecisionCommand, also=("withdraw",)):
    """Take it back."""

    by: Id | None = None


class SupersedeDecision(DecisionCommand):
    """Let another take its place."""

    superseded_by: Id


class VoidDecision(DecisionCommand):
    """Say that it was never effective."""


class ReverseDecision(DecisionCommand):
    """Turn its outcome into another."""

    outcome: Id


class ReopenDecision(DecisionCommand, also=("reopen",)):
    """Begin a new cycle."""

    body: Id | None = None
    by: Id | None = None


class ContestHolder(DecisionCommand):
    """Say that the turn is not one's own."""

    party: Id
    says: Id | None = None
