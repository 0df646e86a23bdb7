"""Given what happened, when somebody asks or tells, then ...: an alliance's life in memory, with no log beneath it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from adapters.items import read_item
from domain.book import Book
from domain.corrections import in_effect
from domain.deciding import decide, fold_anew, govern_anew, turn_page
from domain.recorded import Meta, Recorded
from projections.projection import Projection

ALLIANCE = "orion"


class Life:
    """The life of one alliance of acme and globex. `report` and `command` take the words of an item."""

    def __init__(self, *, formed: bool = True) -> None:
        self.book = Book(ALLIANCE)
        self.log: list[Recorded[Any]] = []
        if formed:
            parties = [{"id": "acme", "name": "Acme"}, {"id": "globex", "name": "Globex"}]
            self.report("AllianceFormed", at="2026-01-01", title="Orion", kind="strategic", parties=parties)

    def report(self, event: str, *, at: str = "2026-01-02", **words: Any) -> list[Recorded[Any]]:
        """Tell the alliance's book that something happened; return what was recorded."""
        return self._handle({"report": event, "at": at} | words)

    def command(self, verb: str, *, at: str = "2026-01-02", **words: Any) -> list[Recorded[Any]]:
        """Ask for something; return what was recorded."""
        return self._handle({"command": verb, "at": at} | words)

    def retract(self, recorded: Recorded[Any]) -> None:
        """Take a record back."""
        self.report("RecordCorrected", of=recorded.meta.event_id, of_stream=recorded.stream, action="retracted")

    def _handle(self, words: Mapping[str, Any]) -> list[Recorded[Any]]:
        said = {word.rstrip("_"): value for word, value in words.items()}
        item = read_item(said, "item", alliance=ALLIANCE)
        recorded = []
        for decided in decide(item.message, self.book, item.envelope):
            stream = decided.fact.stream(ALLIANCE)
            position = len(self.log) + 1
            event = Recorded(
                fact=decided.fact,
                name=decided.fact.NAME,
                meta=Meta(
                    alliance=ALLIANCE,
                    event_id=f"e{position}",
                    effective_at=item.envelope.effective_at,
                    precision=item.envelope.precision,
                    zone=item.envelope.zone,
                    actor=item.envelope.actor,
                    evidence=item.envelope.evidence,
                    findings=decided.findings,
                    clause=decided.clause,
                ),
                position=position,
                stream=stream,
                version=self.book.versions.get(stream, 0) + 1,
                recorded_at=item.envelope.effective_at * 1_000_000,
            )
            self.log.append(event)
            recorded.append(event)
            stale = turn_page(self.book, [event])
            for anew in stale:
                fold_anew(self.book, anew, [e for e in self.log if e.stream == anew])
            if stale:
                govern_anew(self.book, self.log)
        return recorded

    def rows(self, projection: Projection) -> dict[tuple[str, ...], Any]:
        """Return the rows of a read model, folded from what is in effect."""
        rows: dict[tuple[str, ...], Any] = {}
        for event in in_effect(self.log):
            seen = as_read(projection, event)
            if seen is None:
                continue
            for key in projection.keys(seen):
                rows[key] = projection.evolve(rows.get(key), seen)
        return {key: row for key, row in rows.items() if row is not None}

    def row(self, projection: Projection, *key: str) -> Any:
        """Return one row, or None."""
        return self.rows(projection).get((ALLIANCE, *key))


def as_read(projection: Projection, event: Recorded[Any]) -> Recorded[Any] | None:
    told = projection.READS.get(event.name)
    if told is None:
        return None
    words = {f.name: getattr(event.fact, f.name) for f in dataclasses.fields(told) if hasattr(event.fact, f.name)}
    return dataclasses.replace(event, fact=told(**words))


def seconds(day: str) -> int:
    """Return a day's 00:00 UTC, in whole seconds."""
    from adapters.instants import instant_of

    return instant_of(day, None, "day").seconds


DAY = 86_400
