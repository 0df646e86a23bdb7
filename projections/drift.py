"""What unsettled what: for each understanding and party the cause, since when, and when it was settled again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.alignment.fields import CREATES, MARKING_FIELDS
from domain.alignment.life import Episode, Life, live
from domain.alignment.marking import marks_of, touched
from domain.recorded import Recorded
from projections.projection import Key

NAME = "drift"
VERSION = 1

READS: Mapping[str, type[Any]] = MARKING_FIELDS


@dataclass(frozen=True, slots=True)
class Row:
    """One understanding and the episodes in which a party's hold on it was lost without anybody changing it."""

    understanding: str
    kind: str | None
    episodes: tuple[Episode, ...]
    life: Life


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the id of each understanding that the event touches."""
    return tuple((event.meta.alliance, understanding) for understanding in touched(event))


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the understanding after the event."""
    if row is None and event.name not in CREATES:
        return None
    life = live(row.life if row else Life(), marks_of(event))
    return Row(row.understanding if row else touched(event)[0], life.standing.kind, life.episodes, life)


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that unsettled understandings of a party at an instant, and how far it has been settled.

    `settled` goes from an understanding to the seconds until the party confirmed it again; `open` never were.
    """

    party: str
    cause: str
    of: str | None
    at: int
    settled: dict[str, int]
    open: tuple[str, ...]

    @property
    def realigned_after(self) -> int | None:
        """Return the seconds from the drift to the last confirmation, None while something is open."""
        return None if self.open or not self.settled else max(self.settled.values())


def causes(rows: Iterable[Row]) -> list[Cause]:
    """Return what drifted, by cause, oldest first."""
    found: dict[tuple[int, str, str, str], list[tuple[str, Episode]]] = {}
    for row in rows:
        for episode in row.episodes:
            by = (episode.at, episode.party, episode.cause, episode.of or "")
            found.setdefault(by, []).append((row.understanding, episode))
    return [_cause(touched) for _, touched in sorted(found.items())]


def _cause(touched: list[tuple[str, Episode]]) -> Cause:
    first = touched[0][1]
    return Cause(
        party=first.party,
        cause=first.cause,
        of=first.of,
        at=first.at,
        settled={
            name: one.settled_at - one.at
            for name, one in sorted(touched, key=lambda each: each[0])
            if one.settled_at is not None
        },
        open=tuple(sorted(name for name, one in touched if one.settled_at is None)),
    )
