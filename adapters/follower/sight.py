"""What a projection sees of a stored event: the fields it reads, of the event as it stands, and the keys it touches."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from adapters.event_log import Codec, Glimpse, Stored
from adapters.read_store.canonical import every_row_of
from domain.corrections import Ruling, ruling_on, rulings
from domain.errors import NewerFormat
from domain.events.correction import RecordCorrected
from domain.ports import LogIdentity, Receipt
from domain.recorded import Recorded
from domain.values import MessageKey
from projections.projection import Key, Projection

CORRECTED = RecordCorrected.NAME
PAGE_EVENTS_MAX = 1_000
FAULT_CHARACTERS_MAX = 500

Rules = Mapping[str, Ruling]
Placed = TypeVar("Placed", Stored, Glimpse)


class Source(Protocol):
    """What a follower asks of the log."""

    codec: Codec

    def identity(self) -> LogIdentity: ...
    def head(self) -> int: ...
    def pages(
        self,
        after: int,
        limit: int,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
    ) -> list[Stored]: ...
    def glimpses(
        self,
        after: int,
        limit: int,
        upto: int | None = None,
        names: Iterable[str] | None = None,
        alliance: str | None = None,
        *,
        share: Collection[str] | None = None,
    ) -> list[Glimpse]: ...
    def alliances(self) -> list[str]: ...
    def wait(self, after: int, timeout_seconds: float) -> int: ...
    def remembered(self, message: MessageKey) -> Receipt | None: ...


class Sight(msgspec.Struct, frozen=True, gc=False):
    """An event as a projection sees it. Where it cannot be read or keyed, `event` is None and `fault` says why."""

    stored: Glimpse
    event: Recorded[Any] | None
    keys: tuple[Key, ...]
    fault: str = ""


class Lens:
    """Sees stored events as one projection does."""

    def __init__(self, projection: Projection, codec: Codec) -> None:
        self.projection = projection
        self._lean = codec.lean(projection.READS)
        self._reads = frozenset(projection.READS)
        self._keys = projection.keys

    def sights(self, stored: Iterable[Glimpse], rules: Mapping[str, Rules] | None = None) -> list[Sight]:
        """Return what is seen of rows; `rules` are the corrections known, by alliance."""
        reads, lean, keys = self._reads, self._lean, self._keys
        seen: list[Sight] = []
        for row in stored:
            stands: Glimpse | None = row
            if rules and row.alliance in rules:
                stands = standing(row, rules[row.alliance])
            if stands is None or stands.name not in reads:
                continue
            try:
                event = lean(stands)
                seen.append(Sight(stands, event, keys(event)))
            except NewerFormat:
                raise
            except Exception as error:  # noqa: BLE001  # whatever a fold raises parks the key, and stops nobody else
                seen.append(Sight(stands, None, (every_row_of(stands.alliance),), fault(error)))
        return seen


def fault(error: Exception) -> str:
    """Return an error as one short line."""
    return f"{type(error).__name__}: {error}".replace("\n", " ")[:FAULT_CHARACTERS_MAX]


def standing(stored: Glimpse, rules: Rules) -> Glimpse | None:
    """Return the row of an event as it stands: itself, its replacement at its place, or None where nothing does."""
    ruling = ruling_on(stored.event_id, stored.position, rules)
    if ruling is None:
        return None if stored.name == CORRECTED else stored
    stands = ruling.stands
    if stands is None or stands.name == CORRECTED:
        return None
    meta = msgspec.json.decode(stored.meta)
    meta |= {"effective_at": stands.effective_at, "precision": stands.precision, "zone": stands.zone}
    found = ruling.by.meta
    meta |= {"findings": found.findings, "clause": found.clause, "charter_version": found.charter_version}
    return msgspec.structs.replace(
        stored,
        name=stands.name,
        schema_version=stands.schema_version,
        fact=msgspec.json.encode(stands.fact),
        meta=msgspec.json.encode(meta),
    )


def rules_upto(log: Source, alliance: str | None, upto: int) -> dict[str, Rules]:
    """Return what the corrections known at a position say, by alliance: of one alliance, or of all (None)."""
    corrections: dict[str, list[Recorded[RecordCorrected]]] = {}
    for page in pages_of(log, upto=upto, names=(CORRECTED,), alliance=alliance):
        for row in page:
            corrections.setdefault(row.alliance, []).append(log.codec.recorded(row))
    return {name: rulings(found) for name, found in corrections.items()}


def pages_of(
    log: Source, *, after: int = 0, upto: int, names: Iterable[str] | None = None, alliance: str | None = None
) -> Iterator[list[Stored]]:
    """Yield the pages of the log after a position, up to another."""
    return _paged(lambda start: log.pages(start, PAGE_EVENTS_MAX, upto, names, alliance), after)


def glimpses_of(
    log: Source, *, after: int = 0, upto: int, names: Iterable[str] | None = None, alliance: str | None = None
) -> Iterator[list[Glimpse]]:
    """Yield the pages of the log after a position, up to another, of each event only what a fold needs."""
    return _paged(lambda start: log.glimpses(start, PAGE_EVENTS_MAX, upto, names, alliance), after)


def _paged(read: Callable[[int], list[Placed]], after: int) -> Iterator[list[Placed]]:
    while page := read(after):
        yield page
        if len(page) < PAGE_EVENTS_MAX:
            return
        after = page[-1].position
