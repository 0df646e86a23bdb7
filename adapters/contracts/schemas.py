"""JSON Schemas of events, rows, outcomes, reports and commands, each generated from the class that the code uses."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import TypeAdapter

import projections
from adapters.items import ENVELOPE_WORDS
from domain.commands import COMMANDS, Command
from domain.events import EVENTS, Event
from domain.events.event import Message
from domain.values import Actor, Evidence, Finding, Sealed
from projections.projection import Projection

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS_URI = "urn:cynosure:contracts:"
"""What the address of every schema begins with, where no place is set that serves them."""

Schema = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a command or report that came by Kafka; a repeat is answered as it was the first time.

    `position` is that of its last event, or the head it was judged at: ask any projection for `at_least` it.
    """

    state: Literal["accepted", "refused", "parked", "dropped"]
    source: str
    id: str | None
    topic: str
    partition: int
    offset: int
    alliance: str | None = None
    first: int | None = None
    position: int | None = None
    rule: str | None = None
    clause: str | None = None
    because_of: tuple[str, ...] = ()
    reason: str | None = None
    says: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CurrentProjection:
    """Which version of a projection is current, on which topic, and from which position of the log on."""

    projection: str
    version: int
    topic: str
    since_position: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeWords:
    """What a message may say of itself beside its fields, where the attributes of the CloudEvent do not say it."""

    alliance: str
    at: str | None = None
    zone: str | None = None
    source_recorded: str | None = None
    actor: Actor | None = None
    evidence: tuple[Evidence, ...] = ()
    reason: str | None = None
    note: str | None = None


def event_path(name: str, version: int) -> str:
    """Return where the schema of an event stands, relative to all contracts."""
    return f"events/{name}.v{version}.json"


def row_path(name: str, version: int) -> str:
    """Return where the schema of a projection's rows stands, relative to all contracts."""
    return f"rows/{name}.v{version}.json"


def every_projection() -> Iterator[Projection]:
    """Yield the read models, by name."""
    for found in sorted(pkgutil.iter_modules(projections.__path__), key=lambda module: module.name):
        module = importlib.import_module(f"projections.{found.name}")
        if all(hasattr(module, word) for word in ("NAME", "VERSION", "Row", "READS", "evolve")):
            yield module


def every_schema() -> dict[str, Schema]:
    """Return each schema by its path relative to all contracts."""
    schemas = {event_path(event.NAME, event.VERSION): event_schema(event) for event in EVENTS.values()}
    for projection in every_projection():
        schemas[row_path(projection.NAME, projection.VERSION)] = dataclass_schema(projection.Row)
    for command in COMMANDS.values():
        schemas[f"commands/{command.VERB}.v1.json"] = message_schema(command)
    for event in EVENTS.values():
        schemas[f"reports/{event.NAME}.v{event.VERSION}.json"] = message_schema(event)
    schemas["outcome.v1.json"] = dataclass_schema(Answer)
    schemas["current_projection.v1.json"] = dataclass_schema(CurrentProjection)
    schemas["findings.v1.json"] = dataclass_schema(tuple[Finding, ...])
    schemas["evidence.v1.json"] = dataclass_schema(tuple[Evidence, ...])
    return {path: _addressed(path, schema) for path, schema in sorted(schemas.items())}


def event_schema(event: type[Event]) -> Schema:
    """Return what is published of an event: nothing sealed, and open, for later versions of readers and writers."""
    schema = _without_titles(event.model_json_schema(by_alias=True))
    for name, field in event.model_fields.items():
        if any(isinstance(part, Sealed) for part in _parts(field.annotation, field.metadata)):
            schema["properties"].pop(field.alias or name)
    opened: Schema = _opened(schema)
    return {"title": event.NAME, **opened}


def message_schema(message: type[Message]) -> Schema:
    """Return what is accepted as a command or a report: its own fields and the words of the envelope, no others."""
    schema = _without_titles(message.model_json_schema(by_alias=True))
    envelope = _without_titles(TypeAdapter(EnvelopeWords).json_schema())
    own = schema.get("properties", {})
    schema["properties"] = {**own, **{n: p for n, p in envelope["properties"].items() if n not in own}}
    schema["required"] = sorted({*schema.get("required", []), "alliance"})
    schema.setdefault("$defs", {}).update(envelope["$defs"])
    title = message.VERB if issubclass(message, Command) else message.NAME  # type: ignore[attr-defined]
    return {"title": title, **schema}


def dataclass_schema(kind: Any) -> Schema:
    """Return the schema of what a dataclass is written as: every field is always there."""
    schema: Schema = _opened(_without_titles(TypeAdapter(kind).json_schema(mode="serialization")))
    return schema


def _parts(annotation: Any, metadata: Any) -> list[Any]:
    parts = list(metadata)
    for inner in getattr(annotation, "__args__", ()):
        parts += _parts(inner, getattr(inner, "__metadata__", ()))
    return [*parts, *getattr(annotation, "__metadata__", ())]


def _without_titles(schema: Schema) -> Schema:
    """Drop the titles that pydantic makes of the names of fields: they say nothing more."""
    return {
        word: _each_without(part) if word in {"properties", "$defs"} else _mapped(part)
        for word, part in schema.items()
        if word != "title"
    }


def _each_without(named: Mapping[str, Schema]) -> Schema:
    return {name: _without_titles(schema) for name, schema in named.items()}


def _mapped(part: Any) -> Any:
    if isinstance(part, dict):
        return _without_titles(part)
    return [_mapped(inner) for inner in part] if isinstance(part, list) else part


def _opened(schema: Any) -> Any:
    """Let readers meet words they do not know yet, so that an optional field may be added without a new version."""
    if isinstance(schema, list):
        return [_opened(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    return {w: _opened(part) for w, part in schema.items() if not (w == "additionalProperties" and part is False)}


def _addressed(path: str, schema: Schema) -> Schema:
    return {"$schema": DIALECT, "$id": SCHEMAS_URI + path, **schema}


def envelope_words_are_known() -> bool:
    """Tell whether every word that a message may say of itself is one that items know."""
    return {field.name for field in dataclasses.fields(EnvelopeWords)} <= ENVELOPE_WORDS
