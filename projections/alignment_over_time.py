"""How long each understanding was shared: exposure, availability, and how soon each party answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.alignment.fields import CREATES, MARKING_FIELDS
from domain.alignment.life import Life, live
from domain.alignment.marking import marks_of, touched
from domain.recorded import Recorded
from projections.estimators.alignment import Exposure
from projections.projection import Key

NAME = "alignment_over_time"
VERSION = 1

READS: Mapping[str, type[Any]] = MARKING_FIELDS


@dataclass(frozen=True, slots=True)
class Row:
    """One understanding: the states it went through, in effective order, and each party's word."""

    understanding: str
    kind: str | None
    life: Life


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the id of each understanding that the event touches."""
    return tuple((event.meta.alliance, understanding) for understanding in touched(event))


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the understanding after the event."""
    if row is None and event.name not in CREATES:
        return None
    life = live(row.life if row else Life(), marks_of(event))
    return Row(row.understanding if row else touched(event)[0], life.standing.kind, life)


class Lived(Protocol):
    """Whatever holds the life of an understanding: a row of this read model, or of `alignment`."""

    @property
    def life(self) -> Life:
        """Return the life."""
        ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """A state, from an instant until another, in seconds."""

    state: str
    start: int
    end: int


def stretches(row: Lived, *, until: int, start: int | None = None) -> list[Stretch]:
    """Return the states of an understanding while it had to be held, clipped to a window."""
    if row.life.exposed_from is None:
        return []
    begins = max(row.life.exposed_from, row.life.exposed_from if start is None else start)
    ends = [*(span.at for span in row.life.spans[1:]), until]
    found = (
        Stretch(span.state, max(span.at, begins), min(end, until))
        for span, end in zip(row.life.spans, ends, strict=True)
        if span.state != "retired"
    )
    return [each for each in found if each.end > each.start]


def side_stretches(row: Lived, party: str, *, until: int, start: int | None = None) -> list[Stretch]:
    """Return one party's words on an understanding, clipped to a window."""
    said = row.life.sides.get(party, ())
    begins = said[0].at if said and start is None else start or 0
    ends = [*(span.at for span in said[1:]), until]
    found = (Stretch(s.word, max(s.at, begins), min(end, until)) for s, end in zip(said, ends, strict=False))
    return [each for each in found if each.end > each.start]


def exposure(row: Lived, *, until: int, start: int | None = None) -> Exposure:
    """Return how long an understanding had to be held, and how long of that it was not aligned, in seconds."""
    found = stretches(row, until=until, start=start)
    return Exposure(
        exposed=sum(each.end - each.start for each in found),
        misaligned=sum(each.end - each.start for each in found if each.state != "aligned"),
    )


def exposures(rows: Iterable[Lived], *, until: int, start: int | None = None) -> Exposure:
    """Return the sums over many understandings: their availability is a ratio of sums."""
    return sum((exposure(row, until=until, start=start) for row in rows), Exposure())


def answers(rows: Iterable[Lived]) -> dict[str, list[int]]:
    """Return, by party, how many seconds each of its answers took: from a change or drift to its word on it."""
    taken: dict[str, list[int]] = {}
    for row in rows:
        for party, seconds in row.life.answers.items():
            taken.setdefault(party, []).extend(seconds)
    return taken


def aligned_at(rows: Iterable[Lived], instant: int) -> tuple[int, int]:
    """Return how many understandings were aligned at an instant, and how many had to be held."""
    there = [each for row in rows for each in stretches(row, until=instant + 1) if each.end == instant + 1]
    return sum(each.state == "aligned" for each in there), len(there)
