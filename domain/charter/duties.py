"""What a charter says of obligations, minutes, seats and notices: rules on the same deadlines as the ladder."""

from typing import Literal

from pydantic import Field

from domain.charter.words import Act, Clause, Deadline, Effect, LengthOf, Name, Names, Prose, Right
from domain.clocks import Roll

CONSENTS = ("approve", "no_objection", "may_proceed")
ANSWERS = (*CONSENTS, "reject")


class ObligationRule(Deadline):
    """What one side owes, by when, what it may do meanwhile, and what its silence brings."""

    what: Prose | None = None
    obligation_kind: Name | None = None
    acts: tuple[Act, ...] = ()
    rights_after: tuple[Right, ...] = ()

    @property
    def open_acts(self) -> tuple[Act, ...]:
        """Return what whoever owes may do: as the charter says, else cure, pay, or answer what silence would answer."""
        if self.acts:
            return self.acts
        if self.then is not None and self.then.effect == "deem" and self.then.to[0] in ANSWERS:
            return ("approve", "object")
        implied: dict[str | None, tuple[Act, ...]] = {"cure": ("cure",), "payment": ("pay",)}
        return implied.get(self.obligation_kind, implied.get(self.kind, ()))

    @property
    def rights_once_closed(self) -> tuple[Right, ...]:
        """Return who may act once it is closed: as the charter says, else whoever asked may go ahead on a consent."""
        if self.rights_after or self.then is None or self.then.effect != "deem" or self.then.to[0] not in CONSENTS:
            return self.rights_after
        return (Right(who=("owed_to",), act="proceed", clause=self.clause),)


class MinutesRule(Clause):
    """The clocks of the minutes of a body, and when they bind."""

    bodies: Names = ()
    deadlines: tuple[Deadline, ...] = ()
    official: Literal["finalized", "each_party_approves", "silence", "unknown"] = "finalized"
    must_list: Prose | None = None


class Seniority(Clause):
    """A seat may not go to somebody less senior than before, unless somebody approves."""

    unless_approved_by: Name = "other_party"


class Appointment(Clause):
    """By when, each year or term, who is named again, and what silence brings."""

    length: LengthOf
    by: Name = "party"
    calendar: Name = "default"
    roll: Roll = "none"
    then: Effect | None = None


class SeatRule(Clause):
    """Who may sit where, and when seats are filled again."""

    bodies: Names
    seniority: Seniority | None = None
    excluded_from: Names = ()
    appointment: Appointment | None = None


class Receipt(Clause):
    """When a notice sent by one means counts as received."""

    counts: Literal["on_sending", "on_receipt", "on_acknowledgement", "never"] = "on_receipt"
    after: LengthOf | None = None


class NoticeRule(Clause):
    """When notices count: by means, on which calendar, before which hour, in whose zone."""

    by_means: dict[Name, Receipt] = Field(default_factory=dict)
    otherwise: Receipt = Receipt()
    calendar: Name = "default"
    only_on_open_days: bool = False
    cut_off_hour: int | None = Field(default=None, ge=0, le=24)
