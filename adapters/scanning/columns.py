"""The columns of the kept files: those of the envelope, and one for each word that an event says, with its type."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from adapters.event_log.codec import aliases, sealed_fields
from domain.events import EVENTS

JSON = "JSON"
LIST = "VARCHAR[]"
TYPES: Mapping[type[Any], str] = {
    bool: "BOOLEAN",
    int: "BIGINT",
    str: "VARCHAR",
    date: "DATE",
    Decimal: "DECIMAL(38, 10)",
}
STORED = {
    "position": "BIGINT", "stream": "VARCHAR", "version": "BIGINT", "name": "VARCHAR", "schema_version": "INTEGER",
    "alliance": "VARCHAR", "event_id": "VARCHAR", "recorded_at": "BIGINT", "message_source": "VARCHAR",
    "message_id": "VARCHAR",
}  # fmt: skip
"""What a line of the log says beside `fact` and `meta`."""
META = (
    "STRUCT(effective_at BIGINT, precision VARCHAR, zone VARCHAR, source_recorded_at BIGINT,"
    " actor STRUCT(person VARCHAR, party VARCHAR, role VARCHAR, via VARCHAR), correlation_id VARCHAR,"
    " causation_id VARCHAR, charter_version VARCHAR, clause VARCHAR, findings STRUCT(rule VARCHAR)[])"
)
ENVELOPE: Mapping[str, str] = {
    "position": "position",
    "event": "name",
    "schema_version": "schema_version",
    "alliance": "alliance",
    "noun": "split_part(stream, '/', 1)",
    "subject": "replace(replace(split_part(stream, '/', 3), '%2F', '/'), '%25', '%')",
    "stream": "stream",
    "stream_version": "version",
    "event_id": "event_id",
    "effective_at": "make_timestamptz(meta.effective_at * 1000000)",
    "precision": "meta.precision",
    "zone": "meta.zone",
    "recorded_at": "make_timestamptz(recorded_at)",
    "source_recorded_at": "make_timestamptz(meta.source_recorded_at * 1000000)",
    "actor": "meta.actor.person",
    "actor_party": "meta.actor.party",
    "actor_role": "meta.actor.role",
    "actor_via": "meta.actor.via",
    "correlation_id": "meta.correlation_id",
    "causation_id": "meta.causation_id",
    "charter_version": "meta.charter_version",
    "clause": "meta.clause",
    "findings": "coalesce([found.rule FOR found IN meta.findings], [])",
    "message_source": "message_source",
    "message_id": "message_id",
}
"""The columns of the envelope, and how each is read from a line."""


@cache
def fact_types() -> Mapping[str, str]:
    """Return the words that events say, by their names on the wire, with the type that all of them agree on.

    What events disagree on, and what has parts, is JSON. What is sealed is no column.
    """
    found: dict[str, set[str]] = {}
    for event in EVENTS.values():
        renamed, apart = aliases(event), sealed_fields(event)
        for name, field in event.model_fields.items():
            if name not in apart:
                found.setdefault(renamed.get(name, name), set()).add(type_of(field.annotation))
    return {word: types.pop() if len(types) == 1 else JSON for word, types in sorted(found.items())}


def type_of(annotation: Any) -> str:
    """Return the type of a column for a field: a plain one, a list of texts, else JSON."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_of(parts[0])
    if origin is Literal:
        return TYPES.get(type(parts[0]), JSON)
    if origin in {Union, UnionType}:
        types = {type_of(part) for part in parts if part is not NoneType}
        return types.pop() if len(types) == 1 else JSON
    if origin is tuple:
        return LIST if {type_of(part) for part in parts if part is not ...} == {"VARCHAR"} else JSON
    return TYPES.get(annotation, JSON) if isinstance(annotation, type) else JSON


def column_of(word: str) -> str:
    """Return the column of a word: the word, with `said_` before it where the envelope has a column of that name."""
    return f"said_{word}" if word in ENVELOPE else word


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def line_types() -> dict[str, str]:
    """Return the types of what stands in a line of the log, as `read_json` asks for them."""
    fact = ", ".join(f"{quoted(word)} {kind}" for word, kind in fact_types().items())
    return STORED | {"fact": f"STRUCT({fact})", "meta": META}


def selected() -> str:
    """Return what to select from lines of the log, so that they become rows of the kept files."""
    envelope = [f"{read} AS {column}" for column, read in ENVELOPE.items()]
    return ", ".join(envelope + [f"fact.{quoted(word)} AS {quoted(column_of(word))}" for word in fact_types()])
