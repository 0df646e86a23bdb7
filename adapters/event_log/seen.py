"""Stored events that read as `Recorded` and `Meta` of the domain, made at the speed of a parser.

A frozen dataclass sets each field through `object.__setattr__`, and the collector looks through it again and again. A
Struct does neither. Each of these says that it is of the class it stands for, and equals, hashes, copies, prints and
pickles as one.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, ClassVar

import msgspec

from adapters.event_log.envelopes import Shared, decode_meta
from adapters.event_log.rows import Rest
from domain.recorded import Meta, Recorded
from domain.values import MessageKey


class StandsFor(msgspec.Struct, frozen=True, gc=False, eq=False):
    """What is taken for an instance of a frozen dataclass with the same words."""

    frozen_class: ClassVar[type[Any]]

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return self.frozen_class

    def whole(self) -> Any:
        """Return the instance itself."""
        frozen_class = self.frozen_class
        return frozen_class(**{each.name: getattr(self, each.name) for each in fields(frozen_class)})

    def __eq__(self, other: object) -> bool:
        return bool(self.whole() == other)

    def __hash__(self) -> int:
        return hash(self.whole())

    def __reduce__(self) -> Any:
        return self.whole().__reduce_ex__(2)

    def __repr__(self) -> str:
        return repr(self.whole())


class SeenMeta(StandsFor, frozen=True, gc=False, eq=False):
    """The envelope of a whole event."""

    alliance: str
    event_id: str
    effective_at: int
    shared: Shared
    source: str
    key: str
    reason: str | None = None
    note: str | None = None

    __dataclass_fields__: ClassVar[Any] = Meta.__dataclass_fields__
    frozen_class: ClassVar[type[Any]] = Meta

    @property
    def message(self) -> MessageKey:
        """Return the message that brought the event."""
        return MessageKey(self.source, self.key)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shared, name)


class Seen(StandsFor, frozen=True, gc=False, eq=False):
    """A whole event at its place."""

    fact: Any
    name: str
    meta: SeenMeta
    position: int
    stream: str
    version: int
    recorded_at: int

    __dataclass_fields__: ClassVar[Any] = Recorded.__dataclass_fields__
    frozen_class: ClassVar[type[Any]] = Recorded

    @property
    def at(self) -> int:
        """Return the effective time in whole seconds."""
        return self.meta.effective_at


class GlimpsedMeta(StandsFor, frozen=True, gc=False, eq=False):
    """The envelope of a glimpse. Most of its words are read when one is asked for: a fold seldom does."""

    alliance: str
    event_id: str
    effective_at: int
    written: bytes
    position: int
    rest: Callable[[int], Rest]

    __dataclass_fields__: ClassVar[Any] = Meta.__dataclass_fields__
    frozen_class: ClassVar[type[Any]] = Meta

    @property
    def message(self) -> MessageKey:
        """Return the message that brought the event."""
        rest = self.rest(self.position)
        return MessageKey(rest.message_source, rest.message_id)

    @property
    def reason(self) -> None:
        """Return none: it is sealed."""

    @property
    def note(self) -> None:
        """Return none: it is sealed."""

    def __getattr__(self, name: str) -> Any:
        return getattr(decode_meta(self.written)[1], name)


class Glimpsed(StandsFor, frozen=True, gc=False, eq=False):
    """An event as a fold sees it."""

    fact: Any
    name: str
    meta: GlimpsedMeta
    position: int

    __dataclass_fields__: ClassVar[Any] = Recorded.__dataclass_fields__
    frozen_class: ClassVar[type[Any]] = Recorded

    @property
    def at(self) -> int:
        """Return the effective time in whole seconds."""
        return self.meta.effective_at

    @property
    def stream(self) -> str:
        """Return the stream that the event belongs to."""
        return self.meta.rest(self.position).stream

    @property
    def version(self) -> int:
        """Return its place in the stream."""
        return self.meta.rest(self.position).version

    @property
    def recorded_at(self) -> int:
        """Return when it was recorded, in microseconds."""
        return self.meta.rest(self.position).recorded_at
