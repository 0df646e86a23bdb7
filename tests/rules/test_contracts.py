"""What readers and writers are promised: the files checked in are those of the code, and no promise is broken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.contracts.__main__ import FOLDER, RELEASED, generated, released
from adapters.contracts.compatibility import breaks, every_break, superseded
from adapters.contracts.schemas import envelope_words_are_known, every_schema, message_schema
from adapters.event_log.upcasting import Upcasters
from adapters.kafka.port import Received
from adapters.kafka_in.config import InboundTopic, Ingest
from adapters.kafka_in.reading import Reader
from domain.commands.decision import EscalateDecision
from domain.events import EVENTS
from tests.flow.kafka.given import raised_by_acme

SCHEMAS = every_schema()
Change = Callable[[dict[str, Any]], object]
EVENT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "decision": {"type": "string", "maxLength": 200},
        "title": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "by": {"$ref": "#/$defs/By"},
    },
    "required": ["decision"],
    "$defs": {"By": {"enum": ["vote", "award"]}},
}


def test_the_contracts_checked_in_are_those_of_the_code() -> None:
    checked_in = {str(p.relative_to(FOLDER)): p.read_text() for p in FOLDER.rglob("*.json") if p.name != RELEASED}
    wanted = generated()
    differing = sorted(path for path in {*checked_in, *wanted} if checked_in.get(path) != wanted.get(path))
    assert differing == [], "write them anew: .venv/bin/python -m adapters.contracts"


def test_nothing_that_was_released_is_broken() -> None:
    assert every_break(released(), SCHEMAS) == [], "CONTRIBUTING.md, A contract, says what to do"


@pytest.mark.parametrize(
    "change",
    [
        lambda schema: _first_field(schema, drop=True),
        lambda schema: _first_field(schema, type=["array", "null"]),
        lambda schema: schema.update(required=[*schema.get("required", ()), "more"], properties=_more(schema)),
    ],
    ids=["a field is gone", "a type is another", "a new field is required"],
)
def test_a_change_that_breaks_somebody_is_found_in_each_contract_that_was_released(change: Change) -> None:
    unnoticed = []
    assert released(), "nothing is promised"
    for path, schema in released().items():
        now = json.loads(json.dumps(schema))
        change(_with_fields(now))
        unnoticed += [path] if now != schema and not breaks(schema, now) else []  # some events have no field
    assert unnoticed == []


def _with_fields(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a schema that has fields: itself, or what it is a list of."""
    if "properties" in schema or "items" not in schema:
        return schema
    named = schema["items"]["$ref"].rsplit("/", 1)[1]
    part: dict[str, Any] = schema["$defs"][named]
    return part


def _first_field(schema: dict[str, Any], *, drop: bool = False, **words: Any) -> None:
    for name in list(schema["properties"])[:1]:
        schema["properties"].pop(name) if drop else schema["properties"].update({name: words})


def _more(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema["properties"], "more": {"type": "string"}}


@pytest.mark.parametrize("path", sorted(SCHEMAS))
def test_every_contract_is_a_json_schema(path: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[path])


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads(generated()["asyncapi.json"])
    lost = [reference for reference in references(document) if not found(document, reference)]
    assert lost == []


def references(part: Any) -> list[str]:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    own = [part["$ref"]] if isinstance(part, dict) and "$ref" in part else []
    return own + [reference for one in inner for reference in references(one)]


def found(document: Any, reference: str) -> bool:
    if not reference.startswith("#/"):
        return reference in SCHEMAS and Path(FOLDER / reference).exists()
    for word in reference.removeprefix("#/").split("/"):
        if word not in document:
            return False
        document = document[word]
    return True


def test_every_event_has_its_schema_and_nothing_sealed_is_in_it() -> None:
    assert {name for name in EVENTS if f"events/{name}.v{EVENTS[name].VERSION}.json" not in SCHEMAS} == set()
    assert "statement" not in SCHEMAS["events/position-stated.v1.json"]["properties"]
    assert "statement" in SCHEMAS["reports/position-stated.v1.json"]["properties"]


def test_what_may_be_said_beside_the_fields_is_what_an_item_may_say() -> None:
    assert envelope_words_are_known()
    wish = {"alliance": "a", "decision": "D1", "by": "acme", "actor": {"person": "p1"}}
    validator = Draft202012Validator(message_schema(EscalateDecision))
    assert list(validator.iter_errors(wish)) == []
    assert [fault.validator for fault in validator.iter_errors({**wish, "surprise": 1})] == ["additionalProperties"]


def changed(change: Change) -> list[str]:
    now = json.loads(json.dumps(EVENT))
    change(now)
    return breaks(EVENT, now)


def test_an_optional_field_may_come_and_a_word_may_be_explained() -> None:
    assert changed(lambda now: now["properties"].update(new={"type": "integer"})) == []
    assert changed(lambda now: now["properties"]["decision"].update(description="which")) == []
    assert changed(lambda now: now["properties"].update(by={"enum": ["vote", "award"]})) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda now: now["properties"].pop("title"), "$.title: is gone"),
        (lambda now: now["required"].append("title"), "$.title: is required now"),
        (lambda now: now["required"].remove("decision"), "$.decision: is no longer always there"),
        (lambda now: now["properties"]["decision"].update(type="integer"), "was 'string', is 'integer'"),
        (lambda now: now["properties"]["decision"].update(maxLength=20), "was 200, is 20"),
        (lambda now: now["properties"]["decision"].pop("maxLength"), "maxLength 200 is gone"),
        (lambda now: now["properties"]["decision"].update(pattern="x"), "pattern 'x' is new"),
        (lambda now: now["$defs"]["By"]["enum"].append("expert"), "$.by.enum: was"),
        (lambda now: now["properties"]["title"].update(default=""), "was None, is ''"),
        (lambda now: now["properties"]["title"]["anyOf"].pop(), "anyOf: was"),
        (lambda now: now.update(additionalProperties=False), "additionalProperties False is new"),
    ],
)
def test_whatever_else_differs_breaks_a_reader_or_a_writer(
    change: Callable[[dict[str, Any]], object], says: str
) -> None:
    assert [fault for fault in changed(change) if says in fault]


def test_a_schema_that_was_released_stays() -> None:
    assert every_break({"events/gone.v1.json": EVENT}, {}) == [
        "events/gone.v1.json: was released and is gone; keep it, a new version stands beside the old"
    ]


def test_a_new_version_stands_beside_the_old_which_stays_for_what_was_written_by_it() -> None:
    now = {"events/x.v2.json": {**EVENT, "required": []}}
    released = {"events/x.v1.json": EVENT}
    assert every_break(released, now) == []
    assert superseded(released, now) == released


def test_a_report_in_an_older_version_is_lifted_as_what_is_stored_is() -> None:
    came = raised_by_acme("D1")
    renamed = {("decision-raised", 1): lambda words: {**words, "matter": words["matter"].upper()}}
    upcasters = Upcasters(renamed, current={"decision-raised": 2})
    received = Received("in", 0, 0, 1, came.key, came.value, tuple(came.headers))
    read = Reader(Ingest(topics={"in": InboundTopic(parties=("acme",))}), upcasters).read(received)
    assert vars(read.item.message)["matter"] == "PRICING"
