"""Health checks: how it feels to each party, question by question, and the gap; never mixed with what is measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "health_checks"
VERSION = 1

ANSWERS_MIN = 3
"""Fewer answers of a party to a question are not shown: they would show who gave them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One health check. `scores` go from a party to a question to how often each score was given."""

    health_check: str
    questions: tuple[str, ...]
    parties: tuple[str, ...]
    opened_at: int
    closed_at: int | None = None
    responses: dict[str, int] = field(default_factory=dict)
    scores: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of every event about a health check. Who answered is not."""

    health_check: str
    questions: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    party: str | None = None
    scores: dict[str, int] = field(default_factory=dict)


READS: Mapping[str, type[Any]] = dict.fromkeys(
    ("health-check-opened", "response-recorded", "health-check-closed"), Told
)


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the health check."""
    return ((event.meta.alliance, event.fact.health_check),)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the health check after the event."""
    fact, at = event.fact, event.meta.effective_at
    if event.name == "health-check-opened":
        return Row(fact.health_check, tuple(fact.questions), tuple(fact.parties), at)
    if row is None:
        return None
    if event.name == "health-check-closed":
        return replace(row, closed_at=at)
    party = str(fact.party)
    given = dict(row.scores.get(party, {}))
    for question, score in fact.scores.items():
        counted = given.get(question, {})
        given[question] = counted | {str(score): counted.get(str(score), 0) + 1}
    responses = row.responses | {party: row.responses.get(party, 0) + 1}
    return replace(row, responses=responses, scores=row.scores | {party: given})


def means(row: Row) -> dict[str, dict[str, Fraction | None]]:
    """Return, by question and party, the mean score, None where too few answered to keep them apart."""
    return {question: {party: _mean(row, party, question) for party in row.parties} for question in row.questions}


def _mean(row: Row, party: str, question: str) -> Fraction | None:
    counted = row.scores.get(party, {}).get(question, {})
    n = sum(counted.values())
    return Fraction(sum(int(score) * times for score, times in counted.items()), n) if n >= ANSWERS_MIN else None


def gap(by_party: Mapping[str, Fraction | None]) -> Fraction | None:
    """Return the widest gap between parties on a question, None unless all of them are known."""
    known = [mean for mean in by_party.values() if mean is not None]
    return max(known) - min(known) if known and len(known) == len(by_party) else None
