"""Whatever bytes come from Kafka, they are read, or parked for a reason of the closed list; never anything else."""

import json
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from adapters.kafka.port import Received
from adapters.kafka.types import command_type, event_type
from adapters.kafka_in.config import InboundTopic, Ingest, Mapped
from adapters.kafka_in.reading import Read, Reader, Reason, Unfit, headers_of, headers_text
from domain.commands import COMMANDS
from domain.events import EVENTS

MAPPED = Mapped(when="attributes.source == 'x'", report="DecisionRaised", words={"decision": "join('-', data)"})
READER = Reader(Ingest(topics={"in": InboundTopic(parties=("acme",), mappings=(MAPPED,))}))

texts = st.text(max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(texts, parts, max_size=4),
    max_leaves=8,
)
WORDS = (
    "alliance decision at zone by party to body actor evidence reason parties title kind recorded source_recorded of "
    "of_stream action replacement report id"
)
words = st.dictionaries(
    st.sampled_from(WORDS.split()),
    json_values | st.sampled_from(["north", "D1", "acme", "2026-03-04", "2026-03-04T09:00Z", "Europe/Paris"]),
)
types = (
    st.sampled_from([event_type(name, 1) for name in EVENTS])
    | st.sampled_from([command_type(verb) for verb in COMMANDS])
    | st.sampled_from(["dev.cynosure.decision-raised.v9", "dev.cynosure.nothing.v1", "com.acme.x"])
)
values = (
    st.none()
    | st.binary(max_size=40)
    | words.map(lambda said: json.dumps(said).encode())
    | words.map(lambda said: json.dumps(said).encode()[:-1])
    | st.just(b"\x00\x00\x00\x00\x01{}")
    | st.just(b"[" * 5_000)
    | st.just(b'"' + b"x" * 1_200_000 + b'"')
)
right = st.builds(
    lambda type_, source: [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"1"),
        ("ce_source", source),
        ("ce_type", type_.encode()),
        ("ce_time", b"2026-03-04T09:00:00Z"),
    ],
    types,
    st.sampled_from([b"/acme", b"x"]),
)
wrong = st.lists(
    st.tuples(
        st.sampled_from(["ce_id", "ce_source", "ce_type", "ce_specversion", "ce_subject", "content-type", "x"]),
        st.none() | st.binary(max_size=12) | st.sampled_from([b"1.0", b"0.3", b"application/cloudevents+json"]),
    ),
    max_size=6,
)
records = st.builds(
    lambda key, value, headers, more: Received("in", 0, 7, 0, key, value, (*headers, *more)),
    st.none() | st.binary(max_size=10),
    values,
    right | wrong,
    st.just([]) | wrong,
)


def outcome(received: Received) -> Read | Unfit:
    try:
        return READER.read(received)
    except Unfit as unfit:
        return unfit


@given(records)
def test_a_record_is_read_or_parked_for_a_reason(received: Received) -> None:
    found = outcome(received)
    if isinstance(found, Unfit):
        assert found.reason in get_args(Reason)
        assert str(found)
        assert "\0" not in str(found)
    else:
        assert found.key.id == "1"
        assert found.stream.count("/") == 2


@given(records)
def test_reading_twice_gives_the_same(received: Received) -> None:
    assert repr(outcome(received)) == repr(outcome(received))


@given(records)
def test_headers_are_kept_byte_for_byte(received: Received) -> None:
    assert headers_of(headers_text(received)) == received.headers
