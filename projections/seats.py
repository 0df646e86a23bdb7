"""Who sits where: each body's seats, who is in them since when, whether they were briefed, and which are empty."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.recorded import Recorded
from domain.replacing import replace
from projections.projection import Key

NAME = "seats"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Sitting:
    """A person in a seat, from an instant until another, in seconds."""

    person: str
    since: int
    until: int | None = None
    briefed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat of a party; `sittings` are those who were in it, the present one last."""

    seat: str
    party: str | None
    sittings: tuple[Sitting, ...] = ()
    empty_since: int | None = None

    @property
    def person(self) -> str | None:
        """Return who is in it."""
        return self.sittings[-1].person if self.sittings and self.sittings[-1].until is None else None


@dataclass(frozen=True, slots=True)
class Row:
    """One body, by id, with its tier and seats."""

    body: str
    tier: int | None = None
    seats: dict[str, Seat] = field(default_factory=dict)
    disbanded_at: int | None = None
    successor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A seat as the body was constituted."""

    seat: str
    party: str
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of every event about a body and its seats."""

    body: str | None = None
    tier: int | None = None
    seats: tuple[Taken, ...] = ()
    seat: str | None = None
    party: str | None = None
    person: str | None = None
    successor: str | None = None


READS: Mapping[str, type[Any]] = dict.fromkeys(
    ("body-constituted", "seat-filled", "seat-vacated", "body-disbanded", "onboarding-completed"), Told
)


def keys(event: Recorded[Any]) -> tuple[Key, ...]:
    """Return the alliance and the body, none where a briefing names no seat."""
    return ((event.meta.alliance, event.fact.body),) if event.fact.body else ()


def evolve(row: Row | None, event: Recorded[Any]) -> Row | None:
    """Return the body after the event."""
    fact, at = event.fact, event.meta.effective_at
    current = row or Row(fact.body)
    match event.name:
        case "body-constituted":
            seats = {one.seat: _filled(None, one.seat, one.party, one.person, at) for one in fact.seats}
            return replace(current, tier=fact.tier, seats=current.seats | seats, disbanded_at=None, successor=None)
        case "seat-filled":
            filled = _filled(current.seats.get(fact.seat), fact.seat, fact.party, fact.person, at)
            return replace(current, seats=current.seats | {fact.seat: filled})
        case "seat-vacated":
            seat = current.seats.get(fact.seat, Seat(fact.seat, fact.party))
            return replace(current, seats=current.seats | {fact.seat: _vacated(seat, at)})
        case "body-disbanded":
            return replace(current, disbanded_at=at, successor=fact.successor)
        case _:
            known = current.seats.get(fact.seat)
            return replace(current, seats=current.seats | {fact.seat: _briefed(known, fact, at)}) if known else row


def _filled(seat: Seat | None, name: str, party: str, person: str | None, at: int) -> Seat:
    left = _vacated(seat, at) if seat else Seat(name, party)
    if person is None:
        return replace(left, party=party, empty_since=at)
    return replace(left, party=party, sittings=(*left.sittings, Sitting(person, at)), empty_since=None)


def _vacated(seat: Seat, at: int) -> Seat:
    if seat.person is None:
        return seat if seat.empty_since is not None else replace(seat, empty_since=at)
    *before, last = seat.sittings
    return replace(seat, sittings=(*before, replace(last, until=at)), empty_since=at)


def _briefed(seat: Seat, fact: Told, at: int) -> Seat:
    sittings = tuple(
        replace(sitting, briefed_at=at) if sitting.person == fact.person and sitting.until is None else sitting
        for sitting in seat.sittings
    )
    return replace(seat, sittings=sittings)


def empty(rows: Iterable[Row]) -> list[tuple[str, Seat]]:
    """Return the empty seats with their bodies, longest empty first."""
    found = [(row.body, seat) for row in rows for seat in row.seats.values() if seat.empty_since is not None]
    return sorted(found, key=lambda one: (one[1].empty_since or 0, one[0], one[1].seat))


def not_briefed(rows: Iterable[Row]) -> list[tuple[str, Seat]]:
    """Return the seats whose holder took over from somebody and has not read the briefing yet."""
    return [
        (row.body, seat)
        for row in rows
        for seat in row.seats.values()
        if seat.person and len(seat.sittings) > 1 and seat.sittings[-1].briefed_at is None
    ]
