"""What is so of one decision after the rows judged so far, and how it comes to stand otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from domain.events.decision import ENDED_WHEN_FIRST_SEEN, Holder
from domain.values import Scalar

Status = Literal["unraised", "open", "ended"]
OWN_WORDS = frozenset({"withdrawn", "superseded", "voided", "status_quo"})


@dataclass(slots=True)
class Life:
    """What is so of one decision after the rows judged so far."""

    decision: str
    status: Status = "unraised"
    pauses: set[str] = field(default_factory=set)
    waiting: bool = False
    outcome: str | None = None
    first_ending: str | None = None
    held_by: Holder | None = None
    holder: str | None = None
    tier: str | None = None
    rank: int | None = None
    body: str | None = None
    matter: str | None = None
    work_stream: str | None = None
    phase: str | None = None
    attributes: dict[str, Scalar] = field(default_factory=dict)

    def ends(self, outcome: str) -> None:
        """End the cycle. The first ending is kept, as what the first cycle came to."""
        self.status, self.outcome, self.waiting = "ended", outcome, False
        self.first_ending = self.first_ending or outcome
        self.pauses.clear()

    def stands(self, so_far: str) -> bool:
        """Return whether it stands as a rule's `so_far` says."""
        match so_far:
            case "paused":
                return self.status == "open" and bool(self.pauses)
            case "waiting":
                return self.status == "open" and self.waiting
            case "running":
                return self.status == "open" and not self.pauses and not self.waiting
            case _:
                return self.status == so_far


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of a row, with its words read: the verb, and what it says beside it."""

    verb: str
    words: dict[str, Any] = field(default_factory=dict)


def becoming(life: Life, state: str | None) -> Iterator[Happened]:
    """Yield the steps from how a decision stands to how a row says it stands."""
    if state is None:
        yield Happened("held")
    elif state in {"open", "paused", "waiting"}:
        yield from _standing_open(life, state)
    elif life.status == "unraised":
        yield Happened("inherited", {"status": state if state in ENDED_WHEN_FIRST_SEEN else "decided"})
    elif state != life.outcome and life.status == "ended":
        later_fate = state in {"superseded", "voided"}
        yield Happened(state) if later_fate else Happened("reversed", {"outcome": state})
    elif life.status == "open":
        yield Happened(state) if state in OWN_WORDS else Happened("made", {"outcome": state})


def _standing_open(life: Life, state: str) -> Iterator[Happened]:
    if life.status == "unraised":
        yield Happened("raised")
    elif life.status == "ended":
        yield Happened("reopened")
    if state != "paused":
        for pause in sorted(life.pauses):
            yield Happened("resumed", {"pause": pause})
    if state != "waiting" and life.waiting:
        yield Happened("information_provided")
    if state == "paused" and not life.pauses:
        yield Happened("paused")
    if state == "waiting" and not life.waiting:
        yield Happened("information_requested")
    yield Happened("held")
