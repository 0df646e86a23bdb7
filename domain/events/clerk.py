"""What the clerk writes about obligations, appeals, minutes, notices and seats when the time comes."""

from datetime import date
from typing import ClassVar

from pydantic import model_validator

from domain.events.event import Event, stream_of
from domain.values import Id

NOUNS = ("obligation", "appeal", "minutes", "notice", "seat")


class ClerkEvent(Event):
    """A fact about one item with a clock, named by exactly one of these fields; `part` is a part of an obligation."""

    NOUN: ClassVar[str] = "clock"
    obligation: Id | None = None
    appeal: Id | None = None
    minutes: Id | None = None
    notice: Id | None = None
    seat: Id | None = None
    part: Id | None = None

    @model_validator(mode="after")
    def _names_one_item(self) -> "ClerkEvent":
        if sum(getattr(self, noun) is not None for noun in NOUNS) != 1:
            rule = f"name exactly one of {', '.join(NOUNS)}"
            raise ValueError(rule)
        return self

    def stream(self, alliance: str) -> str:
        """Return the stream of the item."""
        noun = next(noun for noun in NOUNS if getattr(self, noun) is not None)
        return stream_of(noun, alliance, str(getattr(self, noun)))


class LimitLapsed(ClerkEvent, name="limit-lapsed"):
    """A deadline of the item passed without what it waited for."""

    clock: Id
    due: date


class OutcomeDeemed(ClerkEvent, name="outcome-deemed"):
    """Silence had the outcome that the charter gives it."""

    outcome: Id
    due: date | None = None
