"""Who speaks for a party when it confirms, as the charter names them: seats, functions, or people of a level."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from domain.events.understanding import Confirmed
from domain.judging import Broken
from domain.recorded import Envelope

if TYPE_CHECKING:
    from domain.book import Book


def rule_for(name: str, kind: str | None, book: "Book") -> Mapping[str, Any]:
    """Return the charter's rule for an understanding: one that names it, else one for its kind, else none."""
    rules = [rule for rule in _several(book.chartering.charter.get("confirmations")) if isinstance(rule, Mapping)]
    named = [rule for rule in rules if name in _several(rule.get("understandings"))]
    of_kind = [rule for rule in rules if kind in _several(rule.get("kinds"))]
    general = [rule for rule in rules if not rule.get("understandings") and not rule.get("kinds")]
    return next(iter([*named, *of_kind, *general]), {})


def functions_named(name: str, kind: str, book: "Book") -> dict[str, tuple[str, ...]]:
    """Return the functions that speak together for each party, where the charter names some."""
    said = rule_for(name, kind, book).get("functions") or {}
    return {party: tuple(_several(names)) for party, names in said.items() if party in book.parties}


def not_named(fact: Confirmed, kind: str | None, book: "Book", envelope: Envelope) -> Iterator[Broken]:
    """Yield what is broken where somebody confirms whom the charter does not name for it."""
    rule = rule_for(fact.understanding, kind, book)
    clause = rule.get("clause")
    seats = [seat for seat in _several(rule.get("seats")) if _party_of(seat, book) in {None, fact.party}]
    spoke = fact.delegate_of or fact.seat
    if seats and spoke not in seats:
        says = f"the charter names {' or '.join(seats)} to confirm {fact.understanding!r} for {fact.party}"
        yield Broken("seat_named_by_charter", says, clause=_text(clause))
    level_min = rule.get("level_min")
    person = envelope.actor.person if envelope.actor else None
    if isinstance(level_min, int) and _level_of(person, book) < level_min:
        says = f"the charter asks for somebody of level {level_min} or above to confirm {fact.understanding!r}"
        yield Broken("level_named_by_charter", says, clause=_text(clause))


def _party_of(seat: str, book: "Book") -> str | None:
    return next((body.seats[seat].party for body in book.bodies.values() if body.seats and seat in body.seats), None)


def _level_of(person: str | None, book: "Book") -> int:
    known = book.state("person", person) if person else None
    return max(known.levels.values(), default=-1) if known is not None else -1


def _several(value: Any) -> Sequence[Any]:  # noqa: ANN401
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)


def _text(value: Any) -> str | None:  # noqa: ANN401
    return None if value is None else str(value)
