"""Rows as the log stores them: what is written, and what comes back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import msgspec

from domain.ports import Beside


class Stored(NamedTuple):
    """One event as its columns: `fact`, `meta` and `sealed` are the bytes that were written."""

    position: int
    stream: str
    version: int
    name: str
    schema_version: int
    alliance: str
    event_id: str
    recorded_at: int
    message_source: str
    message_id: str
    fact: bytes
    meta: bytes
    sealed: bytes | None

    def glimpse(self) -> "Glimpse":
        """Return what a fold needs of it."""
        return Glimpse(*[getattr(self, name) for name in Glimpse.__struct_fields__])


Row = tuple[Any, ...]
"""The columns of `Stored` as a database gives them. To name them costs as much as to read four of them."""

stored: Callable[[Row], Stored] = partial(tuple.__new__, Stored)
"""Make a row of its columns: `Stored._make`, in a third of its time."""

COLUMNS = ", ".join(Stored._fields)
DIGEST_VERSION = 1


class Glimpse(msgspec.Struct, frozen=True, gc=False):
    """Of the columns of an event those that a fold needs; the others are read when one is asked for."""

    position: int
    name: str
    schema_version: int
    alliance: str
    event_id: str
    fact: bytes
    meta: bytes


GLIMPSE_COLUMNS = ", ".join(Glimpse.__struct_fields__)


class Rest(NamedTuple):
    """The columns that a glimpse leaves out, but for what is sealed."""

    position: int
    stream: str
    version: int
    recorded_at: int
    message_source: str
    message_id: str


REST_COLUMNS = ", ".join(Rest._fields)


class Draft(msgspec.Struct, frozen=True, gc=False):
    """One event before it has a place: everything but position, version and recorded time."""

    stream: str
    name: str
    schema_version: int
    alliance: str
    event_id: str
    fact: bytes
    meta: bytes
    sealed: bytes | None


class Member(msgspec.Struct, frozen=True, gc=False):
    """One caller's batch in bytes. `recorded_at` (microseconds) is obeyed only by a log with a simulated clock."""

    source: str
    id: str
    digest: bytes
    recorded_at: int
    outcome: str | None = None
    drafts: Sequence[Draft] = ()
    expected: Mapping[str, int] = {}
    beside: Sequence[Beside] = ()


class RememberedRow(NamedTuple):
    """One message as its columns."""

    source: str
    id: str
    digest: bytes
    digest_version: int
    first: int
    last: int
    outcome: str | None


MESSAGE_COLUMNS = ", ".join(RememberedRow._fields)


@dataclass(frozen=True, slots=True)
class Mark:
    """Which log it is and where it stands."""

    id: str
    incarnation: int
    simulated_clock: bool
    head: int
    recorded_at: int


class Remembered(NamedTuple):
    """A message that was seen: the digest of its content, where it landed, and its outcome."""

    digest: bytes
    first: int
    last: int
    outcome: str | None
