"""What may be asked of an alliance, its charter, its bodies and its reorganizations."""

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from domain.commands.command import Command
from domain.events.alliance import AllianceKind, Party
from domain.events.body import SeatTaken
from domain.events.reorganization import Scope
from domain.values import PARTIES_MAX, Id, SealedText, Text


class FormAlliance(Command):
    """Begin to run something together."""

    NOUN: ClassVar[str] = "alliance"
    title: Text
    kind: AllianceKind
    parties: tuple[Party, ...] = Field(min_length=2, max_length=PARTIES_MAX)


class LaunchAlliance(Command):
    """Start to work under the charter."""

    NOUN: ClassVar[str] = "alliance"


class StartWindDown(Command):
    """Begin to end it."""

    NOUN: ClassVar[str] = "alliance"
    ends: date | None = None
    survives: tuple[Id, ...] = ()


class EndAlliance(Command):
    """End it."""

    NOUN: ClassVar[str] = "alliance"
    survives: tuple[Id, ...] = ()


class OpenWorkStream(Command):
    """Begin a work stream."""

    NOUN: ClassVar[str] = "work-stream"
    SUBJECT: ClassVar[str | None] = "work_stream"
    work_stream: Id
    title: Text | None = None
    owners: dict[Id, Id] = Field(default_factory=dict)
    phase: Id | None = None
    planned_end: date | None = None


class HandPhaseOver(Command):
    """Give a work stream on to the units that own its next phase."""

    NOUN: ClassVar[str] = "work-stream"
    SUBJECT: ClassVar[str | None] = "work_stream"
    work_stream: Id
    phase: Id
    units: dict[Id, Id] = Field(default_factory=dict)
    open_items: tuple[Id, ...] = ()
    accepted_by: tuple[Id, ...] = ()


class IntroducePerson(Command):
    """Give a person an id in this log."""

    NOUN: ClassVar[str] = "person"
    SUBJECT: ClassVar[str | None] = "person"
    person: Id
    party: Id
    name: SealedText | None = None


class DraftCharter(Command):
    """Write a version down."""

    NOUN: ClassVar[str] = "charter"
    version: Id
    charter: dict[str, Any]


class AdoptCharter(Command):
    """Put a version into force."""

    NOUN: ClassVar[str] = "charter"
    version: Id


class RatifyCharter(Command):
    """Ratify a version for a party."""

    NOUN: ClassVar[str] = "charter"
    version: Id
    party: Id


class AmendCharter(Command):
    """Put a version in the place of another."""

    NOUN: ClassVar[str] = "charter"
    version: Id
    supersedes: Id
    open_items: Literal["migrate", "stay"] = "stay"
    charter: dict[str, Any]
    by: tuple[Id, ...] = ()


class ConstituteBody(Command):
    """Bring a body into being."""

    NOUN: ClassVar[str] = "body"
    SUBJECT: ClassVar[str | None] = "body"
    body: Id
    tier: int | None = None
    seats: tuple[SeatTaken, ...] = ()


class FillSeat(Command):
    """Take a seat."""

    NOUN: ClassVar[str] = "body"
    SUBJECT: ClassVar[str | None] = "body"
    body: Id
    seat: Id
    party: Id
    person: Id
    seniority: int | None = None
    decision: Id | None = None


class VacateSeat(Command):
    """Leave a seat empty."""

    NOUN: ClassVar[str] = "body"
    SUBJECT: ClassVar[str | None] = "body"
    body: Id
    seat: Id


class DisbandBody(Command):
    """End a body."""

    NOUN: ClassVar[str] = "body"
    SUBJECT: ClassVar[str | None] = "body"
    body: Id
    successor: Id | None = None
    by: Id | None = None


class AnnounceReorganization(Command):
    """Say that a party will change."""

    NOUN: ClassVar[str] = "reorganization"
    SUBJECT: ClassVar[str | None] = "reorganization"
    reorganization: Id
    party: Id
    kind: Id | None = None
    title: Text | None = None


class DeclareScope(Command):
    """Say what it touches."""

    NOUN: ClassVar[str] = "reorganization"
    SUBJECT: ClassVar[str | None] = "reorganization"
    reorganization: Id
    party: Id
    scope: Scope


class CompleteReorganization(Command):
    """Say that it is done."""

    NOUN: ClassVar[str] = "reorganization"
    SUBJECT: ClassVar[str | None] = "reorganization"
    reorganization: Id
