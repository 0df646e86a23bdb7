"""One tree of errors, mapped to exit codes and HTTP codes only at the edge.

CynosureError
├── Refused          a rule forbids it: the rule, the clause, the events it follows from
│   └── Impossible   a report of something that cannot have happened (unknown decision, not a party)
├── Conflict         the streams moved on: load again and retry
├── RepeatDiffers    the same message id with other content
├── Unreadable       a message, file or row that cannot be read: where, the rule, what to do
├── NewerFormat      a database or an event that is newer than this code
├── Stale            a read asked for a position that the rows have not reached in time
└── Halted           a checkpoint beyond the log, or a lease lost: stop, never guess
"""

from collections.abc import Mapping, Sequence
from typing import Literal


class CynosureError(Exception):
    """The root: everything that cynosure raises on purpose."""


class Refused(CynosureError):
    """A rule forbids it. Nothing was written."""

    def __init__(self, says: str, *, rule: str, clause: str | None = None, because_of: Sequence[str] = ()) -> None:
        super().__init__(says)
        self.says = says
        self.rule = rule
        self.clause = clause
        self.because_of = tuple(because_of)


class Impossible(Refused):
    """A report of something that cannot have happened: refused, and parked where it came by Kafka."""


class Conflict(CynosureError):
    """Streams have moved on since they were read: `streams` maps each to the version it has now."""

    def __init__(self, streams: Mapping[str, int]) -> None:
        super().__init__("changed since they were read: " + ", ".join(f"{s} is at {v}" for s, v in streams.items()))
        self.streams = dict(streams)


class RepeatDiffers(CynosureError):
    """A message id that was seen before came again with other content."""


class Unreadable(CynosureError):
    """Something cannot be read. `faults` are sentences, each naming its place, the rule and what to do."""

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class NewerFormat(CynosureError):
    """Written by a newer cynosure than this one: upgrade this one."""


class Stale(CynosureError):
    """The rows, or the log itself, stand at `position`, before the position that was asked for."""

    def __init__(
        self, *, position: int, at_least: int, of: Literal["rows", "log", "files"] = "rows", do: str | None = None
    ) -> None:
        said = {"rows": ("rows stand", ": is a follower running?"), "log": ("log ends", ""), "files": ("files end", "")}
        stands, ask = said[of]
        super().__init__(f"the {stands} at position {position}, before {at_least}{f': {do}' if do else ask}")
        self.position = position
        self.at_least = at_least


class Halted(CynosureError):
    """Going on would guess: a checkpoint beyond the head of the log, or a lease that another holder took."""
