"""What happened, in the order in which it was learned, one row per event, for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.events.event import EVENTS, subject_of
from domain.recorded import Recorded
from projections.projection import Key

NAME = "timeline"
VERSION = 1

POSITION_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Told:
    """The words of an event that a sentence about it may need."""

    decision: Any = None
    title: str | None = None
    body: Any = None
    matter: str | None = None
    from_: Any = None
    to: Any = None
    by: Any = None
    of: Any = None
    party: str | None = None
    outcome: str | None = None
    status: str | None = None
    metric: str | None = None
    understanding: str | None = None
    term: str | None = None
    reorganization: str | None = None
    work_stream: str | None = None
    obligation: str | None = None
    notice: str | None = None
    meeting: str | None = None
    version: str | None = None
    clock: str | None = None
    source: str | None = None
    seat: str | None = None
    person: str | None = None
    target: Any = None
    horizon: str | None = None
    unit: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One event. `at` is when it was so (seconds), `recorded_at` when it was learned (microseconds)."""

    alliance: str
    position: int
    at: int
    precision: str
    zone: str
    recorded_at: int
    name: str
    noun: str
    subject: str
    words: Mapping[str, str]
    actor: str | None
    findings: tuple[str, ...]
    event_id: str


READS: Mapping[str, type[Any]] = {name: Told for name in EVENTS if name != "record-corrected"}


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the one key of the event: its place in the order."""
    return ((event.meta.alliance, f"{event.position:0{POSITION_DIGITS}}"),)


def evolve(row: Row | None, event: Recorded[Told]) -> Row:  # noqa: ARG001
    """Return the row of the event."""
    noun, subject = subject_of(event.stream)
    actor = event.meta.actor
    return Row(
        alliance=event.meta.alliance,
        position=event.position,
        at=event.at,
        precision=event.meta.precision,
        zone=event.meta.zone,
        recorded_at=event.recorded_at,
        name=event.name,
        noun=noun,
        subject=subject,
        words=_words(event.fact),
        actor=(actor.party or actor.person) if actor else None,
        findings=tuple(f.clause or f.rule for f in event.meta.findings),
        event_id=event.meta.event_id,
    )


def _words(fact: Told) -> dict[str, str]:
    said = {word.rstrip("_"): getattr(fact, word) for word in Told.__slots__}
    return {word: _joined(value) for word, value in said.items() if value is not None}


def _joined(value: Any) -> str:  # noqa: ANN401
    return ", ".join(str(v) for v in value) if isinstance(value, list | tuple) else str(value)


def sentence(row: Row) -> str:
    """Return what happened as a sentence: the event's name in words, and what it was about."""
    happened = row.name.replace("-", " ")
    return happened + "".join(f", {word} {value}" for word, value in row.words.items() if word != row.noun)
