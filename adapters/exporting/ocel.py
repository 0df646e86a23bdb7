"""Turns the events of an alliance into an object-centric log: decisions, parties, bodies, people, and what links them.

Source: OCEL 2.0 specification (Berti et al., 2023): typed objects whose attributes have times, and qualified relations.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from adapters.event_log.codec import sealed_fields
from adapters.exporting.told import instant, words
from domain.events.alliance import AllianceFormed, Party, PartySucceeded
from domain.events.event import Event, subject_of
from domain.recorded import Recorded
from domain.values import Scalar

ALWAYS = "1970-01-01T00:00:00+00:00"
"""The time of an attribute that an object has from its beginning on."""

PARTY_WORDS = ("party", "by", "of", "owed_by", "owed_to", "from_", "to", "holder")
BODY_WORDS = ("body", "from_", "to", "holder", "deemed_body", "successor")
OTHER_WORDS = {
    "decision": "decision",
    "person": "person",
    "work_stream": "work-stream",
    "understanding": "understanding",
    "metric": "metric",
    "term": "term",
    "reorganization": "reorganization",
    "meeting": "meeting",
    "obligation": "obligation",
    "superseded_by": "decision",
    "follows_from": "decision",
    "similar_to": "decision",
}
BETWEEN_DECISIONS = ("superseded_by", "follows_from", "similar_to")
STATUS_AFTER = {
    "decision-raised": "open",
    "decision-reopened": "open",
    "clock-paused": "paused",
    "clock-resumed": "open",
    "decision-made": "ended",
    "status-quo-imposed": "ended",
    "decision-withdrawn": "ended",
    "decision-superseded": "ended",
    "decision-voided": "ended",
}
DESCRIBED = ("title", "kind", "matter", "work_stream", "phase")
STANDS = ("tier", "rank", "body")


@dataclass(slots=True)
class OcelObject:
    """An object: its type, and its attributes as (time, name, value), in the order in which they came to be so."""

    id: str
    type: str
    attributes: list[tuple[str, str, Scalar]] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)
    now: dict[str, Scalar] = field(default_factory=dict)

    def becomes(self, name: str, value: Scalar, at: str) -> None:
        """Note an attribute from an instant on, where it is another than before."""
        if value is not None and self.now.get(name) != value:
            self.now[name] = value
            self.attributes.append((at, name, value))

    def is_described(self, name: str, value: Scalar, at: str) -> None:
        """Note an attribute that it always had, as far as anybody said otherwise before."""
        self.becomes(name, value, at if name in self.now else ALWAYS)


@dataclass(frozen=True, slots=True)
class OcelEvent:
    """An event: its type, time, attributes, and the objects it is about with their part in it."""

    id: str
    type: str
    time: str
    attributes: dict[str, Scalar]
    related: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class ObjectCentric:
    """A whole log. Types carry the names of their attributes with the OCEL types of these."""

    events: list[OcelEvent] = field(default_factory=list)
    objects: dict[str, OcelObject] = field(default_factory=dict)

    def event_types(self) -> dict[str, dict[str, str]]:
        """Return each event type with its attributes."""
        return _types((event.type, event.attributes.items()) for event in self.events)

    def object_types(self) -> dict[str, dict[str, str]]:
        """Return each object type with its attributes."""
        return _types((o.type, [(name, value) for _, name, value in o.attributes]) for o in self.objects.values())

    def object(self, kind: str, subject: str) -> OcelObject:
        """Return an object, made where it is met for the first time."""
        name = f"{kind}/{subject}"
        return self.objects.setdefault(name, OcelObject(name, kind))


def _types(told: Iterable[tuple[str, Iterable[tuple[str, Scalar]]]]) -> dict[str, dict[str, str]]:
    types: dict[str, dict[str, str]] = {}
    for kind, said in told:
        known = types.setdefault(kind, {})
        for name, value in said:
            now = "boolean" if isinstance(value, bool) else "integer" if isinstance(value, int) else "string"
            known[name] = now if known.get(name, now) == now else "string"
    return {kind: dict(sorted(known.items())) for kind, known in sorted(types.items())}


def object_centric(events: Iterable[Recorded[Any]]) -> ObjectCentric:
    """Return the events, in order, as an object-centric log. What is sealed is left out."""
    log = ObjectCentric()
    parties: set[str] = set()
    for recorded in events:
        _meet_parties(log, recorded.fact, parties, instant(recorded.at))
        related = list(dict.fromkeys(_related(log, recorded, parties)))
        log.events.append(
            OcelEvent(
                id=recorded.meta.event_id,
                type=recorded.name,
                time=instant(recorded.at),
                attributes=_attributes(recorded),
                related=tuple(related),
            )
        )
        _describe(log, recorded)
    return log


def _meet_parties(log: ObjectCentric, fact: Event, parties: set[str], at: str) -> None:
    if isinstance(fact, AllianceFormed):
        for party in fact.parties:
            _meet(log, party, parties)
    elif isinstance(fact, PartySucceeded) and fact.new:
        parties.add(fact.new)
        log.object("party", fact.new).becomes("name", fact.new_name or fact.new, at)


def _meet(log: ObjectCentric, party: Party, parties: set[str]) -> None:
    parties.add(party.id)
    log.object("party", party.id).becomes("name", party.name, ALWAYS)


def _related(log: ObjectCentric, recorded: Recorded[Any], parties: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the objects of an event with their part in it: its own subject first, then who and what it names."""
    fact, meta = recorded.fact, recorded.meta
    noun, subject = subject_of(recorded.stream)
    yield log.object(noun, subject).id, noun
    yield log.object("alliance", meta.alliance).id, "alliance"
    if isinstance(fact, AllianceFormed):
        yield from ((f"party/{party.id}", "party") for party in fact.parties)
    for word in PARTY_WORDS:
        for name in _names(fact, word):
            if name in parties:
                yield f"party/{name}", word.rstrip("_")
    for word in BODY_WORDS:
        for name in _names(fact, word):
            if name not in parties and _is_body(fact, word):
                yield log.object("body", name).id, word.rstrip("_")
    for word, kind in OTHER_WORDS.items():
        yield from ((log.object(kind, name).id, word) for name in _names(fact, word))
    if meta.actor is not None and meta.actor.person is not None:
        yield log.object("person", meta.actor.person).id, "actor"
    if meta.actor is not None and meta.actor.party in parties:
        yield f"party/{meta.actor.party}", "party"


def _names(fact: Any, word: str) -> tuple[str, ...]:
    value = getattr(fact, word, None)
    if isinstance(value, str):
        return (value,)
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, tuple) else ()


def _is_body(fact: Any, word: str) -> bool:
    if word == "holder":
        return getattr(fact, "held_by", None) == "body"
    return word in {"body", "deemed_body", "successor"} or hasattr(fact, "held_by")


def _attributes(recorded: Recorded[Any]) -> dict[str, Scalar]:
    said: dict[str, Scalar] = {}
    kind: type[Event] = type(recorded.fact)
    sealed = sealed_fields(kind)
    for name, about in kind.model_fields.items():
        value = getattr(recorded.fact, name)
        if name == "attributes" or value is None or name in sealed:
            continue
        if isinstance(value, str | int | bool):
            said[about.alias or name] = value
        elif isinstance(value, tuple) and value and all(isinstance(part, str) for part in value):
            said[about.alias or name] = words(value)
    return said | {"position": recorded.position, "precision": recorded.meta.precision}


def _describe(log: ObjectCentric, recorded: Recorded[Any]) -> None:
    """Note what the event says of its own subject: of a decision where it stands, who holds it, how it ended."""
    fact, at = recorded.fact, instant(recorded.at)
    noun, subject = subject_of(recorded.stream)
    thing = log.object(noun, subject)
    for word in DESCRIBED:
        if isinstance(value := getattr(fact, word, None), str) and word != noun:
            thing.is_described(word, value, at)
    for word in STANDS:
        if isinstance(value := getattr(fact, word, None), str | int) and word != noun:
            thing.becomes(word, value, at)
    if noun != "decision":
        return
    for name, value in (getattr(fact, "attributes", None) or {}).items():
        thing.is_described(name if name not in _OWN else f"attribute_{name}", value, at)
    held_by, holder = getattr(fact, "held_by", None), getattr(fact, "holder", None)
    if held_by is not None:
        thing.becomes("holder", f"{held_by}:{holder}" if holder else held_by, at)
    thing.becomes("status", STATUS_AFTER.get(recorded.name) or getattr(fact, "status", None), at)
    thing.becomes("outcome", getattr(fact, "outcome", None), at)
    for word in BETWEEN_DECISIONS:
        thing.related += [(log.object("decision", name).id, word) for name in _names(fact, word)]


_OWN = frozenset({*DESCRIBED, *STANDS, "holder", "status", "outcome", "name", "id", "time"})
