"""Where every message is decided: the rules that hold for all, then those of its noun; and how a book moves on."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from domain.alliance import decide_alliance, decide_work_stream, evolve_alliance, evolve_work_stream
from domain.body import decide_body, evolve_body
from domain.book import Book
from domain.chartering import decide_charter, evolve_charter
from domain.commands.command import Command
from domain.corrections import in_effect
from domain.decision import decide_decision, evolve_decision
from domain.errors import Impossible
from domain.events import EVENTS
from domain.events.alliance import AllianceFormed
from domain.events.correction import RecordCorrected
from domain.events.event import Event, stream_of, subject_of
from domain.governance.governing import governance_of, governed, told_on
from domain.health_check import decide_health_check, evolve_health_check
from domain.metric import decide_metric, evolve_metric
from domain.operating_profile import decide_operating_profile, evolve_operating_profile
from domain.people import decide_person, evolve_person
from domain.recorded import Decided, Envelope, Recorded
from domain.reorganization import decide_reorganization, evolve_reorganization
from domain.term import decide_term, evolve_term
from domain.understanding import decide_understanding, evolve_understanding

Decide = Callable[[Any, Any, Book, Envelope], list[Decided[Any]]]
Evolve = Callable[[Any, Recorded[Any]], Any]


def _without_envelope(decide: Callable[[Any, Any, Book], list[Decided[Any]]]) -> Decide:
    return lambda message, state, book, _envelope: decide(message, state, book)


def _as_told(message: Any, _state: Any, _book: Book, _envelope: Envelope) -> list[Decided[Any]]:  # noqa: ANN401
    return [Decided(message)]


def _counted(state: Any, _recorded: Recorded[Any]) -> int:  # noqa: ANN401
    return (state or 0) + 1


NOUNS: Mapping[str, tuple[Decide, Evolve]] = {
    "alliance": (_without_envelope(decide_alliance), evolve_alliance),
    "work-stream": (_without_envelope(decide_work_stream), evolve_work_stream),
    "charter": (_without_envelope(decide_charter), evolve_charter),
    "body": (_without_envelope(decide_body), evolve_body),
    "decision": (decide_decision, evolve_decision),
    "understanding": (decide_understanding, evolve_understanding),
    "metric": (decide_metric, evolve_metric),
    "term": (decide_term, evolve_term),
    "reorganization": (decide_reorganization, evolve_reorganization),
    "person": (decide_person, evolve_person),
    "operating-profile": (decide_operating_profile, evolve_operating_profile),
    "health-check": (decide_health_check, evolve_health_check),
}
UNGUARDED: tuple[Decide, Evolve] = (_as_told, _counted)
"""Nouns without rules of their own (imports, minutes, notices ...): what is told is recorded."""

PARTY_FIELDS = ("party", "owed_by", "owed_to")


def decide(message: Command | Event, book: Book, envelope: Envelope) -> list[Decided[Any]]:
    """Return the facts that follow from *message*, or raise Refused (a command) or Impossible (a report)."""
    _of_the_alliance(message, book)
    if isinstance(message, RecordCorrected):
        return [_corrected(message, book)]
    noun, subject = subject_of(message.stream(book.alliance_id))
    decide_noun, _ = NOUNS.get(noun, UNGUARDED)
    return governed(message, decide_noun(message, book.state(noun, subject), book, envelope), book, envelope)


def read_streams(message: Command | Event, decided: Iterable[Decided[Any]], book: Book) -> dict[str, int]:
    """Return the versions of the streams that were written, and of those that the rules read."""
    named = {message.stream(book.alliance_id), *(d.fact.stream(book.alliance_id) for d in decided)}
    named |= {stream_of(noun, book.alliance_id, book.alliance_id) for noun in ("alliance", "charter")}
    bodies = [getattr(message, word, None) for word in ("body", "to", "from_")]
    named |= {stream_of("body", book.alliance_id, b) for b in bodies if isinstance(b, str)}
    understanding = getattr(message, "understanding", None)
    if isinstance(understanding, str):
        stated = (stream_of(noun, book.alliance_id, understanding) for noun in ("metric", "term"))
        named |= {stream for stream in stated if stream in book.versions}
    return {stream: book.versions.get(stream, 0) for stream in named}


def _of_the_alliance(message: Command | Event, book: Book) -> None:
    if book.alliance is None:
        if not isinstance(message, AllianceFormed) and message.__class__.__name__ != "FormAlliance":
            raise Impossible(
                f"alliance {book.alliance_id!r} was never formed: report AllianceFormed first", rule="formed_first"
            )
        return
    known = {*book.parties, *book.alliance.former, *book.alliance.affiliates}
    charters = book.governance.charters
    known |= set(charters[-1].rules.charter.bodies) if charters else set()
    for word in PARTY_FIELDS:
        party = getattr(message, word, None)
        if isinstance(party, str) and party not in known:
            raise Impossible(
                f"{word}: {party!r} is not a party of alliance {book.alliance_id!r} ({', '.join(book.parties)})",
                rule="party_of_alliance",
            )


def _corrected(message: RecordCorrected, book: Book) -> Decided[Any]:
    stream = book.streams.get(message.of)
    if stream is None:
        raise Impossible(f"there is no event {message.of} in alliance {book.alliance_id!r}", rule="corrects_a_record")
    replacement = message.replacement
    if replacement is not None:
        kind = EVENTS.get(replacement.name)
        if kind is None:
            raise Impossible(f"replacement.name: there is no event {replacement.name!r}", rule="known_event")
        fact = kind.model_validate(replacement.fact)
        if fact.stream(book.alliance_id) != stream:
            raise Impossible(
                f"a replacement stays in the stream of its original, {stream}", rule="corrects_in_its_stream"
            )
    return Decided(message.model_copy(update={"of_stream": stream}))


def turn_page(book: Book, page: Iterable[Recorded[Any]]) -> set[str]:
    """Move a book on by the next events of its alliance. Return the streams that corrections make fold anew."""
    stale: set[str] = set()
    for recorded in page:
        book.position = recorded.position
        book.versions[recorded.stream] = recorded.version
        book.streams[recorded.meta.event_id] = recorded.stream
        if isinstance(recorded.fact, RecordCorrected):
            stale.add(recorded.stream)
        elif recorded.stream not in stale:
            _fold(book, recorded)
        if not stale:
            book.governance = told_on(book.governance, recorded)
    return stale


def govern_anew(book: Book, events: Iterable[Recorded[Any]]) -> None:
    """Fold governance again from all events of the alliance: a correction may change what followed from it."""
    book.governance = governance_of(events)


def fold_anew(book: Book, stream: str, events: Iterable[Recorded[Any]]) -> None:
    """Fold one stream again, from all its events, without what was retracted and with what was replaced."""
    noun, subject = subject_of(stream)
    book.states.get(noun, {}).pop(subject, None)
    for recorded in in_effect(events):
        _fold(book, recorded)


def _fold(book: Book, recorded: Recorded[Any]) -> None:
    noun, subject = subject_of(recorded.stream)
    _, evolve_noun = NOUNS.get(noun, UNGUARDED)
    states = book.states.setdefault(noun, {})
    states[subject] = evolve_noun(states.get(subject), recorded)
