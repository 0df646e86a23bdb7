"""The words of the alliance: what each party means by them, in which context, since when, and where they are used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "glossary"
VERSION = 1
CHARTER = "charter"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a party means, since an instant, in seconds."""

    text: str
    at: int
    position: int


@dataclass(frozen=True, slots=True)
class Row:
    """One term, by its key. `readings` go from a context (empty where none was named) to what each party means.

    `used_in` are the metrics and understandings that use it, and the clauses of the charter in which it stands.
    """

    readings: dict[str, dict[str, Reading]] = field(default_factory=dict)
    agreed: dict[str, str] = field(default_factory=dict)
    version: str | None = None
    used_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A party's reading, or the one that the parties agreed on."""

    term: str
    reading: str
    context: str | None = None
    party: str | None = None
    version: str | None = None
    by: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """A metric or understanding that uses terms."""

    metric: str | None = None
    understanding: str | None = None
    terms: tuple[str, ...] = ()


READS: Mapping[str, type[Any]] = {
    "term-reading-stated": Read,
    "term-reconciled": Read,
    "metric-proposed": Uses,
    "understanding-stated": Uses,
}


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and each term that the event touches."""
    fact = event.fact
    terms = (fact.term,) if isinstance(fact, Read) else tuple(dict.fromkeys(fact.terms))
    return tuple((event.meta.alliance, term) for term in terms)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the term after the event."""
    fact = event.fact
    if isinstance(fact, Uses):
        return _used(row, fact.metric or fact.understanding or "")
    current, context = _used(row, *(f"{CHARTER} {clause}" for clause in fact.clauses)), fact.context or ""
    known = current.readings.get(context, {})
    reading = Reading(fact.reading, event.meta.effective_at, event.position)
    if event.name == "term-reading-stated":
        older = known.get(fact.party)
        latest = reading if older is None or (older.at, older.position) <= (reading.at, reading.position) else older
        return replace(current, readings=current.readings | {context: known | {fact.party: latest}})
    own = known | dict.fromkeys(fact.by, reading)
    return replace(
        current,
        readings=current.readings | {context: own},
        agreed=current.agreed | {context: fact.reading},
        version=fact.version,
    )


def _used(row: Row | None, *by: str) -> Row:
    current = row or Row()
    return replace(current, used_in=tuple(dict.fromkeys((*current.used_in, *by)))) if by else current


def differing(row: Row) -> list[str]:
    """Return the contexts in which the parties mean different things."""
    return [context for context, said in row.readings.items() if len({reading.text for reading in said.values()}) > 1]
