"""Answers from rows, or for what was known earlier: each names its position, and what of it stands still."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import msgspec

from adapters.event_log import Log
from adapters.follower.anew import fold_anew
from adapters.follower.sight import Lens
from adapters.read_store.canonical import RowText, every_row_of, key_text
from adapters.read_store.port import Build
from adapters.read_store.store import RowStore
from domain.errors import Halted, NewerFormat, Refused, Stale
from projections.projection import Key, Projection

TIMEOUT_SECONDS = 5.0
POLL_SECONDS_MIN, POLL_SECONDS_MAX, POLL_SHARE = 0.00005, 0.02, 0.05

T = TypeVar("T")
Query = Callable[[Mapping[Key, Any]], T]
"""A pure question over rows, which come in the order of their keys."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """How fresh an answer must be: where it must stand, how long that is waited for, and what is done then."""

    at_least: int | None = None
    timeout_seconds: float = TIMEOUT_SECONDS
    stale: Literal["serve", "fail"] = "fail"

    def wait_for(self, log: Log) -> int:
        """Wait until the log stands where it must, and return the position that is to be read. Raise Stale."""
        head = log.head()
        if self.at_least is None or head >= self.at_least:
            return head if self.at_least is None else self.at_least
        head = log.wait(self.at_least - 1, self.timeout_seconds)
        if head < self.at_least and self.stale == "fail":
            raise Stale(position=head, at_least=self.at_least, of="log")
        return min(head, self.at_least)


@dataclass(frozen=True, slots=True)
class KnownAt:
    """What was known: the events up to a position, and the instant of that knowledge in microseconds."""

    position: int
    recorded_at: int | None
    simulated_clock: bool = False


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """An answer, the position it was served from, for when it was asked, and which parked keys it touches."""

    data: T
    position: int
    effective_at: int | None
    known_at: KnownAt
    parked: tuple[Key, ...]

    def words(self, **instead: Any) -> dict[str, Any]:
        """Return the answer as plain JSON values, with others *instead* of its own where given."""
        known: dict[str, Any] = {"position": self.known_at.position, "recorded_at": self.known_at.recorded_at}
        if self.known_at.simulated_clock:
            known["simulated_clock"] = True
        return {
            "data": None if "data" in instead else msgspec.to_builtins(self.data, str_keys=True),
            "position": self.position,
            "effective_at": self.effective_at,
            "known_at": known,
            "parked": [list(key) for key in self.parked],
        } | instead


def known_at_position(log: Log, position: int) -> KnownAt:
    """Return what was known at a position. Refuse one that the log has not reached."""
    head = log.head()
    if not 0 <= position <= head:
        raise Refused(
            f"the log stands at position {head}, before {position}", rule="what is not yet known has no answer"
        )
    recorded_at = log.pages(position - 1, 1)[0].recorded_at if position else None
    return KnownAt(position, recorded_at, log.identity().simulated_clock)


def known_at_instant(log: Log, recorded_at: int, *, now: int) -> KnownAt:
    """Return what was known at an instant in microseconds. Refuse one that lies after *now*, by the log's clock."""
    simulated = log.identity().simulated_clock
    head = log.head()
    clock = (log.pages(head - 1, 1)[0].recorded_at if head else 0) if simulated else now
    if recorded_at > clock:
        raise Refused(
            f"{recorded_at} lies after the clock of the log, {clock} (microseconds since 1970 UTC)",
            rule="what is not yet known has no answer",
        )
    return KnownAt(log.position_at(recorded_at), recorded_at, simulated)


class Reading:
    """Answers questions about one log. Used by one thread, with a store of its own."""

    def __init__(self, log: Log, store: RowStore, fresh: Fresh | None = None) -> None:
        self._log = log
        self._store = store
        self._fresh = fresh or Fresh()

    def answer(
        self,
        projection: Projection,
        query: Query[T],
        *,
        alliance: str | None = None,
        keys: Collection[Key] | None = None,
        effective_at: int | None = None,
        known_at: KnownAt | None = None,
        fresh: Fresh | None = None,
    ) -> Answer[T]:
        """Ask about all rows, those of an alliance, or some keys.

        `known_at` asks about what was known then, by folding the events up to it; later corrections do not count.
        `fresh` says where the rows must stand, else what this reading was opened with does. They are waited for; when
        the time is over, Stale is raised, or, with `serve`, what there is is served.
        """
        if known_at is not None:
            return self._then(projection, query, alliance, keys, effective_at=effective_at, known_at=known_at)
        self.wait(projection, fresh or self._fresh)
        with self._store.snapshot():
            build = self._store.serving(projection.NAME)
            position = self._store.position(build) if build else 0
            rows = self._rows(projection, build, alliance, keys) if build else {}
            still = self._store.parked(build, alliance=alliance) if build else {}
        known = known_at_position(self._log, min(position, self._log.head()))
        return Answer(query(rows), position, effective_at, known, _touched(still, keys))

    def position(self, projection: Projection) -> int:
        """Return where the rows that serve stand, 0 where there are none."""
        return self._store.serving_position(projection.NAME)

    def wait(self, projection: Projection, fresh: Fresh) -> None:
        """Wait until the rows that serve stand where they must. Raise Stale where they do not come in time.

        It looks again after a share of the time that it has waited: soon after a moment, seldom after seconds.
        """
        began = time.monotonic()
        while fresh.at_least is not None and (position := self.position(projection)) < fresh.at_least:
            if (waited := time.monotonic() - began) < fresh.timeout_seconds:
                time.sleep(min(POLL_SECONDS_MAX, max(POLL_SECONDS_MIN, waited * POLL_SHARE)))
            elif fresh.stale == "fail":
                raise Stale(position=position, at_least=fresh.at_least, do=self._older(projection))
            else:
                return

    def _older(self, projection: Projection) -> str | None:
        serving = self._store.serving(projection.NAME)
        if serving is None or serving.version >= projection.VERSION:
            return None
        return (
            f"{projection.NAME} is served in version {serving.version}; `cynosure rebuild {projection.NAME}` renews it"
        )

    def _then(
        self,
        projection: Projection,
        query: Query[T],
        alliance: str | None,
        keys: Collection[Key] | None,
        *,
        effective_at: int | None,
        known_at: KnownAt,
    ) -> Answer[T]:
        fold = fold_anew(
            self._log,
            Lens(projection, self._log.codec),
            alliance=_alliance(alliance, keys),
            upto=known_at.position,
            keys=keys,
        )
        there = {key: row for key, row in fold.rows.items() if row is not None}
        rows = {key: there[key] for key in sorted(there, key=lambda key: key_text(key).encode())}
        return Answer(query(rows), known_at.position, effective_at, known_at, _touched(fold.parked, keys))

    def _rows(
        self, projection: Projection, build: Build, alliance: str | None, keys: Collection[Key] | None
    ) -> dict[Key, Any]:
        if build.version > projection.VERSION:
            raise NewerFormat(
                f"{build.projection} is served in version {build.version}, this cynosure knows version"
                f" {projection.VERSION}: use the newer one, or roll the projection back"
            )
        read = RowText(projection.Row).row
        try:
            if keys is None:
                return {key: read(text) for key, text in self._store.rows(build, alliance=alliance)}
            texts = self._store.load(build, list(keys))
            return {key: read(texts[key]) for key in sorted(texts, key=lambda key: key_text(key).encode())}
        except msgspec.ValidationError as fault:
            raise Halted(
                f"{build.projection} is served in version {build.version}, whose rows this code cannot read ({fault}):"
                f" run `cynosure rebuild {build.projection}`"
            ) from fault


def _alliance(alliance: str | None, keys: Collection[Key] | None) -> str | None:
    named = {key[0] for key in keys} if keys is not None else set()
    return alliance or (named.pop() if len(named) == 1 else None)


def _touched(still: Collection[Key], keys: Collection[Key] | None) -> tuple[Key, ...]:
    if keys is None:
        return tuple(still)
    asked = {*keys, *(every_row_of(key[0]) for key in keys)}
    return tuple(key for key in still if key in asked)
