"""What serves which part of the North Star: decisions, metrics and priorities, and which metrics show it for whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "contributions"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One understanding, by its key. `shown_by` goes from whom it is for to the metrics that show it."""

    for_whom: tuple[str, ...] = ()
    shown_by: dict[str, tuple[str, ...]] = field(default_factory=dict)
    decisions: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    understandings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of whatever may serve something."""

    decision: str | None = None
    metric: str | None = None
    understanding: str | None = None
    serves: str | None = None
    for_: tuple[str, ...] = ()
    shown_by: dict[str, tuple[str, ...]] = field(default_factory=dict)


READS: Mapping[str, type[Any]] = dict.fromkeys(("decision-raised", "metric-proposed", "understanding-stated"), Told)


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and what is served; and an understanding itself, where it says whom it is for."""
    fact = event.fact
    own = fact.understanding if fact.for_ or fact.shown_by else None
    named = dict.fromkeys(name for name in (fact.serves, own) if name)
    return tuple((event.meta.alliance, name) for name in named)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return what serves it after the event."""
    fact, current = event.fact, row or Row()
    if fact.for_ or fact.shown_by:
        shown_by = {whom: tuple(metrics) for whom, metrics in fact.shown_by.items()}
        return replace(current, for_whom=tuple(fact.for_), shown_by=shown_by)
    if fact.decision:
        return replace(current, decisions=_more(current.decisions, fact.decision))
    if fact.metric:
        return replace(current, metrics=_more(current.metrics, fact.metric))
    return replace(current, understandings=_more(current.understandings, fact.understanding))


def _more(known: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, name)))
