"""Our CloudEvents codec against the specification's own SDK, and against whatever bytes may come."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cloudevents.core.bindings import kafka as sdk
from cloudevents.core.v1.event import CloudEvent as SdkEvent
from hypothesis import given
from hypothesis import strategies as st

from adapters.kafka.cloudevents import CloudEvent, decode, encode
from domain.errors import Unreadable

OURS = {"id", "source", "type", "specversion", "time", "subject", "data", "datacontenttype", "dataschema"}

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40)
names = st.from_regex(r"[a-z][a-z0-9]{0,19}", fullmatch=True).filter(
    lambda name: name not in {"id", "source", "type", "specversion", "time", "subject", "data", "dataschema"}
)
zones = st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9, minutes=-30))])
instants = st.builds(datetime.fromtimestamp, st.integers(-2_000_000_000, 7_000_000_000), zones)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda parts: st.lists(parts) | st.dictionaries(texts, parts)
)
attributes = st.fixed_dictionaries(
    {"id": texts, "source": texts, "type": texts},
    optional={"subject": texts, "time": instants.map(datetime.isoformat), "partitionkey": texts},
).flatmap(lambda known: st.dictionaries(names, texts, max_size=5).map(lambda more: {**more, **known}))


def as_sdk(attributes: dict[str, str], data: object) -> SdkEvent:
    given = {name: datetime.fromisoformat(text) if name == "time" else text for name, text in attributes.items()}
    return SdkEvent({**given, "datacontenttype": "application/json"}, data)  # type: ignore[arg-type]


@given(attributes, json_values)
def test_what_we_write_is_what_we_read(attributes: dict[str, str], data: object) -> None:
    event = CloudEvent({**attributes, "datacontenttype": "application/json"}, json.dumps(data).encode())
    assert decode(encode(event), event.data) == event


@given(attributes, json_values.filter(lambda data: data is not None))
def test_the_sdk_reads_what_we_write_in_binary_mode(attributes: dict[str, str], data: object) -> None:
    event = CloudEvent({**attributes, "datacontenttype": "application/json"}, json.dumps(data).encode())
    # The SDK percent-decodes header values, which the Kafka binding does not ask for: it gets them without percents.
    if any("%" in text for text in attributes.values()):
        return
    read = sdk.from_binary_event(sdk.KafkaMessage(dict(encode(event)), None, event.data or b""))
    assert {name: read.get_attributes()[name] for name in ("id", "source", "type")} == {
        name: attributes[name] for name in ("id", "source", "type")
    }
    assert read.get_data() == data
    if "time" in attributes:
        assert read.get_time() == datetime.fromisoformat(attributes["time"])


@given(attributes, json_values.filter(lambda data: data is not None))
def test_we_read_what_the_sdk_writes_in_structured_mode(attributes: dict[str, str], data: object) -> None:
    message = sdk.to_structured_event(as_sdk(attributes, data))
    read = decode(list(message.headers.items()), message.value)
    assert json.loads(read.data or b"") == data
    wanted = {name: text for name, text in attributes.items() if name != "time"}
    assert {name: read.attributes[name] for name in wanted} == wanted
    if "time" in attributes:
        assert datetime.fromisoformat(read.attributes["time"]) == datetime.fromisoformat(attributes["time"])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["ce_id", "ce_source", "ce_type", "ce_specversion", "ce_time", "content-type", "ce_Å", "x"]
            ),
            st.none() | st.binary(max_size=20) | st.sampled_from([b"1.0", b"0.3", b"application/cloudevents+json"]),
        )
    ),
    st.none() | st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()),
)
def test_whatever_comes_is_read_or_refused_with_its_faults(
    headers: list[tuple[str, bytes | None]], value: bytes | None
) -> None:
    try:
        event = decode(headers, value)
    except Unreadable as unreadable:
        said = [": " in fault for fault in unreadable.faults]
    else:
        said = [bool(event.attributes[name]) for name in ("id", "source", "type")]
    assert said
    assert all(said)


GOOD: list[tuple[str, bytes | None]] = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"1"),
    ("ce_source", b"/s"),
    ("ce_type", b"t"),
]


@pytest.mark.parametrize(
    ("headers", "value", "says"),
    [
        (GOOD[1:], b"{}", "ce_specversion: is missing"),
        ([("ce_specversion", b"0.3"), *GOOD[1:]], b"{}", "is '0.3'"),
        ([*GOOD[:1], *GOOD[2:]], b"{}", "ce_id: is missing"),
        ([*GOOD, ("ce_id", b"2")], b"{}", "header ce_id: stands twice"),
        ([*GOOD, ("ce_subject", None)], b"{}", "header ce_subject: is null"),
        ([*GOOD, ("ce_subject", b"\xff")], b"{}", "header ce_subject: is not UTF-8"),
        ([*GOOD, ("ce_Subject", b"x")], b"{}", "a name holds a-z"),
        ([*GOOD, ("ce_subject", b"a\x00b")], b"{}", "control character"),
        ([*GOOD, ("ce_time", b"2026-03-04")], b"{}", "no RFC 3339 instant"),
        ([*GOOD, ("ce_time", b"2026-13-04T00:00:00Z")], b"{}", "no RFC 3339 instant"),
        ([("content-type", b"application/cloudevents-batch+json".replace(b"+json", b""))], b"[]", "a batch"),
        ([("content-type", b"application/cloudevents+avro")], b"", "cannot be read"),
        ([("content-type", b"application/cloudevents+json")], b'{"id": ', "no JSON"),
        ([("content-type", b"application/cloudevents+json")], None, "no JSON"),
        ([("content-type", b"application/cloudevents+json")], b'{"data": NaN}', "no JSON number"),
        ([("content-type", b"application/cloudevents+json")], b'{"data": 1, "data_base64": ""}', "both data"),
        ([("content-type", b"application/cloudevents+json")], b'{"id": "\\u0000"}', "which is no text"),
        ([("content-type", b"application/cloudevents+json")], b"[" * 500 + b"]" * 500, "nested deeper"),
        ([("content-type", b"application/cloudevents+json")], b"[" * 100000, "no JSON"),
    ],
)
def test_a_fault_names_its_place(headers: list[tuple[str, bytes | None]], value: bytes | None, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        decode(headers, value)
