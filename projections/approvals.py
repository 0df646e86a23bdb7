"""Who said the last word on each decision: body, party and person of its latest approval or ending."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.recorded import Recorded
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
class Row:
    """The last approval, at `at` (whole seconds); persons by id only."""

    alliance: str
    decision: str
    at: int
    body: str | None
    parties: tuple[str, ...]
    person: str | None
    method: str | None
    made: bool


READS: Mapping[str, type[Any]] = dict.fromkeys(("approval-given", "decision-made", "decision-reopened"), Told)


def keys(event: Recorded[Told]) -> tuple[Key, ...]:
    """Return the key of the decision."""
    return ((event.meta.alliance, event.fact.decision),) if event.fact.decision else ()


def evolve(row: Row | None, event: Recorded[Told]) -> Row | None:
    """Return the last word after the event; of two endings of one cycle the earlier holds."""
    fact, actor = event.fact, event.meta.actor
    if event.name == "decision-reopened":
        return None if row is None else replace(row, made=False)
    made = event.name == "decision-made"
    if row is not None and row.made and (not made or event.at >= row.at):
        return row
    named = fact.by if isinstance(fact.by, (list, tuple)) else (fact.by or fact.party,)
    return Row(
        alliance=event.meta.alliance,
        decision=fact.decision or "",
        at=event.at,
        body=fact.body,
        parties=tuple(str(party) for party in named if party) or ((actor.party,) if actor and actor.party else ()),
        person=actor.person if actor else None,
        method=fact.method,
        made=made,
    )
