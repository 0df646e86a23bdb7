"""What one party owes by a day, and the messages that start or stop clocks."""

from datetime import date
from typing import Any, ClassVar

from pydantic import Field, model_validator

from domain.events.event import Event, stream_of
from domain.values import Id, Text


class ObligationEvent(Event):
    """A fact about one obligation."""

    NOUN: ClassVar[str] = "obligation"
    SUBJECT: ClassVar[str | None] = "obligation"
    obligation: Id


class ObligationStarted(ObligationEvent, name="obligation-started"):
    """A party owes something from here on; `clause` is the charter's rule that the report sets going."""

    kind: Id | None = None
    owed_by: Id
    owed_to: Id | None = None
    clause: Id | None = None
    amount: str | int | None = None
    received: date | None = None
    notice: Id | None = None
    work_stream: Id | None = None
    day: date | None = None
    planned: date | None = None
    decision: Id | None = None


class ObligationMet(ObligationEvent, name="obligation-met"):
    """What was owed was done, or was found not to be owed."""

    by: Id | None = None
    part: Id | None = None
    finding_for: Id | None = None


class NoticeEvent(Event):
    """A fact about one notice."""

    NOUN: ClassVar[str] = "notice"
    SUBJECT: ClassVar[str | None] = "notice"
    notice: Id


class NoticeSent(NoticeEvent, name="notice-sent"):
    """A notice left, by a channel, from one zone to another."""

    from_: Id | None = Field(default=None, alias="from")
    to: Id | tuple[Id, ...] | None = None
    via: Id | None = None
    sent_from: Text | None = None
    received_in: Text | None = None
    about: Text | None = None
    decision: Id | None = None


class NoticeReceived(NoticeEvent, name="notice-received"):
    """A notice arrived: what it is about, and which item it concerns."""

    from_: Id | None = Field(default=None, alias="from")
    to: Id | tuple[Id, ...] | None = None
    about: Text | None = None
    decision: Id | None = None
    obligation: Id | None = None
    work_stream: Id | None = None


class ClockEvent(Event):
    """A clock was stopped or went on: of one decision, of one obligation or a part of it, or of a work stream."""

    decision: Id | None = None
    obligation: Id | None = None
    notice: Id | None = None
    work_stream: Id | None = None
    part: Id | None = None
    pause: Id = "all"

    @model_validator(mode="after")
    def _names_its_item(self) -> "ClockEvent":
        if not (self.decision or self.obligation or self.notice or self.work_stream):
            rule = "name the decision, obligation, notice or work_stream whose clock it is"
            raise ValueError(rule)
        return self

    def stream(self, alliance: str) -> str:
        """Return the stream of the item whose clock it is."""
        for noun in ("decision", "obligation", "notice"):
            if subject := getattr(self, noun):
                return stream_of(noun, alliance, subject)
        return stream_of("work-stream", alliance, str(self.work_stream))


class ClockPaused(ClockEvent, name="clock-paused"):
    """A clock stopped, with a cause and a scope; the remainder resumes."""

    cause: Id | None = None
    by: Id | None = None
    amount: Any = None
    notice_received: date | None = None


class ClockResumed(ClockEvent, name="clock-resumed"):
    """The pause of that id ended."""

    by: Id | None = None
    finding_for: Id | None = None
