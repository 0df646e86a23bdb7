"""A small read model that benchmarks fold, and the log that they fold it from."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from adapters.event_log import Log
from domain.events.decision import DecisionEscalated, DecisionMade, DecisionRaised
from domain.events.event import Event
from domain.ports import Append
from domain.recorded import Decided, Envelope
from domain.replacing import quick
from domain.values import Actor, MessageKey
from projections.projection import Key

ALLIANCES = 8
DECISIONS_PER_ALLIANCE = 100
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    decision: str
    body: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    raised_at: int
    last_at: int
    events: int = 1
    body: str | None = None
    outcome: str | None = None


_turn = quick(Turn)


class Turns:
    """One row per decision: since when, how often something happened, where it is, how it ended."""

    NAME = "turns"
    VERSION = 1
    Row = Turn
    READS: Mapping[str, type[Any]] = MappingProxyType(
        dict.fromkeys(("decision-raised", "decision-escalated", "decision-made"), Told)
    )

    def keys(self, event: Any) -> tuple[Key, ...]:
        return ((event.meta.alliance, event.fact.decision),)

    def evolve(self, row: Turn | None, event: Any) -> Turn:
        fact, at = event.fact, event.meta.effective_at
        if row is None:
            return Turn(at, at, 1, fact.body, fact.outcome)
        turned: Turn = _turn(row.raised_at, at, row.events + 1, fact.body or row.body, fact.outcome or row.outcome)
        return turned


def fill(log: Log, events: int) -> None:
    """Append so many events, a thousand per transaction."""
    for start in range(0, events, PAGE):
        log.append_all([append_of(number) for number in range(start, min(start + PAGE, events))])


def append_of(number: int, *, decision: int | None = None) -> Append:
    """Return the append of the nth event, of a decision of its own choice where none is named."""
    if decision is None:
        decision = number // ALLIANCES % DECISIONS_PER_ALLIANCE
    fact: Event
    match number % 3:
        case 0:
            fact = DecisionRaised(decision=f"D{decision}", body="JSC", matter="pricing", title="The price of the year")
        case 1:
            fact = DecisionEscalated(decision=f"D{decision}", to="executives", by="acme")
        case _:
            fact = DecisionMade(decision=f"D{decision}", outcome="approved", method="consensus")
    envelope = Envelope(
        alliance=f"alliance-{number % ALLIANCES}",
        effective_at=1_700_000_000 + number * 60,
        actor=Actor(person="p-1", party="acme", role="alliance_manager", via="api"),
        message=MessageKey("bench", str(number)),
    )
    return Append(envelope=envelope, facts=[Decided(fact)], digest=number.to_bytes(32))
