"""A term is a word with a reading per party and context, never merged; the parties may agree on one."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.alignment.marking import marks_of
from domain.alignment.standing import Standing, evolve_standing
from domain.commands import alignment as asks
from domain.errors import Impossible
from domain.events import understanding as told
from domain.judging import judged
from domain.recorded import Decided, Envelope, Recorded
from domain.replacing import replace
from domain.speaking import for_itself
from domain.understanding import standing_of

if TYPE_CHECKING:
    from domain.book import Book


@dataclass(frozen=True, slots=True)
class Term:
    """Who means what by a word."""

    standing: Standing = field(default_factory=Standing)


def decide_term(message: Any, term: Term | None, book: "Book", envelope: Envelope) -> list[Decided[Any]]:  # noqa: ANN401
    """Return the facts that follow from *message*, or refuse it."""
    fact = _asked(message, book)
    named = (fact.party,) if isinstance(fact, told.TermReadingStated) else (*fact.by, *fact.confirmed_by)
    if outside := [party for party in named if party not in book.parties]:
        raise Impossible(f"{', '.join(outside)} is no party ({', '.join(book.parties)})", rule="party_of_alliance")
    if term is None and standing_of(book, fact.term) is not None:
        raise Impossible(f"{fact.term!r} is another understanding already", rule="one_noun_per_id")
    if isinstance(fact, told.TermReconciled):
        known = term.standing if term else Standing()
        if not known.wordings:
            raise Impossible(f"nobody has stated a reading of {fact.term!r}", rule="reading_stated_first")
        if fact.version in known.texts:
            raise Impossible(f"version {fact.version} of {fact.term!r} was stated already", rule="version_new")
    return judged(message, fact, list(for_itself(fact, envelope)))


def _asked(message: Any, book: "Book") -> Any:  # noqa: ANN401
    match message:
        case asks.StateTermReading():
            message = told.TermReadingStated(**message.model_dump(exclude_unset=True))
        case asks.ReconcileTerm():
            message = told.TermReconciled(**message.model_dump(exclude_unset=True))
        case _:
            pass
    if isinstance(message, told.TermReadingStated):
        return message.model_copy(update={"parties": book.parties})
    return message.model_copy(update={"by": message.by or book.parties})


def evolve_term(term: Term | None, recorded: Recorded[Any]) -> Term:
    """Return the term after the event."""
    current = term or Term()
    standing = current.standing
    for mark in marks_of(recorded):
        standing = evolve_standing(standing, mark)
    return replace(current, standing=standing)
