"""Who does what: each person's roles and their levels, handovers with what was open, and who is whose counterpart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "people"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Role:
    """A role, from an instant until another, in seconds; `level` makes roles of two companies comparable."""

    role: str
    since: int
    work_stream: str | None = None
    level: int | None = None
    until: int | None = None
    handed_to: str | None = None
    open_items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One person, by id; the name is sealed and never here."""

    person: str
    party: str | None = None
    roles: tuple[Role, ...] = ()
    departed_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of every event about a person."""

    person: str
    party: str | None = None
    role: str | None = None
    work_stream: str | None = None
    level: int | None = None
    to: str | None = None
    open_items: tuple[str, ...] = ()


READS: Mapping[str, type[Any]] = dict.fromkeys(
    ("person-introduced", "role-assigned", "role-handed-over", "person-departed"), Told
)


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the person."""
    return ((event.meta.alliance, event.fact.person),)


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the person after the event."""
    fact, at = event.fact, event.meta.effective_at
    current = row or Row(fact.person)
    match event.name:
        case "person-introduced":
            return replace(current, party=fact.party)
        case "role-assigned":
            role = Role(str(fact.role), at, fact.work_stream, fact.level)
            return replace(current, party=fact.party, roles=(*current.roles, role))
        case "role-handed-over":
            return replace(current, roles=tuple(_handed_over(role, fact, at) for role in current.roles))
        case _:
            left = tuple(replace(role, until=at) if role.until is None else role for role in current.roles)
            return replace(current, roles=left, departed_at=at)


def _handed_over(role: Role, fact: Told, at: int) -> Role:
    if role.role != fact.role or role.until is not None:
        return role
    return replace(role, until=at, handed_to=fact.to, open_items=tuple(fact.open_items))


def counterparts(rows: Iterable[Row]) -> dict[int, dict[str, list[str]]]:
    """Return, by level and party, who holds a role there now: those of one level are each other's counterparts."""
    found: dict[int, dict[str, list[str]]] = {}
    for row in rows:
        for level in sorted({r.level for r in row.roles if r.until is None and r.level is not None}):
            found.setdefault(level, {}).setdefault(row.party or "", []).append(row.person)
    return dict(sorted(found.items()))
