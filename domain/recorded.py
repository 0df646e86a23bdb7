"""What the log holds: a fact in its envelope, at its place in the one order."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from domain.values import Actor, Evidence, Finding, MessageKey, Precision

Fact_co = TypeVar("Fact_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """The envelope of an event, beside what happened.

    `effective_at` and `source_recorded_at` are whole seconds since 1970 UTC. `reason` and `note` are sealed: a fold
    never sees them.
    """

    alliance: str
    event_id: str
    effective_at: int
    precision: Precision = "instant"
    zone: str = "UTC"
    source_recorded_at: int | None = None
    actor: Actor | None = None
    message: MessageKey | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    evidence: tuple[Evidence, ...] = ()
    charter_version: str | None = None
    clause: str | None = None
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded(Generic[Fact_co]):
    """A fact as recorded. `position` is its place in the log, `version` its place in its stream, both from 1.

    `recorded_at` is microseconds since 1970 UTC, stamped by the log's clock.
    """

    fact: Fact_co
    name: str
    meta: Meta
    position: int
    stream: str
    version: int
    recorded_at: int

    @property
    def at(self) -> int:
        """Return the effective time in whole seconds."""
        return self.meta.effective_at


@dataclass(frozen=True, slots=True)
class Decided(Generic[Fact_co]):
    """A fact that follows from a message, with the findings and the clause it was judged under."""

    fact: Fact_co
    findings: tuple[Finding, ...] = ()
    clause: str | None = None
    charter_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What a message says about itself: alliance, effective time, who, on what evidence, and why.

    `effective_at` and `source_recorded_at` are whole seconds since 1970 UTC; `recorded_at`, in microseconds, is
    obeyed only by a log with a simulated clock.
    """

    alliance: str
    effective_at: int
    precision: Precision = "instant"
    zone: str = "UTC"
    recorded_at: int | None = None
    source_recorded_at: int | None = None
    actor: Actor | None = None
    message: MessageKey | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    evidence: tuple[Evidence, ...] = field(default=())
    reason: str | None = None
    note: str | None = None
