"""A record was wrong: it is retracted, or replaced, and stays in the log."""

from typing import Any, ClassVar, Literal

from pydantic import model_validator

from domain.events.event import Event, Message
from domain.values import Id, Precision


class Replacement(Message):
    """What should have been recorded: an event of the same stream, and when it was so (seconds since 1970 UTC)."""

    name: Id
    schema_version: int = 1
    fact: dict[str, Any]
    effective_at: int
    precision: Precision = "instant"
    zone: str = "UTC"


class RecordCorrected(Event, name="record-corrected"):
    """The event `of` was retracted, or replaced at its place in the order. Lives in the stream of that event."""

    NOUN: ClassVar[str] = "correction"
    of: Id
    of_stream: str
    action: Literal["retracted", "replaced"]
    replacement: Replacement | None = None

    @model_validator(mode="after")
    def _says_what_replaces(self) -> "RecordCorrected":
        if (self.action == "replaced") != (self.replacement is not None):
            rule = "a replaced record needs its replacement, a retracted one has none"
            raise ValueError(rule)
        return self

    def stream(self, alliance: str) -> str:  # noqa: ARG002
        """Return the stream of the corrected event."""
        return self.of_stream
