"""Parked messages as a feed: each goes to `<topic>.dlq` with its untouched key, value and headers, and why."""

import time
from typing import Any

from adapters.kafka.port import Record
from adapters.kafka.settings import KafkaSettings, dead_letter_topic
from adapters.kafka.tables import Tables
from adapters.kafka_in.reading import headers_of
from adapters.kafka_out.feed import Outgoing

FEED = "dead-letters"
POLL_SECONDS = 0.5

_PAGE = """
    SELECT number, reason, says, stream, topic, partition, record_offset, recorded_ms, key, value, headers, parked_at
    FROM @kafka_parked WHERE number > ? ORDER BY number LIMIT ?"""


class DeadLetters:
    """What was parked, in order. One that is too large for its topic goes without its value, which the log keeps."""

    def __init__(self, tables: Tables, settings: KafkaSettings, *, record_bytes_max: int) -> None:
        self._tables = tables
        self._record_bytes_max = record_bytes_max
        self.name = settings.topic(FEED)
        self.without_value = 0

    def begin(self) -> None:
        """Do nothing: a page depends on the position alone."""

    def head(self) -> int:
        """Return the number of the last message that was parked."""
        with self._tables.reading() as run:
            return int(run.rows("SELECT coalesce(max(number), 0) FROM @kafka_parked")[0][0])

    def page(self, after: int, limit: int) -> list[Outgoing]:
        """Return up to `limit` messages after a number."""
        with self._tables.reading() as run:
            found = run.rows(_PAGE, (after, limit))
        return [Outgoing(row[0], self._record(*row)) for row in found]

    def wait(self, after: int, timeout_seconds: float) -> None:
        """Come back when there is a message after a number, and at the latest when the time is over."""
        end = time.monotonic() + timeout_seconds
        while self.head() <= after and time.monotonic() < end:
            time.sleep(POLL_SECONDS)

    def close(self) -> None:
        """Do nothing: what it reads from is not its own."""

    def _record(self, number: int, *row: Any) -> Record:
        reason, says, stream, topic, partition, offset, ms, key, value, headers, parked_at = row
        why = {
            "number": number,
            "reason": reason,
            "says": says,
            "stream": stream,
            "topic": topic,
            "partition": partition,
            "offset": offset,
            "timestamp": ms,
        }
        told = [(f"cynosure_parked_{word}", str(said).encode()) for word, said in why.items()]
        # The client sends no header without a value, so such a one has an empty value here; the log keeps the null.
        came = [(name, said or b"") for name, said in headers_of(headers)]
        # Retention works on timestamps: what was old when it came would be deleted at once under its own.
        at = parked_at // 1_000
        record = Record(dead_letter_topic(topic), _bytes(key), _bytes(value), [*came, *told], at)
        if record.size > self._record_bytes_max:
            self.without_value += 1
            size = str(len(record.value or b"")).encode()
            record = record._replace(value=None, headers=[*told, ("cynosure_parked_valuebytes", size)])
        # Nor does it send a record that has neither key nor value.
        return record if record.key is not None or record.value is not None else record._replace(value=b"")


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
