"""Who said the last word on each decision: body, party and person of its latest approval or ending."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "approvals"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Told:
    """What is read of an approval or a decision."""

    decision: str | None = None
    by: Any = None
    body: str | None = None
    party: str | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """The last approval of one cycle, at `at` (whole seconds); `made` once it decided. Persons by id only."""

    cycle: int
    at: int
    body: str | None
    parties: tuple[str, ...]
    person: str | None
    method: str | None
    made: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A decision's last words, one per cycle that had one."""

    alliance: str
    decision: str
    cycle: int = 1
    words: tuple[Word, ...] = ()


READS: Mapping[str, type[Any]] = dict.fromkeys(("approval-given", "decision-made", "decision-reopened"), Told)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the decision."""
    return ((event.meta.alliance, event.fact.decision),) if event.fact.decision else ()


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the last words after the event; of two endings of one cycle the earlier holds."""
    row = row or Row(event.meta.alliance, event.fact.decision or "")
    if event.name == "decision-reopened":
        return replace(row, cycle=row.cycle + 1)
    before = [word for word in row.words if word.cycle != row.cycle]
    standing = [word for word in row.words if word.cycle == row.cycle]
    word = _word(row.cycle, event)
    if standing and standing[0].made and (not word.made or word.at >= standing[0].at):
        return row
    return replace(row, words=(*before, word))


def _word(cycle: int, event: Recorded[Told]) -> Word:
    fact, actor = event.fact, event.meta.actor
    named = fact.by if isinstance(fact.by, (list, tuple)) else (fact.by or fact.party,)
    return Word(
        cycle=cycle,
        at=event.at,
        body=fact.body,
        parties=tuple(str(party) for party in named if party) or ((actor.party,) if actor and actor.party else ()),
        person=actor.person if actor else None,
        method=fact.method,
        made=event.name == "decision-made",
    )
