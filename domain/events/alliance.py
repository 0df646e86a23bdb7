"""The life of an alliance and its work streams, the people in it, and where an imported history came from."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import Field

from domain.events.event import Event, Message
from domain.values import PARTIES_MAX, Id, SealedText, Text

AllianceKind = Literal["strategic", "co_promotion", "technology", "channel", "supplier"]


class Party(Message):
    """A company in an alliance, under an id that outlives its name and its owner."""

    id: Id
    name: Text
    affiliates: tuple[Id, ...] = ()


class AllianceEvent(Event):
    """A fact about the alliance as a whole."""

    NOUN: ClassVar[str] = "alliance"


class AllianceFormed(AllianceEvent, name="alliance-formed"):
    """Two or more parties began to run something together."""

    title: Text
    kind: AllianceKind
    parties: tuple[Party, ...] = Field(min_length=2, max_length=PARTIES_MAX)


class AllianceStageEntered(AllianceEvent, name="alliance-stage-entered"):
    """The alliance itself entered a stage of its life."""

    stage: Id
    asset: Id | None = None
    owners: dict[Id, Id] = Field(default_factory=dict)


class AllianceLaunched(AllianceEvent, name="alliance-launched"):
    """The parties started to work under the charter."""


class AllianceRelaunched(AllianceEvent, name="alliance-relaunched"):
    """The parties began again, on renewed terms."""


class WindDownStarted(AllianceEvent, name="wind-down-started"):
    """The parties began to end it."""

    ends: date | None = None
    survives: tuple[Id, ...] = ()


class AllianceEnded(AllianceEvent, name="alliance-ended"):
    """It is over; what survives, survives as the charter says."""

    survives: tuple[Id, ...] = ()


class PartySucceeded(AllianceEvent, name="party-succeeded"):
    """A party's owner changed (its id stays), or a new party came in its place by assignment."""

    kind: Literal["change_of_owner", "assignment"]
    party: Id | None = None
    old: Id | None = None
    new: Id | None = None
    new_name: Text | None = None
    rights_kept_by_old: tuple[Id, ...] = ()
    cause: Text | None = None
    unsettles: tuple[Id, ...] = ()


class WorkStreamEvent(Event):
    """A fact about one work stream."""

    NOUN: ClassVar[str] = "work-stream"
    SUBJECT: ClassVar[str | None] = "work_stream"
    work_stream: Id


class WorkStreamOpened(WorkStreamEvent, name="work-stream-opened"):
    """A work stream began, with owners on both sides."""

    title: Text | None = None
    owners: dict[Id, Id] = Field(default_factory=dict)
    phase: Id | None = None
    planned_end: date | None = None


class WorkStreamReplanned(WorkStreamEvent, name="work-stream-replanned"):
    """Its plan changed."""

    planned_end: date | None = None
    phase: Id | None = None
    owners: dict[Id, Id] = Field(default_factory=dict)


class PhaseHandedOver(WorkStreamEvent, name="phase-handed-over"):
    """A work stream entered another phase: the units that own it now on either side took it over, with open items."""

    phase: Id
    units: dict[Id, Id] = Field(default_factory=dict)
    open_items: tuple[Id, ...] = ()
    accepted_by: tuple[Id, ...] = ()


class WorkStreamPaused(WorkStreamEvent, name="work-stream-paused"):
    """It rests."""


class WorkStreamResumed(WorkStreamEvent, name="work-stream-resumed"):
    """It goes on."""


class WorkStreamClosed(WorkStreamEvent, name="work-stream-closed"):
    """It ended."""

    outcome: Id | None = None


class HistoryImported(Event, name="history-imported"):
    """A history was taken in from elsewhere: where it came from, what it covers, and on what it was selected."""

    NOUN: ClassVar[str] = "import"
    SUBJECT: ClassVar[str | None] = "source"
    source: Id
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    mapping_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    rows: int = Field(ge=0)
    decisions: int = Field(ge=0)
    observed_from: int | None = None
    observed_until: int | None = None
    cut_off: int | None = None
    selected_on: Literal["start", "end", "none"] = "none"
    clamped: int = Field(default=0, ge=0)


class PersonIntroduced(Event, name="person-introduced"):
    """A person got an id in this log. The name is sealed; everywhere else the person is the id."""

    NOUN: ClassVar[str] = "person"
    SUBJECT: ClassVar[str | None] = "person"
    person: Id
    party: Id
    name: SealedText | None = None
