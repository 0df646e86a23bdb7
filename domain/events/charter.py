"""The rules: drafted, adopted, ratified party by party, amended, and flipped by history."""

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import Field

from domain.events.event import Event, Message
from domain.values import Id, Text


class CharterEvent(Event):
    """A fact about the charter of the alliance; each version is an understanding."""

    NOUN: ClassVar[str] = "charter"


class Closure(Message):
    """A day on which a place does not work."""

    day: date
    place: Id | None = None
    name: Text | None = None


class CharterDrafted(CharterEvent, name="charter-drafted"):
    """A version was written down, whole, with its calendars frozen as dates."""

    version: Id
    charter: dict[str, Any]


class CharterAdopted(CharterEvent, name="charter-adopted"):
    """A version came into force, subject to what ratification it asks for."""

    version: Id
    charter: dict[str, Any] | None = None
    confirmed_by: tuple[Id, ...] = ()


class CharterRatified(CharterEvent, name="charter-ratified"):
    """A party ratified a version."""

    version: Id
    party: Id


class CharterAmended(CharterEvent, name="charter-amended"):
    """A version took the place of another; open items migrate to it, or stay under the old one."""

    version: Id
    supersedes: Id
    open_items: Literal["migrate", "stay"] = "stay"
    charter: dict[str, Any] | None = None
    changes: dict[str, Any] | None = None
    by: tuple[Id, ...] = ()
    immaterial: bool = False


class ClauseConfirmed(CharterEvent, name="clause-confirmed"):
    """A party confirmed that the data of one clause reads the contract rightly."""

    version: Id
    clause: Id
    party: Id


class DelegatedTermChanged(CharterEvent, name="delegated-term-changed"):
    """A body changed what was delegated to it: a plan, a cadence, a limit shortened in writing."""

    body: Id
    term: Id
    value: Any = None
    by: tuple[Id, ...] | Id | None = None


class CalendarAmended(CharterEvent, name="calendar-amended"):
    """Closures were added or taken back; clocks that run move or stay."""

    plus: tuple[Closure, ...] = ()
    minus: tuple[Closure, ...] = ()
    calendar: Id | None = None
    open_clocks: Literal["move", "stay"] = "stay"
    by: tuple[Id, ...] | Id | None = None


class DecisionRightsFlipped(CharterEvent, name="decision-rights-flipped"):
    """A right moved, in holder or level, because history says so."""

    matter: Id | None = None
    from_: Id | None = Field(default=None, alias="from")
    to: Id | None = None
    level: Id | None = None
    trigger: Id


class PartyOptedOut(CharterEvent, name="party-opted-out"):
    """A party gave up a right or a part of the alliance."""

    party: Id
    of: Id


class MatterClassified(Event, name="matter-classified"):
    """A party or body said to which matter a decision belongs."""

    NOUN: ClassVar[str] = "decision"
    SUBJECT: ClassVar[str | None] = "decision"
    decision: Id
    matter: Id
    by: Id | None = None
