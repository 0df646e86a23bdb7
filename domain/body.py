"""A governance body: its seats, its end, and where what it was responsible for goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.commands import governance as asks
from domain.errors import Impossible, Refused
from domain.events import body as told
from domain.events.understanding import UnderstandingUnsettled
from domain.recorded import Decided, Recorded
from domain.replacing import replace
from domain.understanding import understandings
from domain.values import Finding

if TYPE_CHECKING:
    from domain.book import Book


@dataclass(frozen=True, slots=True)
class Seat:
    """A seat, of a party, with the person in it or nobody."""

    party: str | None
    person: str | None
    seniority: int | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """What the next decision about a body needs."""

    tier: int | None = None
    seats: dict[str, Seat] | None = None
    disbanded: bool = False
    successor: str | None = None


def decide_body(message: Any, body: Body | None, book: "Book") -> list[Decided[Any]]:  # noqa: ANN401
    """Return the facts about a body that follow from *message*, or refuse it."""
    fact = _asked(message)
    if isinstance(fact, told.BodyDisbanded):
        return _disband(message, fact, book)
    if isinstance(fact, told.BodyConstituted) and body is not None and body.seats and not body.disbanded:
        raise Impossible(f"body {fact.body} is constituted already", rule="constituted_once")
    if body is not None and body.disbanded and isinstance(message, asks.FillSeat):
        raise Refused(f"body {message.body} was disbanded", rule="body_in_office")
    if isinstance(fact, told.SeatVacated):
        return [Decided(fact), *(Decided(drift) for drift in _left_unheld(fact, body, book))]
    return [Decided(fact)]


def _left_unheld(fact: told.SeatVacated, body: Body | None, book: "Book") -> Iterator[UnderstandingUnsettled]:
    """Yield that what the seat had confirmed for its party is unsettled, now that nobody sits in it."""
    seat = (body.seats or {}).get(fact.seat) if body else None
    if seat is None or seat.party is None or seat.person is None:
        return
    for name, standing in sorted(understandings(book).items()):
        if any(given.seat == fact.seat for given in standing.confirmations.get(seat.party, {}).values()):
            yield UnderstandingUnsettled(understanding=name, parties=(seat.party,), cause="empty_seat", of=fact.seat)


def _asked(message: Any) -> Any:  # noqa: ANN401
    match message:
        case asks.ConstituteBody():
            return told.BodyConstituted(**message.model_dump(exclude_unset=True))
        case asks.FillSeat():
            return told.SeatFilled(**message.model_dump(exclude_unset=True))
        case asks.VacateSeat():
            return told.SeatVacated(**message.model_dump(exclude_unset=True))
        case asks.DisbandBody():
            return told.BodyDisbanded(**message.model_dump(exclude_unset=True))
        case _:
            return message


def _handed_on(body: str, book: "Book") -> bool:
    """Say whether the charter in force says where the open items of a body go when it ends."""
    charters = book.governance.charters
    known = charters[-1].rules.body(body) if charters else None
    return known is not None and known.on_end is not None


def _disband(message: Any, fact: told.BodyDisbanded, book: "Book") -> list[Decided[Any]]:  # noqa: ANN401
    left = [] if fact.successor or _handed_on(fact.body, book) else book.open_at(fact.body)
    if not left:
        return [Decided(fact)]
    because_of = tuple(book.decisions[d].raised_by_event for d in left)
    if isinstance(message, asks.DisbandBody):
        raise Refused(
            f"open decisions would be left without a body: {', '.join(left)}; name a successor, or transfer them",
            rule="open_items_have_a_body",
            because_of=because_of,
        )
    return [Decided(fact, findings=(Finding("open_items_have_a_body", because_of=because_of),))]


def evolve_body(body: Body | None, recorded: Recorded[Any]) -> Body:
    """Return the body after the event."""
    fact, current = recorded.fact, body or Body(seats={})
    seats = dict(current.seats or {})
    match fact:
        case told.BodyConstituted():
            seats |= {s.seat: Seat(s.party, s.person, s.seniority) for s in fact.seats}
            return replace(current, tier=fact.tier, seats=seats, disbanded=False, successor=None)
        case told.SeatFilled():
            seats[fact.seat] = Seat(fact.party, fact.person, fact.seniority)
            return replace(current, seats=seats)
        case told.SeatVacated():
            held = seats.get(fact.seat)
            seats[fact.seat] = Seat(held.party if held else fact.party, None)
            return replace(current, seats=seats)
        case told.BodyDisbanded():
            return replace(current, disbanded=True, successor=fact.successor)
        case told.ResponsibilitiesAssumed():
            return replace(current, successor=fact.by)
        case _:
            return current
