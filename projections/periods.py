"""What stands over an alliance's decisions: kind, charter versions, reorganizations, and what imports observed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "periods"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What is read of the events that divide an alliance's life."""

    kind: str | None = None
    version: str | None = None
    reorganization: str | None = None
    party: str | None = None
    source: str | None = None
    observed_from: int | None = None
    observed_until: int | None = None
    cut_off: int | None = None
    selected_on: str = "none"
    clamped: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """A charter version in force from `since` (whole seconds) on."""

    version: str
    since: int


@dataclass(frozen=True, slots=True)
class Reorganization:
    """A party's reorganization: when it was announced, its scope declared, and when it was done. Whole seconds."""

    id: str
    party: str | None
    announced_at: int | None = None
    declared_at: int | None = None
    completed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """What one import watched. Whole seconds, None where not declared."""

    source: str
    since: int | None
    until: int | None
    cut_off: int | None
    selected_on: str
    clamped: int


@dataclass(frozen=True, slots=True)
class Row:
    """One alliance."""

    alliance: str
    kind: str | None = None
    versions: tuple[Version, ...] = ()
    reorganizations: Mapping[str, Reorganization] = field(default_factory=dict)
    observed: Mapping[str, Observed] = field(default_factory=dict)


READS: Mapping[str, type[Any]] = dict.fromkeys(
    (
        "alliance-formed",
        "charter-adopted",
        "charter-amended",
        "reorganization-announced",
        "scope-declared",
        "reorganization-completed",
        "history-imported",
    ),
    Told,
)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the alliance."""
    return ((event.meta.alliance,),)


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the alliance's periods after the event."""
    row = row or Row(event.meta.alliance)
    fact = event.fact
    match event.name:
        case "alliance-formed":
            return replace(row, kind=fact.kind)
        case "charter-adopted" | "charter-amended":
            versions = (*row.versions, Version(fact.version or "", event.at))
            return replace(row, versions=tuple(sorted(versions, key=lambda v: v.since)))
        case "history-imported":
            source = fact.source or ""
            seen = Observed(
                source, fact.observed_from, fact.observed_until, fact.cut_off, fact.selected_on, fact.clamped
            )
            return replace(row, observed={**row.observed, source: seen})
        case _:
            return replace(row, reorganizations={**row.reorganizations, **_reorganized(row, event)})


def _reorganized(row: Row, event: Recorded[Told]) -> dict[str, Reorganization]:
    name = event.fact.reorganization or ""
    known = row.reorganizations.get(name, Reorganization(name, event.fact.party))
    known = replace(known, party=known.party or event.fact.party)
    match event.name:
        case "reorganization-announced":
            return {name: replace(known, announced_at=event.at)}
        case "scope-declared":
            return {name: replace(known, declared_at=event.at)}
        case _:
            return {name: replace(known, completed_at=event.at)}
