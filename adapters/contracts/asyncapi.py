"""The AsyncAPI 3.0 document: which topics there are, what stands on them, and who sends it."""

from typing import Any

from adapters.contracts.schemas import event_path, every_projection, row_path
from domain.commands import COMMANDS
from domain.events import EVENTS

ATTRIBUTES = {
    "ce_specversion": "always 1.0",
    "ce_id": "the id of the event; the same event has the same id for ever, so drop what comes twice by source and id",
    "ce_source": "the log: urn:uuid: and its id",
    "ce_type": "what happened and its schema version",
    "ce_subject": "the stream: noun/alliance/id",
    "ce_time": "the effective time: when it was so",
    "ce_recordedtime": "when the log learned it; also the timestamp of the record",
    "ce_partitionkey": "the alliance; also the key of the record",
    "ce_sequence": "incarnation and position: sorts as text in the one order of the log",
    "ce_streamversion": "its place in its stream, from 1",
    "ce_precision": "day, where no more than the day is known",
    "ce_zone": "the time zone of a day",
    "ce_dataschema": "the schema of the value",
    "ce_correlationid": "what belongs together, where it was said",
    "ce_causationid": "what caused it, where it was said",
    "ce_actorparty": "the party that acted, where it was said",
    "ce_actorperson": "the person that acted, by id",
    "ce_actorrole": "the role in which they acted",
    "ce_actorvia": "the channel by which they acted",
    "ce_charterversion": "the version of the charter that it was judged under",
    "ce_clause": "the clause that it was judged under",
    "ce_findings": "JSON text: the rules that a report broke (findings.v1.json)",
    "ce_evidence": "JSON text: the documents that it rests on (evidence.v1.json)",
    "ce_sourcerecordedtime": "when the source says that it learned it",
    "ce_dataref": "where the value is, of an event that is too large for the topic; its value is null then",
    "content-type": "application/json",
}


def asyncapi(version: str) -> dict[str, Any]:
    """Return the document, with references to the schemas beside it."""
    channels = {
        "events": _channel(
            "cynosure.events.v1", "Every event, in the order of its alliance.", [e.NAME for e in EVENTS.values()]
        ),
        "outcomes": _channel("cynosure.outcomes.v1", "What became of each command and report.", ["outcome"]),
        "projections": _channel(
            "cynosure.projections", "Which version of a projection is current.", ["current_projection"]
        ),
        "inbound": _channel(None, "Topics of the configuration, each with the parties it may speak for.", _inbound()),
    }
    for projection in every_projection():
        name = projection.NAME
        address = f"cynosure.rows.{name}.v{projection.VERSION}"
        channels[f"rows_{name}"] = _channel(address, f"The rows of {name}, compacted; null deletes.", [f"row_{name}"])
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "cynosure", "version": version, "description": "See docs/kafka.md."},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {name: _operation(name) for name in channels},
        "components": {"messages": _messages(), "messageTraits": {"event": {"headers": _headers()}}},
    }


def _inbound() -> list[str]:
    return [f"report_{e.NAME}" for e in EVENTS.values()] + [f"command_{verb}" for verb in _verbs()]


def _verbs() -> list[str]:
    return sorted({command.VERB for command in COMMANDS.values()})


def _channel(address: str | None, says: str, messages: list[str]) -> dict[str, Any]:
    named = {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(messages)}
    return {"address": address, "description": says, "messages": named}


def _operation(channel: str) -> dict[str, Any]:
    action = "receive" if channel == "inbound" else "send"
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}}


def _messages() -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for event in EVENTS.values():
        trait = [{"$ref": "#/components/messageTraits/event"}]
        messages[event.NAME] = {"traits": trait, "payload": {"$ref": event_path(event.NAME, event.VERSION)}}
        messages[f"report_{event.NAME}"] = {"payload": {"$ref": f"reports/{event.NAME}.v{event.VERSION}.json"}}
    for verb in _verbs():
        messages[f"command_{verb}"] = {"payload": {"$ref": f"commands/{verb}.v1.json"}}
    for projection in every_projection():
        messages[f"row_{projection.NAME}"] = {"payload": {"$ref": row_path(projection.NAME, projection.VERSION)}}
    for name in ("outcome", "current_projection"):
        messages[name] = {"payload": {"$ref": f"{name}.v1.json"}}
    return dict(sorted(messages.items()))


def _headers() -> dict[str, Any]:
    always = ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_recordedtime"]
    always += ["ce_partitionkey", "ce_sequence", "ce_streamversion", "ce_dataschema", "content-type"]
    described = {name: {"type": "string", "description": says} for name, says in ATTRIBUTES.items()}
    return {"type": "object", "properties": described, "required": always}
