"""The shape of what is published: numbered records in one order."""

from typing import NamedTuple, Protocol

from adapters.kafka.port import Record

CHECKPOINTS = "checkpoints"
"""The compacted topic that holds how far each feed has come, committed with what was sent."""


class Outgoing(NamedTuple):
    """A record and its place in the order of its feed."""

    position: int
    record: Record


class Feed(Protocol):
    """Records in one order, each with a position. Positions go up and are never used again."""

    @property
    def name(self) -> str:
        """Under which its checkpoint is kept."""
        ...

    @property
    def without_value(self) -> int:
        """How many records went out without their value so far, because their topic does not take so much."""
        ...

    def begin(self) -> None:
        """Forget what was handed out: a relay begins here, and what was not committed then is asked for again."""
        ...

    def head(self) -> int:
        """Return the highest position there is."""
        ...

    def page(self, after: int, limit: int) -> list[Outgoing]:
        """Return up to `limit` records after a position."""
        ...

    def wait(self, after: int, timeout_seconds: float) -> None:
        """Come back when there may be something after a position, and at the latest when the time is over."""
        ...

    def close(self) -> None:
        """Close what was opened to read from, in the thread that read."""
        ...
