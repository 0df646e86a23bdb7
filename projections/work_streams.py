"""The work streams: phase, owners on both sides, plan and how often it moved, and what belongs to each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "work_streams"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase that began at an instant, in seconds; `units` own it, by party; `accepted_by` took the handover."""

    phase: str
    at: int
    units: dict[str, str] = field(default_factory=dict)
    open_items: tuple[str, ...] = ()
    accepted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One work stream. Days are ISO dates; `owners` go from a party to a person or unit."""

    work_stream: str
    title: str | None = None
    state: str = "open"
    owners: dict[str, str] = field(default_factory=dict)
    phases: tuple[Phase, ...] = ()
    planned_end: str | None = None
    planned_before: tuple[str, ...] = ()
    opened_at: int | None = None
    closed_at: int | None = None
    outcome: str | None = None
    understandings: tuple[str, ...] = ()
    reorganizations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of every event about a work stream."""

    work_stream: str
    title: str | None = None
    owners: dict[str, str] = field(default_factory=dict)
    phase: str | None = None
    planned_end: str | None = None
    outcome: str | None = None
    units: dict[str, str] = field(default_factory=dict)
    open_items: tuple[str, ...] = ()
    accepted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Belongs:
    """An understanding or metric that belongs to work streams."""

    metric: str | None = None
    understanding: str | None = None
    work_streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoped:
    """The work streams of a scope."""

    work_streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A reorganization and its scope."""

    reorganization: str
    scope: Scoped


READS: Mapping[str, type[Any]] = {
    "work-stream-opened": Told,
    "work-stream-replanned": Told,
    "phase-handed-over": Told,
    "work-stream-paused": Told,
    "work-stream-resumed": Told,
    "work-stream-closed": Told,
    "metric-proposed": Belongs,
    "understanding-stated": Belongs,
    "scope-declared": Touched,
}


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and each work stream that the event touches."""
    match event.fact:
        case Told(work_stream=name):
            names: tuple[str, ...] = (name,)
        case Belongs(work_streams=many):
            names = tuple(dict.fromkeys(many))
        case _:
            names = tuple(dict.fromkeys(event.fact.scope.work_streams))
    return tuple((event.meta.alliance, name) for name in names)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the work stream after the event."""
    fact, at = event.fact, event.meta.effective_at
    if isinstance(fact, Belongs | Touched):
        return _touched(row, fact)
    current = row or Row(work_stream=fact.work_stream)
    match event.name:
        case "work-stream-opened":
            return _planned(replace(current, title=fact.title, opened_at=at, state="open"), fact, at)
        case "work-stream-replanned":
            return _planned(current, fact, at)
        case "phase-handed-over":
            phase = Phase(str(fact.phase), at, dict(fact.units), tuple(fact.open_items), tuple(fact.accepted_by))
            return replace(current, phases=(*current.phases, phase))
        case "work-stream-paused":
            return replace(current, state="paused")
        case "work-stream-resumed":
            return replace(current, state="open")
        case _:
            return replace(current, state="closed", closed_at=at, outcome=fact.outcome)


def _planned(row: Row, fact: Told, at: int) -> Row:
    end = str(fact.planned_end) if fact.planned_end else row.planned_end
    moved = row.planned_end is not None and end != row.planned_end
    new_phase = fact.phase is not None and (not row.phases or row.phases[-1].phase != fact.phase)
    return replace(
        row,
        owners=row.owners | dict(fact.owners),
        phases=(*row.phases, Phase(str(fact.phase), at)) if new_phase else row.phases,
        planned_end=end,
        planned_before=(*row.planned_before, str(row.planned_end)) if moved else row.planned_before,
    )


def _touched(row: Row | None, fact: Belongs | Touched) -> Row | None:
    if row is None:
        return None
    if isinstance(fact, Touched):
        return replace(row, reorganizations=tuple(dict.fromkeys((*row.reorganizations, fact.reorganization))))
    name = fact.metric or fact.understanding or ""
    return replace(row, understandings=tuple(dict.fromkeys((*row.understandings, name))))
