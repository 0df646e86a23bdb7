"""The state that the fold keeps: items with their clocks, ballots, bodies, seats and charter versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from domain.calendars import Calendar, Closure
from domain.charter.rules import Rules
from domain.charter.words import Effect, EventIs, Right, Trigger
from domain.clocks import Kind, Length, Pause, Roll
from domain.governance.items import Shelf
from domain.governance.told import Told
from domain.replacing import replace

ItemKind = Literal["decision", "appeal", "obligation", "notice", "minutes", "seat"]
WHOLE_CYCLE = -1


@dataclass(frozen=True)
class Clock:
    """One deadline of one item, from the day it was set up. Its due day is counted from what stands here alone.

    `calendar_version` is the number of amendments it is counted with; `visit` is WHOLE_CYCLE where it outlives a tier.
    """

    id: str
    kind: Kind
    length: Length
    trigger: Trigger
    visit: int
    place: str
    calendar: str = "default"
    calendar_version: int = 0
    roll: Roll = "none"
    before: bool = False
    obligor: str | None = None
    started: date | None = None
    started_by: str | None = None
    stated: date | None = None
    pauses: tuple[Pause, ...] = ()
    extended_to: date | None = None
    met: date | None = None
    lapsed_by: str | None = None
    lapsed_on: date | None = None
    stopped: date | None = None
    stops: tuple[EventIs, ...] = ()
    ends_early: EventIs | None = None
    then: Effect | None = None
    rights: tuple[Right, ...] = ()
    clause: str | None = None

    @property
    def over(self) -> bool:
        return self.met is not None or self.stopped is not None


@dataclass(frozen=True)
class Vote:
    """One vote of one person, for a party."""

    party: str
    person: str | None
    vote: str
    event: str
    weight: int = 1


@dataclass(frozen=True)
class Ballot:
    """The meeting, or the round of e-mails, in which a decision was last voted on."""

    body: str
    meeting: str | None
    event: str
    day: date
    present: tuple[Mapping[str, Any], ...] | None = None
    quorum: bool | None = None
    result: str | None = None
    votes: tuple[Vote, ...] = ()
    acknowledged: tuple[str, ...] = ()

    @property
    def by_email(self) -> bool:
        return self.meeting is None


@dataclass(frozen=True)
class Visit:
    """A stay of a decision at one place: a body, or an end of the ladder."""

    place: str
    entered: date
    event: str
    how: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """Anything with a clock: a decision or its appeal, an obligation, a notice, minutes, a seat."""

    kind: ItemKind
    id: str
    opened: Told
    version: str
    status: Literal["open", "ended"] = "open"
    outcome: str | None = None
    method: str | None = None
    ended_on: date | None = None
    ended_by: str | None = None
    clocks: tuple[Clock, ...] = ()
    findings: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    cycle: int = 1
    # decisions and appeals
    matter: str | None = None
    matter_event: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()
    failed_by: str | None = None
    failed_on: date | None = None
    approved_by_body: str | None = None
    approvals: tuple[tuple[str, str], ...] = ()
    approved_on: date | None = None
    positions: tuple[tuple[str, str], ...] = ()
    submissions: tuple[str, ...] = ()
    ballot: Ballot | None = None
    held_at: tuple[tuple[str, date], ...] = ()
    escalations: tuple[str, ...] = ()
    declined: bool = False
    noticed_on: date | None = None
    asked: str | None = None
    # obligations, minutes, notices and seats
    rule: str | None = None
    owed_by: str | None = None
    owed_to: str | None = None
    parts: Mapping[str, tuple[Clock, ...]] = field(default_factory=dict)
    body: str | None = None
    meeting: str | None = None
    party: str | None = None
    person: str | None = None
    drafted: bool = False
    received: date | None = None

    @property
    def place(self) -> str:
        return self.visits[-1].place if self.visits else ""

    @property
    def entered(self) -> date:
        return self.visits[-1].entered if self.visits else self.opened.day

    @property
    def visit(self) -> int:
        return len(self.visits) - 1

    def was_at(self, body: str) -> bool:
        return any(visit.place == body for visit in self.visits)


@dataclass(frozen=True)
class CharterVersion:
    """A version, from when it speaks, and by when it bound."""

    version: str
    rules: Rules
    speaks_from: int
    needs: tuple[str, ...]
    ratified_by: tuple[str, ...] = ()
    open_items: str = "migrate"

    @property
    def binds(self) -> bool:
        return set(self.needs) <= set(self.ratified_by)


@dataclass(frozen=True)
class BodyState:
    """What became of a body: its seats, and whether it still sits."""

    name: str
    seats: tuple[Mapping[str, Any], ...] = ()
    ended: date | None = None
    ended_by: str | None = None
    successor: str | None = None
    assumed_by: str | None = None
    assumed_on: date | None = None
    assumed_event: str | None = None


@dataclass(frozen=True)
class Governance:
    """Everything that rules of one alliance rest on, after the events folded so far."""

    charters: tuple[CharterVersion, ...] = ()
    drafts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    items: Shelf[Item] = field(default_factory=Shelf)
    bodies: Mapping[str, BodyState] = field(default_factory=dict)
    seats: Mapping[str, Told] = field(default_factory=dict)
    meetings: Mapping[str, Told] = field(default_factory=dict)
    notices_of_meetings: Mapping[str, str] = field(default_factory=dict)
    amendments: tuple[tuple[tuple[Closure, ...], tuple[Closure, ...]], ...] = ()
    successors: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    counted: Mapping[str, tuple[tuple[date, str], ...]] = field(default_factory=dict)
    flipped: Mapping[int, tuple[date, str]] = field(default_factory=dict)
    moved_rights: tuple[Told, ...] = ()
    opted_out: tuple[str, ...] = ()
    confirmed: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    terms: Mapping[tuple[str, str], Length] = field(default_factory=dict)
    proxies: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    happened: tuple[Told, ...] = ()

    def rules_at(self, seconds: int) -> Rules:
        """Return the rules of the version that binds and speaks at an instant; the first one before any does."""
        return self.version_at(seconds).rules

    def version_at(self, seconds: int) -> CharterVersion:
        spoken = [one for one in self.charters if one.binds and one.speaks_from <= seconds]
        return spoken[-1] if spoken else self.charters[0]

    def version_of(self, item: Item, seconds: int) -> CharterVersion:
        """Return the version an item is judged under: later ones only where open items migrate to them."""
        own = [one for one in self.charters if one.version == item.version]
        moved = [
            one for one in self.charters
            if one.binds and one.speaks_from <= seconds and one.open_items == "migrate"
            and self.later(one, item.version)
        ]  # fmt: skip
        return (moved or own or [self.version_at(seconds)])[-1]

    def later(self, one: CharterVersion, version: str) -> bool:
        order = [charter.version for charter in self.charters]
        return version in order and order.index(one.version) > order.index(version)

    def rules_of(self, item: Item, seconds: int) -> Rules:
        return self.version_of(item, seconds).rules

    def item(self, kind: str, id: str) -> Item | None:  # noqa: A002 - the word of the domain
        return self.items.get((kind, id))

    def with_item(self, item: Item) -> "Governance":
        return replace(self, items=self.items.put((item.kind, item.id), item))

    def calendar(self, rules: Rules, clock: Clock) -> Calendar:
        """Return the calendar a clock is counted on, with the amendments that it was moved to."""
        calendar = rules.calendars.get(clock.calendar) or rules.calendars["default"]
        for plus, minus in self.amendments[: clock.calendar_version]:
            calendar = calendar.amended(plus, minus)
        return calendar

    def sits(self, body: str) -> bool:
        """Say whether a body has not ended."""
        state = self.bodies.get(body)
        return state is None or state.ended is None

    def parties(self, rules: Rules) -> tuple[str, ...]:
        """Return the parties of today: those of the charter, each replaced by whoever it assigned the contract to."""
        return tuple(self.today(party) for party in rules.parties)

    def today(self, party: str) -> str:
        return self.successors[party][0] if party in self.successors else party

    def holder_of(self, party: str, right: str | None) -> str:
        """Return who holds a right of a party today: the old one where it kept that right."""
        if party not in self.successors:
            return party
        new, kept = self.successors[party]
        return party if right in kept else new
