"""Which event a command asks for, so that a wish and a report are judged alike."""

from collections.abc import Mapping

from domain.commands import decision as asks
from domain.commands import governance as wishes
from domain.commands.command import Command
from domain.governance.told import fields_of

ASKED: Mapping[type[Command], str] = {
    asks.RaiseDecision: "DecisionRaised",
    asks.StatePosition: "PositionStated",
    asks.CastVote: "VoteCast",
    asks.RequestInformation: "InformationRequested",
    asks.ProvideInformation: "InformationProvided",
    asks.EscalateDecision: "DecisionEscalated",
    asks.DeclineEscalation: "EscalationDeclined",
    asks.ReturnDecision: "DecisionReturned",
    asks.TransferDecision: "DecisionTransferred",
    asks.PauseClock: "ClockPaused",
    asks.ResumeClock: "ClockResumed",
    asks.ExtendDeadline: "DeadlineExtended",
    asks.MakeDecision: "DecisionMade",
    asks.ImposeStatusQuo: "StatusQuoImposed",
    asks.WithdrawDecision: "DecisionWithdrawn",
    asks.SupersedeDecision: "DecisionSuperseded",
    asks.VoidDecision: "DecisionVoided",
    asks.ReverseDecision: "DecisionReversed",
    asks.ReopenDecision: "DecisionReopened",
    wishes.FillSeat: "SeatFilled",
    wishes.VacateSeat: "SeatVacated",
    wishes.ConstituteBody: "BodyConstituted",
    wishes.DisbandBody: "BodyDisbanded",
}


def asked_for(command: Command) -> tuple[str, dict[str, object]] | None:
    """Return the name and the fields of the event that a command asks for, or None where governance has no say."""
    name = ASKED.get(type(command))
    return None if name is None else (name, fields_of(command))
