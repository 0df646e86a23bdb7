"""What the rows need of a database, and the values that pass between a follower, a reader and the rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from domain.errors import Halted
from projections.projection import Key

Values = Sequence[Any]


class ConnectionLost(Halted):
    """The connection went away in the middle, and there is a new one: claim again, and go on."""


class Overtaken(Exception):
    """A shard has moved on, or was claimed by another, since it was loaded."""


class Database(Protocol):
    """One connection. SQL is written with `?`; between `BEGIN` and the end, nothing is visible to others."""

    BEGIN: ClassVar[str]
    BEGIN_SNAPSHOT: ClassVar[str]
    INTEGER: ClassVar[str]
    TEXT: ClassVar[str]
    TABLE_OPTIONS: ClassVar[str]
    FAULT: ClassVar[type[Exception]]
    NOW: ClassVar[str]
    """An expression: microseconds since 1970 UTC by the clock that all who share the rows agree on."""

    def execute(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return what it yields."""
        ...

    def changed(self, sql: str, values: Values = ()) -> int:
        """Run one statement and return how many rows it changed."""
        ...

    def stream(self, sql: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        """Yield what a query yields without holding it all. Only inside a transaction."""
        ...

    def load(self, table: str, keys: Sequence[str]) -> dict[str, str]:
        """Return the content of those keys that are there."""
        ...

    def advance(self, places: Sequence[tuple[int, int, int, int, int]], lease: int) -> None:
        """Move (build, shard, epoch, position loaded, position now) on, and hold them for microseconds more.

        Raise Overtaken, inside a batch perhaps only at its end, where one of them no longer stood where it was loaded,
        under that epoch. Nothing of the transaction is kept then.
        """
        ...

    def batch(self) -> AbstractContextManager[None]:
        """Send the statements inside at once, without waiting for each; nothing inside may look at what comes back."""
        ...

    def write(self, table: str, rows: Sequence[tuple[str, str, str]]) -> None:
        """Insert or replace (key, alliance, content)."""
        ...

    def delete(self, table: str, keys: Sequence[str]) -> None:
        """Delete keys."""
        ...

    def lock_schema(self) -> None:
        """Let nobody else create tables until the transaction ends, and see that there is a place for them."""
        ...

    def has_table(self, name: str) -> bool:
        """Return whether there is a table of that name."""
        ...

    def lock_row(self) -> str:
        """Return what a SELECT ends with to keep what it read from changing until the transaction ends."""
        ...

    def json_field(self, name: str, kind: type[Any] | None) -> str:
        """Return the expression of a view's column: a field of the content, as a `kind` or as JSON where None."""
        ...

    def skip_locked(self) -> str:
        """Return what to add to a SELECT so that rows that somebody else has locked are passed over."""
        ...

    def end_hanging(self) -> bool:
        """End who hangs inside a transaction and keeps rows locked, where that can be done; return whether any did."""
        ...

    def oldest_transaction(self) -> tuple[int, str, float] | None:
        """Return the process, the application and the age in seconds of the longest open transaction of others."""
        ...

    def rollback(self) -> None:
        """Take back what is open. Nothing to do where nothing is."""
        ...

    def close(self) -> None:
        """Close the connection, which takes back what is open."""
        ...


@dataclass(frozen=True, slots=True)
class Build:
    """One folding of a projection at a version of its code: it has a table of its own beside other builds."""

    id: int
    projection: str
    version: int
    table: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to advance one shard of a build from `position`, until somebody claims it with a higher epoch."""

    build: Build
    shard: int
    shards: int
    position: int
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A key whose row stands still: the event that could not be folded into it, and why."""

    key: Key
    position: int
    event_id: str
    name: str
    error: str
    build: int = 0
    parked_at: int = 0
    redrive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What one page did to one shard: rows as text (None where gone), parked keys (None where free again)."""

    claim: Claim
    position: int
    rows: Mapping[Key, str | None] = field(default_factory=dict)
    parked: Mapping[Key, Parked | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one shard of a build stands and who holds it; `lease_seconds` is negative where the lease ran out."""

    build: Build
    shard: int
    shards: int
    position: int
    epoch: int
    holder: str | None
    lease_seconds: int


def alliances(keys: Iterable[Key]) -> set[str]:
    """Return the alliances that keys belong to."""
    return {key[0] for key in keys}
