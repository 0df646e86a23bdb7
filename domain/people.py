"""People are ids: they take roles, hand them over with their open items, read briefings, and leave."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.commands import governance
from domain.commands import people as asks
from domain.errors import Impossible
from domain.events import alliance as introduced
from domain.events import people as told
from domain.events.body import SeatVacated
from domain.judging import Broken, judged
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace
from domain.speaking import for_itself
from domain.understanding import understandings

if TYPE_CHECKING:
    from domain.book import Book


@dataclass(frozen=True, slots=True)
class Person:
    """What the next message about a person needs: party, roles, the briefings read, and whether the person left."""

    party: str | None = None
    roles: tuple[str, ...] = ()
    briefed: tuple[str, ...] = ()
    departed_by: str | None = None
    levels: Mapping[str, int] = field(default_factory=dict)


def decide_person(message: Any, person: Person | None, book: "Book", envelope: Envelope) -> list[Decided[Any]]:  # noqa: ANN401
    """Return the facts that follow from *message*, or refuse it."""
    kind = _TOLD.get(type(message))
    fact = message if kind is None else kind.model_validate(message.model_dump(exclude_unset=True))
    broken = [*_broken(fact, person, book), *for_itself(fact, envelope)]
    match fact:
        case told.PersonDeparted():
            fact = fact.model_copy(update={"unsettles": tuple(_spoken_by(fact, book))})
            return [*judged(message, fact, broken), *(Decided(vacated) for vacated in _vacated(fact, book))]
        case told.OnboardingCompleted(seat=str(seat)):
            fact = fact.model_copy(update={"body": _body_of(seat, book)})
        case _:
            pass
    return judged(message, fact, broken)


def _vacated(fact: told.PersonDeparted, book: "Book") -> Iterator[SeatVacated]:
    for name, body in book.bodies.items():
        for seat, taken in (body.seats or {}).items():
            if taken.person == fact.person:
                yield SeatVacated(body=name, seat=seat, party=taken.party, person=fact.person)


def _body_of(seat: str, book: "Book") -> str:
    for name, body in book.bodies.items():
        if seat in (body.seats or {}):
            return name
    raise Impossible(f"there is no seat {seat!r}", rule="seat_exists")


_TOLD: dict[type[Any], Any] = {
    governance.IntroducePerson: introduced.PersonIntroduced,
    asks.AssignRole: told.RoleAssigned,
    asks.HandOverRole: told.RoleHandedOver,
    asks.ReportDeparture: told.PersonDeparted,
    asks.CompleteOnboarding: told.OnboardingCompleted,
}


def _broken(fact: Any, person: Person | None, book: "Book") -> Iterator[Broken]:  # noqa: ANN401
    if person is not None and person.departed_by:
        yield Broken("still_there", f"{fact.person} has left", (person.departed_by,))
    party = getattr(fact, "party", None)
    if person is not None and person.party and party and party != person.party:
        yield Broken("one_party_each", f"{fact.person} belongs to {person.party}, not to {party}")
    if isinstance(fact, told.RoleHandedOver):
        if person is None or fact.role not in person.roles:
            raise Impossible(f"{fact.person} has no role {fact.role!r} to hand over", rule="role_held")
        successor = book.state("person", fact.to)
        if successor is not None and successor.departed_by:
            yield Broken("still_there", f"{fact.to} has left", (successor.departed_by,))


def _spoken_by(fact: told.PersonDeparted, book: "Book") -> Iterator[str]:
    seats = {
        seat
        for body in book.bodies.values()
        for seat, taken in (body.seats or {}).items()
        if taken.person == fact.person
    }
    for name, standing in sorted(understandings(book).items()):
        given = standing.confirmations.get(fact.party, {}).values()
        if any(c.person == fact.person or (c.seat and c.seat in seats) for c in given):
            yield name


def evolve_person(person: Person | None, recorded: Recorded[Any]) -> Person:
    """Return the person after the event."""
    current, fact = person or Person(), recorded.fact
    match fact:
        case introduced.PersonIntroduced():
            return replace(current, party=fact.party, departed_by=None)
        case told.RoleAssigned():
            roles = tuple(dict.fromkeys((*current.roles, fact.role)))
            levels = current.levels if fact.level is None else {**current.levels, fact.role: fact.level}
            return replace(current, party=fact.party, roles=roles, levels=levels)
        case told.RoleHandedOver():
            return replace(current, roles=tuple(role for role in current.roles if role != fact.role))
        case told.PersonDeparted():
            return replace(current, roles=(), departed_by=recorded.meta.event_id)
        case told.OnboardingCompleted():
            return replace(current, briefed=(*current.briefed, fact.seat or ""))
        case _:
            return current
