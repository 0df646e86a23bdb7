"""What a record says: a command or a report of ours, or the reason why it cannot be taken."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import jmespath
from jmespath.exceptions import JMESPathError

from adapters.event_log.upcasting import Upcasters
from adapters.items import REPORTS, Item, digest_of, item_of
from adapters.kafka.cloudevents import CloudEvent, decode, read_json
from adapters.kafka.port import Received
from adapters.kafka.types import Named, named
from adapters.kafka_in.config import InboundTopic, Ingest, Mapped
from domain.commands import COMMANDS, Command
from domain.errors import CynosureError, Unreadable
from domain.events import EVENTS, Event
from domain.events.event import stream_of
from domain.values import ID_CHARACTERS_MAX, MessageKey

VALUE_BYTES_MAX = 1_000_000
SAYS_CHARACTERS_MAX = 2_000

Reason = Literal[
    "not_a_cloudevent",
    "no_json",
    "too_large",
    "unknown_type",
    "unknown_version",
    "unmappable",
    "unreadable_words",
    "not_its_party",
    "impossible",
    "repeat_differs",
    "behind_parked",
]
"""Why a message is parked. The list is closed."""

ACTING = ("by", "party")


class Unfit(CynosureError):
    """A message that has to be parked: why, and with which stream, where that much could be read."""

    def __init__(self, reason: Reason, *faults: str, stream: str | None = None) -> None:
        super().__init__("\n".join(faults)[:SAYS_CHARACTERS_MAX].replace("\0", ""))
        self.reason: Reason = reason
        self.stream = stream


class Denied(CynosureError):
    """A command that is refused before any rule of the domain is asked. That is an answer, and parks nothing."""

    def __init__(self, rule: str, says: str) -> None:
        super().__init__(says)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Read:
    """A message of ours: what it asks or tells, its stream, and the source that it gives itself."""

    item: Item
    stream: str
    source: str

    @property
    def is_command(self) -> bool:
        """Tell whether it asks; else it tells."""
        return isinstance(self.item.message, Command)

    @property
    def key(self) -> MessageKey:
        """What makes it one and the same for ever."""
        return self.item.envelope.message or MessageKey(self.source, "")


class Reader:
    """Reads records as one ingest is configured."""

    def __init__(self, ingest: Ingest, upcasters: Upcasters | None = None) -> None:
        self._topics = ingest.topics
        self._upcasters = upcasters or Upcasters()

    def read(self, received: Received) -> Read:
        """Return what a record says. Raise Unfit."""
        topic = self._topics[received.topic]
        if received.value is not None and len(received.value) > VALUE_BYTES_MAX:
            raise Unfit("too_large", f"the value has {len(received.value)} bytes, the most is {VALUE_BYTES_MAX}")
        event = _event(received)
        stream = _stream_of_subject(event.attributes.get("subject", ""))
        try:
            content = read_json(event.data or b"", "data")
        except Unreadable as fault:
            raise Unfit("no_json", *fault.faults, stream=stream) from fault
        said, kind = self._said(event, content, received, stream)
        try:
            return _read(event, said, content, received, topic=topic)
        except Unreadable as fault:
            raise Unfit("unreadable_words", *fault.faults, stream=_stream(kind, said) or stream) from fault

    def _said(
        self, event: CloudEvent, content: Any, received: Received, stream: str | None
    ) -> tuple[dict[str, Any], type[Command | Event]]:
        """Return the words of an item of ours, lifted to the newest version, and what it is an item of."""
        ours = named(event.attributes["type"])
        if ours is None:
            return _mapped(event, content, received, self._topics[received.topic].mappings)
        kinds: Mapping[str, type[Command | Event]] = COMMANDS if ours.is_command else EVENTS
        kind = kinds.get(ours.name)
        if kind is None:
            raise Unfit("unknown_type", f"ce_type: there is no {event.attributes['type']!r}", stream=stream)
        newest = 1 if ours.is_command else self._upcasters.current[ours.name]
        if not 1 <= ours.version <= newest:
            says = f"ce_type: version {ours.version} is not known, up to {newest} is"
            raise Unfit("unknown_version", says, stream=stream)
        if not isinstance(content, dict):
            raise Unfit("unreadable_words", "data: must be a JSON object", stream=stream)
        words = {word: value for word, value in content.items() if word not in {"report", "command"}}
        if ours.version < newest:
            words = self._lifted(ours, words, stream)
        return {**words, ("command" if ours.is_command else "report"): ours.name}, kind

    def _lifted(self, ours: Named, words: dict[str, Any], stream: str | None) -> dict[str, Any]:
        try:
            return self._upcasters.lift(ours.name, ours.version, words)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            says = f"data: cannot be lifted from version {ours.version}: {type(fault).__name__}: {fault}"
            raise Unfit("unreadable_words", says, stream=stream) from fault

    def refuse_other_parties(self, read: Read, received: Received) -> None:
        """Raise Denied for a command, Unfit for a report, that speaks for a party its topic may not speak for.

        Whatever a message says of itself, the topic decides: who may write there is for Kafka's own rights to say.
        """
        topic = self._topics[received.topic]
        others = sorted(_spoken_for(read) - set(topic.parties))
        if not others:
            return
        says = f"{received.where} speaks for {', '.join(others)}; this topic may speak for {', '.join(topic.parties)}"
        if read.is_command:
            raise Denied("speaks_for_its_parties", says)
        raise Unfit("not_its_party", says, stream=read.stream)


def _event(received: Received) -> CloudEvent:
    try:
        event = decode(received.headers, received.value)
    except Unreadable as fault:
        raise Unfit("not_a_cloudevent", *fault.faults) from fault
    for word in ("id", "source"):
        if len(event.attributes[word]) > ID_CHARACTERS_MAX:
            raise Unfit("not_a_cloudevent", f"ce_{word}: is longer than {ID_CHARACTERS_MAX} characters")
    return event


def _mapped(
    event: CloudEvent, content: Any, received: Received, mappings: tuple[Mapped, ...]
) -> tuple[dict[str, Any], type[Command | Event]]:
    key = (received.key or b"").decode(errors="replace")
    asked = {"attributes": dict(event.attributes), "data": content, "key": key}
    try:
        mapping = next((m for m in mappings if _compiled(m.when).search(asked)), None)
        words = {} if mapping is None else {w: _compiled(e).search(asked) for w, e in mapping.words.items()}
    except (JMESPathError, TypeError, ValueError) as fault:
        raise Unfit("unmappable", f"the mapping failed: {fault}") from fault
    if mapping is None:
        raise Unfit("unknown_type", f"ce_type: {event.attributes['type'][:200]!r} is not ours and no mapping takes it")
    said = {word: value for word, value in words.items() if value is not None}
    if mapping.command is not None:
        return {**said, "command": mapping.command}, COMMANDS[mapping.command]
    return {**said, "report": mapping.report}, REPORTS[mapping.report or ""]


@cache
def _compiled(expression: str) -> Any:
    return jmespath.compile(expression)


def _read(
    event: CloudEvent,
    said: dict[str, Any],
    content: Any,
    received: Received,
    *,
    topic: InboundTopic,
) -> Read:
    """Return what a message says. Raise Unreadable where its words are none of ours."""
    attributes = event.attributes
    said = {
        **said,
        "at": said.get("at", attributes.get("time")),
        "id": attributes["id"],
        "correlation": attributes.get("correlationid"),
        "causation": attributes.get("causationid"),
    }
    source = f"{topic.remembered_as or received.topic}:{attributes['source']}"
    # As it was received, before mapping: a message stays the same when a mapping is changed.
    digest = digest_of({"type": attributes["type"], "time": attributes.get("time"), "data": content})
    try:
        item = item_of(said, received.where, source=source, digest=digest)
        stream = item.message.stream(item.envelope.alliance)
    except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError) as fault:
        raise Unreadable(f"{received.where}: {fault}") from fault
    return Read(item, stream, attributes["source"])


def _stream(kind: type[Command | Event], said: Mapping[str, Any]) -> str | None:
    """Return the stream that a message names, even where its other words cannot be read."""
    alliance = said.get("alliance")
    subject = alliance if kind.SUBJECT is None else said.get(kind.SUBJECT)
    if isinstance(alliance, str) and alliance and isinstance(subject, str) and subject:
        return stream_of(kind.NOUN, alliance, subject)
    return None


def _stream_of_subject(subject: str) -> str | None:
    parts = subject.split("/")
    return subject if len(parts) == len(("noun", "alliance", "id")) and all(parts) else None


def _spoken_for(read: Read) -> set[str]:
    actor = read.item.envelope.actor
    spoken = {actor.party} if actor is not None and actor.party is not None else set()
    words = vars(read.item.message)  # asking a model for a field that it does not have is slow
    for word in ACTING:
        said = words.get(word)
        spoken |= {said} if isinstance(said, str) else set(said) if isinstance(said, tuple) else set()
    return spoken


def headers_text(received: Received) -> str:
    """Return untouched headers as JSON: each name, and its value in Latin-1, which keeps every byte, or null."""
    return json.dumps([[name, None if value is None else value.decode("latin-1")] for name, value in received.headers])


def headers_of(text: str) -> tuple[tuple[str, bytes | None], ...]:
    """Return the headers that a text holds."""
    return tuple((name, None if value is None else value.encode("latin-1")) for name, value in json.loads(text))
