"""What both parties must hold in common, in a version: stated, confirmed per party, read differently, unsettled."""

from typing import ClassVar, Literal

from pydantic import Field

from domain.events.event import Event
from domain.values import Id, Text

UnderstandingKind = Literal[
    "north_star", "charter", "metric", "dashboard", "term", "priorities", "ways_of_working", "decision_outcome"
]


class UnderstandingEvent(Event):
    """A fact about one understanding."""

    NOUN: ClassVar[str] = "understanding"
    SUBJECT: ClassVar[str | None] = "understanding"
    understanding: Id


class UnderstandingStated(UnderstandingEvent, name="understanding-stated"):
    """A version was stated: what it says, for whom, and which parties must confirm it."""

    kind: UnderstandingKind
    version: Id
    text: Text | None = None
    for_: tuple[Id, ...] = Field(default=(), alias="for")
    parties: tuple[Id, ...] = ()
    functions: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    serves: Id | None = None
    immaterial: bool = False
    by: Id | None = None


class Confirmed(UnderstandingEvent, name="confirmed"):
    """A party holds that version; `functions` are the parts of the party that do, all of it where none is named."""

    party: Id
    version: Id
    function: Id | None = None
    seat: Id | None = None


class DivergenceStated(UnderstandingEvent, name="divergence-stated"):
    """A party reads it differently, and says how."""

    party: Id
    reading: Text
    function: Id | None = None


class DivergenceReconciled(UnderstandingEvent, name="divergence-reconciled"):
    """A party gave its differing reading up, or it was settled."""

    party: Id
    function: Id | None = None


class UnderstandingUnsettled(UnderstandingEvent, name="understanding-unsettled"):
    """Drift touched it: it holds no longer for the parties named, until they confirm again."""

    parties: tuple[Id, ...]
    cause: Literal["reorganization", "lapsed_horizon", "departure", "succession"]
    of: Id | None = None


class UnderstandingRetired(UnderstandingEvent, name="understanding-retired"):
    """It no longer has to be held."""


class TermEvent(Event):
    """A fact about a word with a reading per party."""

    NOUN: ClassVar[str] = "term"
    SUBJECT: ClassVar[str | None] = "term"
    term: Id


class TermReadingStated(TermEvent, name="term-reading-stated"):
    """A party said what it means by the word, in a context."""

    party: Id
    reading: Text
    context: Id | None = None


class TermReconciled(TermEvent, name="term-reconciled"):
    """The parties agreed on one reading."""

    reading: Text
    version: Id
    by: tuple[Id, ...] = ()
    context: Id | None = None
