"""Events of the log as records: CloudEvents in binary mode, keyed by alliance, their fact exactly as it is stored."""

import hashlib
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from adapters.event_log.rows import Stored
from adapters.kafka.cloudevents import JSON, CloudEvent, encode
from adapters.kafka.port import Record
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.types import event_type
from adapters.kafka_out.feed import Outgoing
from domain.ports import LogIdentity

EVENTS = "events.v1"
MICROSECONDS_PER_MILLISECOND = 1_000


class Source(Protocol):
    """What is asked of the log."""

    def identity(self) -> LogIdentity: ...
    def head(self) -> int: ...
    def pages(self, after: int, limit: int) -> list[Stored]: ...
    def wait(self, after: int, timeout_seconds: float) -> int: ...


class _Meta(msgspec.Struct):
    """What is read of the envelope; findings and evidence stay the JSON that they are."""

    effective_at: int
    precision: str = "instant"
    zone: str = "UTC"
    source_recorded_at: int | None = None
    actor: dict[str, str] = {}  # msgspec copies an empty default
    correlation_id: str | None = None
    causation_id: str | None = None
    evidence: msgspec.Raw = msgspec.Raw()
    charter_version: str | None = None
    clause: str | None = None
    findings: msgspec.Raw = msgspec.Raw()


_meta_of = msgspec.json.Decoder(_Meta).decode


class Events:
    """The events of one log as a feed. An event larger than `record_bytes_max` goes out as a reference to itself."""

    def __init__(self, log: Source, settings: KafkaSettings, *, record_bytes_max: int) -> None:
        self._log = log
        self._identity = log.identity()
        self._topic = settings.topic(EVENTS)
        self._schemas_uri = settings.schemas_uri
        self._record_bytes_max = record_bytes_max
        self.name = self._topic
        self.source = source_of(self._identity)
        self.without_value = 0

    def begin(self) -> None:
        """Do nothing: a page depends on the position alone."""

    def head(self) -> int:
        """Return the highest position there is."""
        return self._log.head()

    def page(self, after: int, limit: int) -> list[Outgoing]:
        """Return up to `limit` records after a position."""
        return [Outgoing(stored.position, self.record(stored)) for stored in self._log.pages(after, limit)]

    def wait(self, after: int, timeout_seconds: float) -> None:
        """Come back when there is an event after a position, and at the latest when the time is over."""
        self._log.wait(after, timeout_seconds)

    def close(self) -> None:
        """Do nothing: what it reads from is not its own."""

    def record(self, stored: Stored) -> Record:
        """Return an event as it is published. Nothing sealed is in it."""
        attributes = self.attributes(stored)
        record = self._record(stored, attributes, stored.fact)
        if record.size <= self._record_bytes_max:
            return record
        self.without_value += 1
        attributes |= {
            "dataref": f"{self.source}:events:{stored.position}",
            "datasize": str(len(stored.fact)),
            "datasha256": hashlib.sha256(stored.fact).hexdigest(),
        }
        for word in ("findings", "evidence"):
            attributes.pop(word, None)
        return self._record(stored, attributes, None)

    def _record(self, stored: Stored, attributes: dict[str, str], value: bytes | None) -> Record:
        headers = encode(CloudEvent(attributes, value))
        at = stored.recorded_at // MICROSECONDS_PER_MILLISECOND
        return Record(self._topic, stored.alliance.encode(), value, headers, at)

    def attributes(self, stored: Stored) -> dict[str, str]:
        """Return the attributes of an event; what it does not say is left out."""
        meta = _meta_of(stored.meta)
        said = {
            "id": stored.event_id,
            "source": self.source,
            "type": event_type(stored.name, stored.schema_version),
            "subject": stored.stream,
            "time": _instant(meta.effective_at),
            "datacontenttype": JSON,
            "dataschema": f"{self._schemas_uri}events/{stored.name}.v{stored.schema_version}.json",
            "partitionkey": stored.alliance,
            "sequence": sequence(self._identity.incarnation, stored.position),
            "recordedtime": _instant_exactly(stored.recorded_at),
            "streamversion": str(stored.version),
        }
        if meta.precision != "instant":
            said |= {"precision": meta.precision, "zone": meta.zone}
        for word, value in (
            ("correlationid", meta.correlation_id),
            ("causationid", meta.causation_id),
            ("charterversion", meta.charter_version),
            ("clause", meta.clause),
        ):
            if value is not None:
                said[word] = value
        for word, value in meta.actor.items():
            said[f"actor{word}"] = value
        if meta.source_recorded_at is not None:
            said["sourcerecordedtime"] = _instant(meta.source_recorded_at)
        for word, raw in (("findings", bytes(meta.findings)), ("evidence", bytes(meta.evidence))):
            if raw:
                said[word] = raw.decode()
        return said


def source_of(identity: LogIdentity) -> str:
    """Return the one stable URI of a log."""
    return f"urn:uuid:{identity.id}"


def sequence(incarnation: int, position: int) -> str:
    """Return the place of an event as text that sorts as the events do, a restored log after the one it was before."""
    return f"{incarnation:010d}-{position:020d}"


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6] + "Z"


def _instant_exactly(microseconds: int) -> str:
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{_instant(seconds)[:-1]}.{rest:06d}Z"


def event_at(log: Any, position: int) -> Stored | None:
    """Return the event at a position, to which a record without a value refers."""
    found: list[Stored] = log.pages(position - 1, 1)
    return found[0] if found and found[0].position == position else None
