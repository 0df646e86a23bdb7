"""Logs that tests follow: what happened, told in a line, and histories that hypothesis makes up."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from hypothesis import strategies as st

from adapters.event_log import Log, open_log
from adapters.follower import Follower
from adapters.read_store.canonical import key_text
from adapters.read_store.opening import open_rows
from adapters.read_store.store import RowStore
from domain.events.correction import RecordCorrected, Replacement
from domain.events.decision import DecisionEscalated, DecisionMade, DecisionRaised, DecisionWithdrawn
from domain.events.event import Event
from domain.ports import Append
from domain.recorded import Decided, Envelope
from domain.values import Finding, MessageKey
from projections.projection import Projection
from tests.flow.tallies import POISON, UNKEYED, Tallies

FACTS: dict[str, type[Event]] = {
    "raised": DecisionRaised,
    "escalated": DecisionEscalated,
    "made": DecisionMade,
    "withdrawn": DecisionWithdrawn,
}


def fact(what: str, decision: str) -> Event:
    """Return an event by a word: `raised`, `escalated`, `made`, `withdrawn`, `poison` or `unkeyed`."""
    match what:
        case "raised":
            return DecisionRaised(decision=decision, body="JSC")
        case "escalated":
            return DecisionEscalated(decision=decision, to="ESC")
        case "withdrawn":
            return DecisionWithdrawn(decision=decision)
        case _:
            outcome = {"poison": POISON, "unkeyed": UNKEYED}.get(what, "yes")
            return DecisionMade(decision=decision, outcome=outcome)


@dataclass
class Chronicle:
    """A log that is written by telling what happened. Events are named by their position."""

    log: Log
    ids: list[tuple[str, str, str]] = field(default_factory=list)

    def tell(self, what: str, decision: str = "D1", *, alliance: str = "a", finding: str | None = None) -> int:
        """Append an event and return its position."""
        return self._append(fact(what, decision), alliance, finding)

    def retract(self, position: int) -> int:
        """Append the retraction of an event."""
        event_id, stream, alliance = self.ids[position - 1]
        return self._append(RecordCorrected(of=event_id, of_stream=stream, action="retracted"), alliance)

    def replace(self, position: int, what: str, decision: str | None = None, *, finding: str | None = None) -> int:
        """Append the replacement of an event."""
        event_id, stream, alliance = self.ids[position - 1]
        standing = fact(what, decision or stream.rsplit("/", 1)[1])
        words = standing.model_dump(mode="json", by_alias=True, exclude_none=True)
        by = Replacement(name=standing.NAME, fact=words, effective_at=position * 10 + 1)
        correction = RecordCorrected(of=event_id, of_stream=stream, action="replaced", replacement=by)
        return self._append(correction, alliance, finding)

    def _append(self, event: Event, alliance: str, finding: str | None = None) -> int:
        number = len(self.ids) + 1
        message = MessageKey("test", str(number))
        envelope = Envelope(alliance=alliance, effective_at=number * 10, recorded_at=number, message=message)
        found = (Finding(finding),) if finding else ()
        receipt = self.log.append(Append(envelope=envelope, facts=[Decided(event, found)], digest=b"1" * 32))
        assert receipt.first == number
        self.ids.append((self.log.codec.event_id("test", str(number), 0), event.stream(alliance), alliance))
        return number


@dataclass(frozen=True)
class Step:
    """One line of a history: an event, or a correction of an earlier one."""

    does: str
    what: str
    decision: str
    alliance: str
    of: int


def steps(*, size_max: int = 14, whats: tuple[str, ...] = ("raised", "escalated", "made", "withdrawn")) -> Any:
    """Make up histories of two alliances, with corrections, and corrections of corrections."""
    step = st.builds(
        Step,
        does=st.sampled_from(("tell", "tell", "retract", "replace")),
        what=st.sampled_from(whats),
        decision=st.sampled_from(("D1", "D2")),
        alliance=st.sampled_from(("a", "b")),
        of=st.integers(0, 30),
    )
    return st.lists(step, min_size=1, max_size=size_max)


def write(chronicle: Chronicle, history: list[Step]) -> None:
    """Append a history to a log."""
    for step in history:
        known = len(chronicle.ids)
        if step.does == "tell" or not known:
            chronicle.tell(step.what, step.decision, alliance=step.alliance, finding="late" if step.of % 3 else None)
        elif step.does == "retract":
            chronicle.retract(step.of % known + 1)
        else:
            chronicle.replace(step.of % known + 1, step.what, finding="early" if step.of % 2 else None)


def chronicle(url: str) -> Chronicle:
    """Make a log with a simulated clock, which is equal wherever it is made."""
    return Chronicle(open_log(url, simulated_clock=True))


def rows(store: RowStore, name: str = "tallies") -> dict[str, str]:
    """Return what the serving build of a projection holds: rows by key, and parked keys with their reasons."""
    build = store.serving(name)
    assert build is not None
    with store.snapshot():
        found = {key_text(key): row for key, row in store.rows(build)}
    parked = {f"parked {key_text(k)}": f"{p.position} {p.error}" for k, p in store.parked(build).items()}
    return found | parked


class Rows:
    """Rows beside a log, advanced by followers of their own."""

    def __init__(self, log: Log, path: Path | str, *, projection: Projection | None = None, **options: Any) -> None:
        url = path if isinstance(path, str) else f"sqlite:///{path}"
        self.store = open_rows(url, log.identity())
        self.projection: Projection = projection or Tallies()
        self.follower = Follower(log, self.store, [self.projection], **options)

    def __enter__(self) -> Self:
        self.follower.claim()
        return self

    def __exit__(self, *_: object) -> None:
        self.follower.release()
        self.store.close()

    def follow(self, upto: int | None = None) -> dict[str, str]:
        """Follow to a position or to the head, and return what is there then."""
        self.follower.catch_up(upto)
        return rows(self.store, self.projection.NAME)
