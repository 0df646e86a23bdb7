"""What the core asks of the world: a log with one order, and a clock it is handed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.recorded import Decided, Envelope, Recorded
from domain.values import MessageKey

Beside = Callable[[Any], None]
"""A write that commits with the events: it is handed the cursor of the open transaction, and may raise to fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """One caller's wish: facts in their envelope, the versions they were judged at, and what is written beside.

    `expected` holds the version of every stream written *or only read*. `digest` is the SHA-256 of the message's
    canonical JSON as received. `outcome` answers a repeat of a message that yields no event.
    """

    envelope: Envelope
    facts: Sequence[Decided[Any]]
    expected: Mapping[str, int] = field(default_factory=dict)
    digest: bytes = b""
    outcome: str | None = None
    beside: Sequence[Beside] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where an append landed: its first and last position. A repeat answers with the original ones.

    A message that yielded no event has `first` = `last` + 1, and `last` is the head it was judged at.
    """

    first: int
    last: int
    repeated: bool = False
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """Which log this is: its id, its incarnation, its format, the alliance it serves or none, and its clock."""

    id: str
    incarnation: int
    format: int
    simulated_clock: bool


class EventLog(Protocol):
    """One order of events. Positions are explicit, increasing, and never used again."""

    def identity(self) -> LogIdentity:
        """Return which log this is."""
        ...

    def append(self, batch: Append) -> Receipt:
        """Append one batch whole, or nothing. Raise Conflict or RepeatDiffers."""
        ...

    def append_all(self, batches: Sequence[Append]) -> list[Receipt | Exception]:
        """Append several batches in one transaction. Each gets its own outcome; a failed one leaves no trace."""
        ...

    def head(self) -> int:
        """Return the highest position in use, 0 for an empty log."""
        ...

    def position_at(self, recorded_at: int) -> int:
        """Return the last position recorded at or before an instant in microseconds."""
        ...

    def read(
        self, *, after: int, limit: int, upto: int | None = None, alliance: str | None = None
    ) -> list[Recorded[Any]]:
        """Return up to `limit` events after a position, of one alliance or all, decoded and validated."""
        ...

    def stream(self, stream: str, *, after_version: int = 0, upto: int | None = None) -> Iterator[Recorded[Any]]:
        """Yield the events of one stream in order; `upto` is a position."""
        ...

    def versions(self, streams: Iterable[str]) -> dict[str, int]:
        """Return the version of each stream, 0 where it has no event."""
        ...

    def remembered(self, message: MessageKey) -> Receipt | None:
        """Return the receipt of a message that was seen before, or None."""
        ...
