"""What a reorganization did: what it touched, what was confirmed again after how long, and what never was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "reorganization_effect"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One reorganization. Instants are in seconds; `touched` and `settled` go from an understanding to an instant."""

    reorganization: str
    party: str
    kind: str | None
    title: str | None
    announced_at: int
    scope_at: int | None = None
    completed_at: int | None = None
    touched: dict[str, int] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    work_streams: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    reassigned: dict[str, str] = field(default_factory=dict)
    orphaned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """The parts of a scope that are named by id."""

    work_streams: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    seats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of every event about a reorganization."""

    reorganization: str
    party: str | None = None
    kind: str | None = None
    title: str | None = None
    scope: Scoped | None = None
    unsettles: tuple[str, ...] = ()
    confirmed_since: dict[str, int] = field(default_factory=dict)
    priorities: tuple[str, ...] = ()
    item: str | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A party holds a version; `settles` names the reorganizations that this answers."""

    understanding: str
    settles: tuple[str, ...] = ()


READS: Mapping[str, type[Any]] = {
    "reorganization-announced": Told,
    "scope-declared": Told,
    "priority-changed": Told,
    "open-item-reassigned": Told,
    "open-item-orphaned": Told,
    "reorganization-completed": Told,
    "confirmed": Confirmed,
}


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and each reorganization that the event touches."""
    if event.name == "confirmed":
        return tuple((event.meta.alliance, name) for name in dict.fromkeys(event.fact.settles))
    return ((event.meta.alliance, event.fact.reorganization),)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the reorganization after the event."""
    fact, at = event.fact, event.meta.effective_at
    if event.name == "reorganization-announced":
        return Row(
            reorganization=fact.reorganization, party=fact.party, kind=fact.kind, title=fact.title, announced_at=at
        )
    if row is None:
        return None
    match event.name:
        case "scope-declared":
            return _scoped(row, fact, at)
        case "priority-changed":
            return replace(row, priorities=tuple(fact.priorities), touched=_earliest(row.touched, fact.unsettles, at))
        case "open-item-reassigned":
            return replace(row, reassigned=row.reassigned | {fact.item: fact.to})
        case "open-item-orphaned":
            return replace(row, orphaned=_more(row.orphaned, (fact.item,)))
        case "reorganization-completed":
            return replace(row, completed_at=at)
        case _:
            return replace(row, settled=row.settled | {fact.understanding: at})


def _scoped(row: Row, fact: Told, at: int) -> Row:
    scope = fact.scope or Scoped()
    return replace(
        row,
        scope_at=at if row.scope_at is None else min(row.scope_at, at),
        touched=_earliest(row.touched, fact.unsettles, at),
        settled=row.settled | dict(fact.confirmed_since),
        work_streams=_more(row.work_streams, scope.work_streams),
        bodies=_more(row.bodies, scope.bodies),
        seats=_more(row.seats, scope.seats),
    )


def _earliest(touched: dict[str, int], names: tuple[str, ...], at: int) -> dict[str, int]:
    return touched | {name: min(at, touched.get(name, at)) for name in names}


def _more(known: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *new)))


def realignment(row: Row) -> dict[str, int]:
    """Return, by understanding, the seconds from its scope to the confirmation that settled it."""
    return {name: max(0, row.settled[name] - at) for name, at in sorted(row.touched.items()) if name in row.settled}


def never_realigned(row: Row) -> tuple[str, ...]:
    """Return what the reorganization touched and the party has not confirmed again."""
    return tuple(sorted(set(row.touched) - set(row.settled)))


def realigned_after(row: Row) -> int | None:
    """Return the seconds from the scope to the last confirmation by the party; None while something is open."""
    if row.scope_at is None or never_realigned(row) or not row.settled:
        return None
    return max(row.settled.values()) - row.scope_at


def interregnum(row: Row, *, until: int) -> tuple[int, int]:
    """Return from when until when it went on: announced to completed, or *until* where it still does."""
    return row.announced_at, min(until, row.completed_at if row.completed_at is not None else until)
