"""One party changes structure, priorities, finances, people or owner, and says what that touches."""

from typing import ClassVar

from pydantic import Field

from domain.events.event import Event, Message
from domain.values import Id, Text


class Scope(Message):
    """What a reorganization touches."""

    bodies: tuple[Id, ...] = ()
    seats: tuple[Id, ...] = ()
    work_streams: tuple[Id, ...] = ()
    understandings: tuple[Id, ...] = ()
    functions: tuple[Id, ...] = ()
    priorities: bool = False
    finances: bool = False
    decision_process: bool = False
    owner: bool = False


class ReorganizationEvent(Event):
    """A fact about one reorganization."""

    NOUN: ClassVar[str] = "reorganization"
    SUBJECT: ClassVar[str | None] = "reorganization"
    reorganization: Id


class ReorganizationAnnounced(ReorganizationEvent, name="reorganization-announced"):
    """A party said that it will change."""

    party: Id
    kind: Id | None = None
    title: Text | None = None


class ScopeDeclared(ReorganizationEvent, name="scope-declared"):
    """The party said what is touched; `unsettles` names the understandings that it must confirm again.

    `confirmed_since` are those that it confirmed between the scope and its recording, with the instant in seconds.
    """

    party: Id
    scope: Scope
    unsettles: tuple[Id, ...] = ()
    confirmed_since: dict[Id, int] = Field(default_factory=dict)


class OpenItemReassigned(ReorganizationEvent, name="open-item-reassigned"):
    """An open item got a new owner."""

    item: Id
    to: Id


class OpenItemOrphaned(ReorganizationEvent, name="open-item-orphaned"):
    """An open item has nobody."""

    item: Id


class PriorityChanged(ReorganizationEvent, name="priority-changed"):
    """The order of a party's priorities changed."""

    party: Id
    priorities: tuple[Id, ...] = Field(min_length=1)
    unsettles: tuple[Id, ...] = ()


class ReorganizationCompleted(ReorganizationEvent, name="reorganization-completed"):
    """The party says that it is done."""
