"""What became of each command and report that came by Kafka, as a feed: every one is answered, a repeat too."""

import json
import time
from typing import Any

from adapters.kafka.cloudevents import JSON, CloudEvent, encode
from adapters.kafka.port import Record
from adapters.kafka.settings import KafkaSettings
from adapters.kafka.tables import Tables
from adapters.kafka.types import event_type
from adapters.kafka_out.feed import Outgoing

OUTCOMES = "outcomes.v1"
POLL_SECONDS = 0.1

_PAGE = """
    SELECT a.number, a.source, a.message_id, a.topic, a.partition, a.record_offset, a.alliance, a.body,
        m.first, m.last, m.outcome
    FROM @kafka_answers a LEFT JOIN @messages m ON m.source = a.message_source AND m.id = a.message_id
    WHERE a.number > ? ORDER BY a.number LIMIT ?"""


class Outcomes:
    """The answers in the order in which they were given, each keyed by the id of its message."""

    def __init__(self, tables: Tables, settings: KafkaSettings, *, source: str) -> None:
        self._tables = tables
        self._settings = settings
        self._source = source
        self.name = settings.topic(OUTCOMES)
        self.without_value = 0

    def begin(self) -> None:
        """Do nothing: a page depends on the position alone."""

    def head(self) -> int:
        """Return the number of the last answer."""
        with self._tables.reading() as run:
            return int(run.rows("SELECT coalesce(max(number), 0) FROM @kafka_answers")[0][0])

    def page(self, after: int, limit: int) -> list[Outgoing]:
        """Return up to `limit` answers after a number."""
        with self._tables.reading() as run:
            found = run.rows(_PAGE, (after, limit))
        return [Outgoing(number, self._record(number, *answer)) for number, *answer in found]

    def wait(self, after: int, timeout_seconds: float) -> None:
        """Come back when there is an answer after a number, and at the latest when the time is over."""
        end = time.monotonic() + timeout_seconds
        while self.head() <= after and time.monotonic() < end:
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Do nothing: what it reads from is not its own."""

    def _record(self, number: int, source: str, message_id: str | None, *rest: Any) -> Record:
        topic, partition, offset, alliance, body, first, last, outcome = rest
        place = {"topic": topic, "partition": partition, "offset": offset, "alliance": alliance}
        said = json.loads(body) if body is not None else remembered(first, last, outcome)
        answer = {"source": source, "id": message_id, **place, **EMPTY, **said}
        attributes = {
            "id": f"outcome-{number}",
            "source": self._source,
            "type": event_type("outcome", 1),
            "datacontenttype": JSON,
            "dataschema": f"{self._settings.schemas_uri}outcome.v1.json",
            "answeredto": source or topic,
        }
        key = (message_id or f"{topic}/{partition}/{offset}").encode()
        value = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
        return Record(self.name, key, value, encode(CloudEvent(attributes, value)), time.time_ns() // 1_000_000)


EMPTY: dict[str, Any] = {
    "first": None,
    "position": None,
    "rule": None,
    "clause": None,
    "because_of": [],
    "reason": None,
    "says": None,
}


def remembered(first: int, last: int, outcome: str | None) -> dict[str, Any]:
    """Return what the log remembers of a message: where its events are, or why it was refused."""
    if outcome is None:
        return {"state": "accepted", "first": first if first <= last else None, "position": last}
    return {**json.loads(outcome), "position": last}
