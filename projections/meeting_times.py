"""When each body met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "meeting_times"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What is read of a meeting."""

    body: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The instants (whole seconds) at which a body met, in order."""

    alliance: str
    body: str
    held_at: tuple[int, ...]


READS: Mapping[str, type[Any]] = {"meeting-held": Told}


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the body."""
    return ((event.meta.alliance, event.fact.body),)


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the meetings with this one."""
    row = row or Row(event.meta.alliance, event.fact.body, ())
    return replace(row, held_at=tuple(sorted((*row.held_at, event.at))))
