"""The stages of the alliance's life beside those of its assets, each with the units that own it, and what survives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "stages"
VERSION = 1

BY_ITSELF = {
    "alliance-formed": "formed",
    "alliance-launched": "launched",
    "alliance-relaunched": "relaunched",
    "wind-down-started": "winding_down",
    "alliance-ended": "ended",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that was entered at an instant, in seconds; `owners` go from a party to the unit that owns it there."""

    stage: str
    at: int
    position: int
    owners: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """An alliance: its own stages, those of each asset, by effective time; when it is to end, and what survives."""

    own: tuple[Stage, ...] = ()
    assets: dict[str, tuple[Stage, ...]] = field(default_factory=dict)
    ends: str | None = None
    survives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of every event in an alliance's life."""

    stage: str | None = None
    asset: str | None = None
    owners: dict[str, str] = field(default_factory=dict)
    ends: str | None = None
    survives: tuple[str, ...] = ()


READS: Mapping[str, type[Any]] = dict.fromkeys((*BY_ITSELF, "alliance-stage-entered"), Told)


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance."""
    return ((event.meta.alliance,),)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the alliance after the event."""
    fact, current = event.fact, row or Row()
    name = fact.stage or BY_ITSELF[event.name]
    stage = Stage(name, event.meta.effective_at, event.position, dict(fact.owners))
    if fact.asset is not None:
        known = current.assets.get(fact.asset, ())
        return replace(current, assets=current.assets | {fact.asset: _entered(known, stage)})
    return replace(
        current,
        own=_entered(current.own, stage),
        ends=str(fact.ends) if fact.ends else current.ends,
        survives=tuple(dict.fromkeys((*current.survives, *fact.survives))),
    )


def _entered(known: tuple[Stage, ...], stage: Stage) -> tuple[Stage, ...]:
    return tuple(sorted((*known, stage), key=lambda one: (one.at, one.position)))


def handovers(stages: tuple[Stage, ...]) -> list[tuple[Stage, Stage]]:
    """Return the steps at which another unit came to own an asset, on either side."""
    return [(old, new) for old, new in pairwise(stages) if old.owners != new.owners]
