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
    """A version was stated: what it says, for whom, and which parties must confirm it.

    `shown_by` links each of those it is for to the metrics that show it; `order` and `resources` belong to priorities
    (and `order` to a dashboard: its metrics). `immaterial`: all parties call the change so; confirmations carry over.
    """

    kind: UnderstandingKind
    version: Id
    title: Text | None = None
    text: Text | None = None
    for_: tuple[Id, ...] = Field(default=(), alias="for")
    shown_by: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    order: tuple[Id, ...] = ()
    resources: dict[Id, Text] = Field(default_factory=dict)
    work_streams: tuple[Id, ...] = ()
    terms: tuple[Id, ...] = ()
    body: Id | None = None
    parties: tuple[Id, ...] = ()
    functions: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    serves: Id | None = None
    immaterial: bool = False
    by: Id | None = None


class Confirmed(UnderstandingEvent, name="confirmed"):
    """A party holds that version; `function` is the part of the party that does, all of it where none is named.

    `meaning` is that of the signature, where a regime demands one; `delegate_of` is the seat that a delegate spoke
    for; `settles` are the reorganizations that this answers.
    """

    party: Id
    version: Id
    function: Id | None = None
    seat: Id | None = None
    delegate_of: Id | None = None
    meaning: Literal["approval", "review", "responsibility"] | None = None
    settles: tuple[Id, ...] = ()


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
    cause: Literal[
        "reorganization", "lapsed_horizon", "departure", "succession", "priority_change", "empty_seat", "not_briefed"
    ]
    of: Id | None = None


class UnderstandingRetired(UnderstandingEvent, name="understanding-retired"):
    """It no longer has to be held."""


class TermEvent(Event):
    """A fact about a word with a reading per party."""

    NOUN: ClassVar[str] = "term"
    SUBJECT: ClassVar[str | None] = "term"
    term: Id


class TermReadingStated(TermEvent, name="term-reading-stated"):
    """A party said what it means by the word, in a context; `clauses` are those of the charter in which it stands."""

    party: Id
    reading: Text
    context: Id | None = None
    clauses: tuple[Id, ...] = ()
    parties: tuple[Id, ...] = ()


class TermReconciled(TermEvent, name="term-reconciled"):
    """The parties agreed on one reading, which each still has to confirm; `confirmed_by` are those that did with it."""

    reading: Text
    version: Id
    by: tuple[Id, ...] = ()
    confirmed_by: tuple[Id, ...] = ()
    context: Id | None = None
    clauses: tuple[Id, ...] = ()
