"""Bodies, their seats, their meetings and the minutes of them."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from domain.events.event import Event, Message
from domain.values import Id, Text


class BodyEvent(Event):
    """A fact about one governance body."""

    NOUN: ClassVar[str] = "body"
    SUBJECT: ClassVar[str | None] = "body"
    body: Id


class SeatTaken(Message):
    """A seat of a body, of one party, and the person in it."""

    seat: Id
    party: Id
    person: Id | None = None
    seniority: int | None = None


class BodyConstituted(BodyEvent, name="body-constituted"):
    """A body came to be, with its seats."""

    tier: int | None = Field(default=None, ge=0)
    seats: tuple[SeatTaken, ...] = ()


class SeatFilled(BodyEvent, name="seat-filled"):
    """A person took a seat."""

    seat: Id
    party: Id
    person: Id
    seniority: int | None = None
    decision: Id | None = None


class SeatVacated(BodyEvent, name="seat-vacated"):
    """A seat fell empty."""

    seat: Id
    party: Id | None = None
    person: Id | None = None


class ProxyGranted(BodyEvent, name="proxy-granted"):
    """A person may act for another."""

    party: Id
    from_: Id = Field(alias="from")
    to: Id
    written: bool = False
    meeting: Id | None = None


class BodyDisbanded(BodyEvent, name="body-disbanded"):
    """A body ended; its open decisions go to a successor, are transferred, or are orphaned."""

    successor: Id | None = None
    by: tuple[Id, ...] | Id | None = None


class ResponsibilitiesAssumed(Event, name="responsibilities-assumed"):
    """A body took over what another was responsible for."""

    NOUN: ClassVar[str] = "body"
    SUBJECT: ClassVar[str | None] = "of"
    by: Id
    of: Id


class Present(Message):
    """Somebody at a meeting; `proxy` is who holds the proxy of that person."""

    party: Id
    person: Id | None = None
    proxy: Id | None = None
    by_phone: bool = False


class Considered(Message):
    """What became of a decision in a meeting."""

    decision: Id
    result: Literal["consensus", "no_consensus", "deferred", "tie", "vote", "discussed"]
    outcome: Id | None = None


class MeetingConvened(BodyEvent, name="meeting-convened"):
    """A meeting was called for a day."""

    meeting: Id
    for_: date | datetime | None = Field(default=None, alias="for")
    by: Id | None = None
    to: tuple[Id, ...] = ()
    notice: Id | None = None
    received: date | None = None
    agenda: tuple[Id, ...] = ()


class MeetingHeld(BodyEvent, name="meeting-held"):
    """A body met: who was there, what was considered, with what result."""

    meeting: Id | None = None
    present: tuple[Present, ...] | None = None
    considered: tuple[Considered, ...] = ()
    via: Id | None = None


class MinutesEvent(Event):
    """A fact about the minutes of one meeting."""

    NOUN: ClassVar[str] = "minutes"
    SUBJECT: ClassVar[str | None] = "meeting"
    meeting: Id


class MinutesDrafted(MinutesEvent, name="minutes-drafted"):
    """A draft went out; `received` is the day on which it arrived."""

    received: date | None = None
    by: Id | None = None


class MinutesApproved(MinutesEvent, name="minutes-approved"):
    """A party approved the minutes, or a meeting did."""

    party: Id | None = None
    in_meeting: Id | None = None


class MinutesFinalized(MinutesEvent, name="minutes-finalized"):
    """The minutes were signed and bind from here on."""

    signed_by: tuple[Id, ...] = ()


class MinutesCorrected(MinutesEvent, name="minutes-corrected"):
    """Something in the minutes was wrong and has been put right."""

    what: Text | None = None
